/**
 * The whole lifecycle on a repository of another language and layout than the demo's, by the commands that a person types: what it
 * came to is asked of git, of python and of the files, not of okstra.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeHost } from "../../src/host/node/index.ts";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import { readRun } from "../../src/model/index.ts";
import { verifyJournal } from "../../src/registry/index.ts";
import type { Report } from "../../src/report/report.schema.ts";
import { brief, key, lacking, openParcelDesk, python, settings } from "../rig/parcel-desk.ts";
import { puppets } from "../rig/puppet.ts";
import { packageRoot, type Ran, type Rig } from "../rig/rig.ts";

const reason = lacking();

const reportOf = (run: RunSummary | undefined): Report =>
  JSON.parse(readFileSync(run?.report?.data ?? "", "utf8")) as Report;

/** A command that must end with this exit code. */
async function typed(rig: Rig, code: number, ...args: string[]): Promise<Ran> {
  const ran = await rig.okstra(args);
  expect(ran.code, `okstra ${args.join(" ")}\n${ran.stdout}${ran.stderr}`).toBe(code);
  return ran;
}

/** When the first dispatch of a stage began and its executor's work was collected, from its journal. */
function span(run: RunSummary | undefined): { from: string; to: string } {
  const lines = readFileSync(join(run?.runDir ?? "", "state/events-001.jsonl"), "utf8")
    .trim()
    .split("\n");
  const events = lines.map((line) => JSON.parse(line) as { time: string; type: string; data: { step?: string } });
  const at = (type: string, step?: string): string =>
    events.find((event) => event.type === type && (step === undefined || event.data.step === step))?.time ?? "";
  return { from: at("dispatch.intended"), to: at("step.completed", "dispatch") };
}

test.skipIf(reason !== undefined)(
  `a Python monorepo from init to the hand-off${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  async () => {
    await using rig = openParcelDesk();
    const start = rig.git("rev-parse", "main");
    const agents = ["--agents", `scripted:${join(rig.folder, "scenario.yaml")}`];

    // Nothing in the repository says how it is tested: init says so, and the person names it.
    const init = await typed(rig, 0, "init", "--project-id", "parcel-desk");
    expect(init.stdout).toMatch(/no check was found; name yours in \.okstra\/project\.json/);
    expect(init.stdout).toMatch(/copied into worktrees +\.env/);
    expect(init.stdout).toMatch(/--base-ref main$/m);
    rig.write(".okstra/project.json", settings());

    const discovery = [
      "run",
      brief,
      "--task-key",
      key,
      "--task-type",
      "requirements-discovery",
      "--category",
      "bugfix",
    ];
    const asked = await typed(rig, 0, ...discovery, "--base-ref", "main", ...agents);
    expect(asked.stdout).toMatch(/↳ Answer C-001 .*: okstra answer parcel-desk\/counter\/round-weights C-001/);
    expect((await typed(rig, 3, "go", key, ...agents)).stdout).toContain("Answer C-001");
    await typed(rig, 0, "answer", key, "C-001", "Half up: 1.0005 kg is 1001 g.");

    const planned = await typed(rig, 3, "go", key, ...agents);
    const content = /okstra approve \S+ --content (?<hash>[0-9a-f]{12})/.exec(planned.stdout)?.groups?.["hash"] ?? "";
    await typed(rig, 0, "approve", key, "--content", content);

    // Both executors wait until both are at work.
    await using desk = await puppets(join(rig.folder, "desk.sock"));
    const built = rig.launch(["implement", key, "--stage", "all", "--parallel", "2", ...agents]);
    await Promise.race([desk.arrived(2), built.done.then((ran) => expect.unreachable(`${ran.stdout}${ran.stderr}`))]);
    const trees = rig.git("worktree", "list", "--porcelain").match(/^branch .*-s[123]$/gm);
    expect(trees).toEqual(["branch refs/heads/fix-round-weights-s1", "branch refs/heads/fix-round-weights-s2"]);
    desk.go();
    const implemented = await built.done;
    expect(implemented.code, implemented.stderr).toBe(0);

    expect((await typed(rig, 3, "go", key, ...agents)).stdout).toContain(`okstra handoff ${key} --action commit-only`);
    const handed = await typed(rig, 0, "handoff", key, "--action", "commit-only", ...agents);
    expect(handed.stdout).toContain("git switch main && git merge fix-round-weights-handoff");
    expect((await typed(rig, 0, "go", key, ...agents)).stdout).toContain("Nothing is left to do");

    const { runs } = (await typed(rig, 0, "status", key, "--json")).json<{ runs: RunSummary[] }>();
    expect(runs.map(({ taskType, stage, outcome, verdict }) => [taskType, stage, outcome, verdict])).toEqual([
      ["requirements-discovery", null, "completed", "implementation-planning"],
      ["implementation-planning", null, "completed", "passed"],
      ["implementation", 1, "completed", "merged"],
      ["implementation", 2, "completed", "merged"],
      ["implementation", 3, "completed", "merged"],
      ["final-verification", null, "completed", "accepted"],
      ["release-handoff", null, "completed", "commit-only"],
    ]);
    const [one, two, three] = [1, 2, 3].map((stage) => span(runs.find((run) => run.stage === stage)));
    if (one === undefined || two === undefined || three === undefined) return expect.unreachable();
    expect(one.from < two.to && two.from < one.to).toBe(true);
    expect(three.from > one.to && three.from > two.to).toBe(true);

    expectRepository(rig, { start, runs });
    expectPrograms(rig);
    await expectRecords(rig, runs);
  },
  // A dozen commands one after another on a machine that may be busy; nothing waits for it to pass.
  240_000,
);

/** What git says: every stage test-first on a branch of its own, merged, handed over; main and the person's tree untouched. */
function expectRepository(rig: Rig, { start, runs }: { start: string; runs: readonly RunSummary[] }): void {
  const head = rig.git("rev-parse", "fix-round-weights-handoff");
  expect(rig.git("rev-parse", "fix-round-weights", "main").split("\n")).toEqual([head, start]);
  expect(rig.git("status", "--porcelain")).toBe("?? .okstra/");
  const subjects = (range: string): string[] =>
    rig.git("log", "--reverse", "--no-merges", "--format=%s", range).split("\n");
  expect(subjects(`${start}..fix-round-weights-s1`)).toEqual([
    "test(core): a limit belongs to its band",
    "fix(core): take limits as inclusive",
  ]);
  expect(subjects(`${start}..fix-round-weights-s2`)).toEqual([
    "test(cli): kilograms with a decimal point",
    "fix(cli): multiply before rounding",
  ]);
  for (const stage of [1, 2, 3]) rig.git("merge-base", "--is-ancestor", `fix-round-weights-s${stage}`, head);
  // Stage 3 began where both were merged.
  for (const stage of [1, 2])
    rig.git("merge-base", "--is-ancestor", `fix-round-weights-s${stage}`, "fix-round-weights-s3");
  expect(rig.git("diff", "--name-only", start, head).split("\n")).toEqual([
    "README.md",
    "packages/cli/desk/__main__.py",
    "packages/cli/desk/quote.py",
    "packages/cli/desk/weight.py",
    "packages/cli/tests/test_explain.py",
    "packages/cli/tests/test_fractions.py",
    "packages/core/postage/bands.py",
    "packages/core/tests/test_limits.py",
  ]);
  expect(rig.git("fsck", "--no-dangling", "--no-progress")).toBe("");
  const verified = reportOf(runs.find((run) => run.taskType === "final-verification"));
  expect(verified).toMatchObject({ verdict: "accepted", verifiedCommit: head, baseCommit: start });
}

/** What python says, in a checkout that okstra knows nothing of: the old fault at the base, the price list at the head. */
function expectPrograms(rig: Rig): void {
  const quotes = (commit: string): string[] => {
    const tree = join(rig.folder, `look-${commit}`);
    rig.git("worktree", "add", "--quiet", "--detach", tree, commit);
    rig.write(join(tree, ".env"), rig.read(".env"));
    const asked = `[("2 kg", 1), ("500 g", 1), ("2.5 kg", 2)]`;
    const printed = python(tree, "cli", "-c", `from desk.quote import quote\nfor one in ${asked}: print(quote(*one))`);
    for (const name of ["core", "cli"] as const)
      python(tree, name, "-m", "unittest", "discover", "-s", "tests", "-t", ".");
    rig.git("worktree", "remove", "--force", tree);
    return printed.trim().split("\n");
  };
  expect(quotes("main")).toEqual(["EUR 7.40", "EUR 5.10", "EUR 8.88"]);
  expect(quotes("fix-round-weights-handoff")).toEqual(["EUR 5.10", "EUR 3.20", "EUR 8.88"]);
}

/** What the records say: TDD proven in each package's own folder, journals whole, nothing that validate finds. */
async function expectRecords(rig: Rig, runs: readonly RunSummary[]): Promise<void> {
  const stages = runs.map(reportOf).filter((report) => report.taskType === "implementation");
  expect(
    stages.map((report) => report.tddEvidence.map(({ holds, redExit, greenExit }) => [holds, redExit, greenExit])),
  ).toEqual([1, 2, 3].map(() => [[true, 1, 0]]));
  expect(
    stages.map((report) => report.validation.map(({ command, outcome }) => [command.slice(0, 16), outcome])),
  ).toEqual([
    expect.arrayContaining([["cd packages/core", "passed"]]),
    expect.arrayContaining([["cd packages/cli ", "passed"]]),
    expect.arrayContaining([["cd packages/cli ", "passed"]]),
  ]);
  const host = nodeHost({ env: { PATH: process.env["PATH"] ?? "" }, packageRoot });
  for (const run of runs) {
    const ref = readRun(run.id);
    const place = { host, home: rig.home, projectRoot: rig.root, key: ref.key };
    expect(await verifyJournal(host, place, ref), run.id).toEqual({ ok: true, value: [] });
    expect(existsSync(run.report?.html ?? ""), run.id).toBe(true);
  }
  const validated = (await typed(rig, 0, "validate", "run", "--all", "--json")).json<{
    ok: boolean;
    checks: unknown[];
  }>();
  expect(validated.ok).toBe(true);
  expect(validated.checks.length).toBeGreaterThan(runs.length * 5);
}
