/** The demo as a stranger runs it, kept, and then looked at with git and the files alone. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ConvergenceState } from "../../src/convergence/convergence.schema.ts";
import { checkDemoAnswer } from "../../src/generated/answers.check.js";
import { nodeHost } from "../../src/host/node/index.ts";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import { readRun } from "../../src/model/index.ts";
import { readJournal, verifyJournal } from "../../src/registry/index.ts";
import type { Report, ReportImplementationPlanning } from "../../src/report/report.schema.ts";
import { englishLeft } from "../rig/korean.ts";
import { packageRoot } from "../rig/rig.ts";

type Demo = { project: string; taskKey: string; elapsedMs: number; verdict: string; runs: RunSummary[] };

const folder = realpathSync(mkdtempSync(join(tmpdir(), "okstra demo test-")));
const home = join(folder, "empty home");
const kept = join(folder, "kept");
const env = { PATH: process.env["PATH"] ?? "", HOME: home };
const gitEnv = {
  ...env,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.org",
};
let demo: Demo;
let stdout = "";

const git = (...args: string[]): string =>
  execFileSync("git", args, { cwd: demo.project, env: gitEnv, encoding: "utf8" }).trim();
const reportOf = (run: RunSummary | undefined): Report =>
  JSON.parse(readFileSync(run?.report?.data ?? "", "utf8")) as Report;
const runOf = (taskType: string): RunSummary | undefined => demo.runs.find((run) => run.taskType === taskType);

beforeAll(() => {
  mkdirSync(home);
  stdout = execFileSync(
    process.execPath,
    [join(packageRoot, "dist/main.js"), "demo", "--dir", kept, "--keep", "--json"],
    { env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], cwd: folder },
  );
  demo = JSON.parse(stdout) as Demo;
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the JSON is the documented one, every run completed, the verdict accepted", () => {
  const document: unknown = JSON.parse(stdout);
  expect(checkDemoAnswer(document), JSON.stringify(checkDemoAnswer.errors)).toBe(true);
  expect(demo.verdict).toBe("accepted");
  expect(demo.runs.map((run) => [run.taskType, run.stage, run.outcome])).toEqual([
    ["error-analysis", null, "completed"],
    ["implementation-planning", null, "completed"],
    ["implementation", expect.any(Number), "completed"],
    ["implementation", expect.any(Number), "completed"],
    ["implementation", 3, "completed"],
    ["final-verification", null, "completed"],
    ["release-handoff", null, "completed"],
  ]);
});

test("nothing outside its folder is touched", () => {
  expect(readdirSync(home)).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual(["empty home", "kept"]);
});

/** The order of the brief. */
const order = {
  number: "2024-0131",
  date: "2024-05-13",
  customer: "A customer",
  discountPercent: 10,
  lines: [
    { text: "Desk lamp", quantity: 1, price: "23.25", vat: 20 },
    { text: "Pencil sharpener", quantity: 1, price: "1.35", vat: 20 },
    { text: "Pocket calendar", quantity: 1, price: "10.25", vat: 10 },
    { text: "Road atlas", quantity: 1, price: "19.15", vat: 10 },
  ],
};

test("the fault is gone on the task branch, and the tests pass there", () => {
  const tree = runOf("final-verification")?.worktree?.path ?? "";
  execFileSync("node", ["--test"], { cwd: tree, env: gitEnv, stdio: "pipe" });
  const file = join(folder, "order.json");
  writeFileSync(file, JSON.stringify(order));
  const invoice = (cwd: string) => execFileSync("node", ["src/main.js", file], { cwd, env: gitEnv, encoding: "utf8" });
  expect(invoice(demo.project)).toMatch(/Total +EUR 55\.64/);
  expect(invoice(tree)).toMatch(/Total +EUR 55\.68/);
});

test("the stage branches are merged, test first in each", () => {
  const branch = runOf("final-verification")?.worktree?.branch ?? "";
  for (const stage of [1, 2, 3]) {
    git("merge-base", "--is-ancestor", `refs/heads/${branch}-s${stage}`, `refs/heads/${branch}`);
    const subjects = git(
      "log",
      "--reverse",
      "--format=%s",
      `main..refs/heads/${branch}-s${stage}`,
      "--no-merges",
    ).split("\n");
    expect(subjects[0]).toMatch(/^test\(/);
  }
  for (const run of demo.runs.filter((one) => one.taskType === "implementation")) {
    const report = reportOf(run);
    if (report.taskType !== "implementation") throw new Error("another report");
    expect(report.tddEvidence.length).toBeGreaterThan(0);
    expect(report.tddEvidence.every((one) => one.holds)).toBe(true);
    expect(report.commits.map((commit) => commit.sha)).toEqual(
      git("rev-list", "--reverse", `${report.base}..${report.head}`).split("\n"),
    );
  }
});

test("the accepted commit is handed over on a branch of its own, and nothing else moved", () => {
  const verified = reportOf(runOf("final-verification"));
  const handed = reportOf(runOf("release-handoff"));
  if (verified.taskType !== "final-verification" || handed.taskType !== "release-handoff")
    throw new Error("another report");
  const branch = runOf("final-verification")?.worktree?.branch ?? "";
  expect(handed).toMatchObject({ action: "commit-only", base: "main", branch: `${branch}-handoff`, pullRequest: null });
  expect(git("rev-parse", `refs/heads/${handed.branch}`)).toBe(verified.verifiedCommit);
  expect(git("rev-parse", `refs/heads/${branch}`)).toBe(verified.verifiedCommit);
  // What stands in the report is so: the base has the sample's one commit, and the merge of both is clean.
  expect(git("rev-list", "--count", "main")).toBe("1");
  expect(git("merge-tree", "--write-tree", "main", handed.branch)).toBe(git("rev-parse", `${handed.branch}^{tree}`));
  expect(git("remote")).toBe("");
  expect(handed.verdictCard.nextStep).toBe(`git switch main && git merge ${handed.branch}`);
});

test("the finding with the false quote stands refuted, and blocks nobody", () => {
  const report = reportOf(runOf("error-analysis"));
  const refuted = report.items.filter((item) =>
    item.members.some((member) => member.evidence.some((one) => one.state === "refuted")),
  );
  expect(refuted.map((item) => item.class)).toEqual(["unsubstantiated"]);
  expect(readFileSync(runOf("error-analysis")?.report?.markdown ?? "", "utf8")).toContain("refuted");
});

test("in every round everybody asked gives an answer that counts", () => {
  for (const run of demo.runs) {
    const state = join(run.runDir, "state", `convergence-${String(run.seq).padStart(3, "0")}.json`);
    if (!existsSync(state)) continue;
    const { skippedWorkers } = JSON.parse(readFileSync(state, "utf8")) as ConvergenceState;
    expect(skippedWorkers, run.id).toEqual([]);
  }
  expect(reportOf(runOf("implementation-planning")).items.map((item) => item.class)).toEqual([
    "full-consensus",
    "full-consensus",
  ]);
});

test("a command that only looks loads few files and little code", () => {
  const allowed = { version: [1, 64], list: [4, 240], status: [7, 660], show: [7, 660] } as const;
  for (const [command, [files, kilobytes]] of Object.entries(allowed)) {
    const seen = join(folder, `loaded by ${command}`);
    const arguments_ = /list|version/.test(command) ? [command] : [command, demo.taskKey];
    execFileSync(process.execPath, [join(packageRoot, "dist/main.js"), ...arguments_], {
      cwd: demo.project,
      env: { ...env, OKSTRA_HOME: join(kept, "home"), NODE_V8_COVERAGE: seen },
      stdio: "pipe",
    });
    const loaded = readdirSync(seen).flatMap((name) => scriptsOf(join(seen, name)));
    const size = loaded.reduce((sum, path) => sum + statSync(path).size, 0);
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.length, `${command}: ${loaded.join(" ")}`).toBeLessThanOrEqual(files);
    expect(size / 1000, `${command}: kB`).toBeLessThanOrEqual(kilobytes);
    rmSync(seen, { recursive: true });
  }
});

/** Of what Node writes about a process's coverage, the files of okstra. */
function scriptsOf(path: string): string[] {
  const { result } = JSON.parse(readFileSync(path, "utf8")) as { result: { url: string }[] };
  // What okstra loads by itself bears its path, what Node loads a URL.
  return result.flatMap(({ url }) =>
    url.startsWith("file:") ? [fileURLToPath(url)] : url.startsWith("/") ? [url] : [],
  );
}

test("the plan was approved through approve, and the record names the demo", () => {
  const run = runOf("implementation-planning");
  const record = JSON.parse(readFileSync(join(run?.runDir ?? "", "reports/approval-001.json"), "utf8")) as {
    via: string;
    content: string;
  };
  expect(record.via).toBe("demo");
  const report = reportOf(run) as ReportImplementationPlanning;
  expect(report.plan?.options.length).toBeGreaterThanOrEqual(2);
  expect(report.plan?.stageMap.stages.map((stage) => stage.dependsOn)).toEqual([[], [], [1, 2]]);
  expect(report.approval?.content).toBe(record.content);
});

test("stages 1 and 2 overlap in time, each in a worktree of its own", async () => {
  const host = nodeHost({ env: gitEnv, packageRoot });
  const spans = await Promise.all(
    [1, 2].map(async (stage) => {
      const run = demo.runs.find((one) => one.stage === stage);
      const ref = readRun(run?.id ?? "");
      const place = { host, home: join(kept, "home"), projectRoot: demo.project, key: ref.key };
      const read = await readJournal(host, place, ref);
      const events = read.ok ? read.value.events : [];
      const asked = events.find((event) => event.type === "dispatch.intended" && event.data.writes);
      const tree = asked?.type === "dispatch.intended" ? asked.data.tree : null;
      expect(tree).toBe(run?.worktree?.path);
      return { tree, from: Date.parse(asked?.time ?? ""), to: Date.parse(events.at(-1)?.time ?? "") };
    }),
  );
  const [one, two] = spans;
  expect(one?.tree).not.toBe(two?.tree);
  // From the executor's start to the end of the run.
  expect(Math.max(...spans.map(({ from }) => from))).toBeLessThan(Math.min(...spans.map(({ to }) => to)));
});

test("the journals verify, and every report says that the agents were scripted", async () => {
  const host = nodeHost({ env: gitEnv, packageRoot });
  for (const run of demo.runs) {
    const ref = readRun(run.id);
    const place = { host, home: join(kept, "home"), projectRoot: demo.project, key: ref.key };
    expect(await verifyJournal(host, place, ref)).toEqual({ ok: true, value: [] });
    expect(reportOf(run).scripted).toBe(true);
    expect(existsSync(run.report?.html ?? "")).toBe(true);
  }
});

type Said = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A command on the kept demo. */
function okstra(...args: string[]): Said {
  const at = { ...gitEnv, HOME: join(kept, "user"), OKSTRA_HOME: join(kept, "home") };
  const argv = [join(packageRoot, "dist/main.js"), ...args];
  const ran = spawnSync(process.execPath, argv, { cwd: demo.project, env: at, encoding: "utf8" });
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

function handOver(...args: string[]): Said & { readonly run: RunSummary } {
  const agents = ["--agents", `scripted:${join(kept, "scenario.yaml")}`, "--json"];
  const said = okstra("handoff", demo.taskKey, ...args, ...agents);
  return { ...said, run: JSON.parse(said.stdout) as RunSummary };
}

test("in Korean nothing that okstra itself says is left in English", () => {
  for (const run of demo.runs) expect(englishLeft(reportOf(run)), run.id).toEqual([]);
});

test("accepted work is handed over again in another form, or not at all; what others have is left alone", () => {
  const branch = `${runOf("final-verification")?.worktree?.branch ?? ""}`;
  const ref = `refs/heads/${branch}-handoff`;
  const head = git("rev-parse", branch);
  const at = (): string => git("rev-parse", ref);

  expect(handOver("--action", "skip").run).toMatchObject({ outcome: "completed", verdict: "skip" });
  expect(at()).toBe(head);

  // As one commit: the same files, on what the base is, with the person's message; again, it is replaced.
  expect(handOver("--action", "commit-only", "--squash", "--message", "Figures that add up").run.outcome).toBe(
    "completed",
  );
  const squash = at();
  expect(git("rev-list", "--count", `main..${squash}`)).toBe("1");
  expect(git("rev-parse", `${squash}^`, `${squash}^{tree}`)).toBe(git("rev-parse", "main", `${head}^{tree}`));
  expect(git("log", "-1", "--format=%s%n%(trailers:key=Okstra-Run,valueonly)", squash)).toMatch(
    /^Figures that add up\n.*@release-handoff#003$/,
  );
  expect(handOver("--action", "commit-only").run.outcome).toBe("completed");
  expect(at()).toBe(head);

  // Checked out somewhere, or with a commit of somebody else: not moved, and said.
  git("update-ref", ref, squash);
  const elsewhere = join(folder, "elsewhere");
  git("worktree", "add", "--quiet", elsewhere, `${branch}-handoff`);
  const used = handOver("--action", "commit-only");
  expect([used.code, used.run.outcome, used.run.reason]).toEqual([1, "failed", "branch-taken"]);
  git("worktree", "remove", elsewhere);
  const foreign = git("commit-tree", `${head}^{tree}`, "-p", head, "-m", "mine");
  git("update-ref", ref, foreign);
  const taken = handOver("--action", "commit-only");
  expect([taken.code, taken.run.reason, at()]).toEqual([1, "branch-taken", foreign]);

  // The task branch moved after it was accepted: nothing is handed over.
  git("update-ref", ref, head);
  git("update-ref", `refs/heads/${branch}`, foreign);
  const moved = handOver("--action", "commit-only");
  git("update-ref", `refs/heads/${branch}`, head);
  expect([moved.code, at()]).toEqual([3, head]);
  expect(moved.stdout).toContain("not-accepted");
  expect(git("rev-parse", "main")).toBe(git("rev-list", "--max-parents=0", "main"));
});

test("a verification that was edited, or whose journal was, accepts nothing", () => {
  const verified = runOf("final-verification");
  const file = verified?.report?.data ?? expect.unreachable();
  const journal = join(verified?.runDir ?? "", "state/events-001.jsonl");
  const statusNeeds = (): string => {
    const status = JSON.parse(okstra("status", demo.taskKey, "--json").stdout) as {
      task: { gates: { name: string; needs: string[] }[] };
    };
    return status.task.gates.find((gate) => gate.name === "acceptance")?.needs.join() ?? "";
  };
  const refusal = (): string => {
    const refused = handOver("--action", "skip");
    expect(refused.code, refused.stdout).toBe(3);
    return (JSON.parse(refused.stdout) as { error: { message: string } }).error.message;
  };
  expect(statusNeeds()).toBe("");
  const edits: readonly [path: string, edit: (text: string) => string, why: RegExp, status: RegExp][] = [
    [
      file,
      (text) => text.replace(/("verifiedCommit": ")[0-9a-f]{40}/, `$1${"0".repeat(40)}`),
      /not what okstra/,
      /not what okstra/,
    ],
    [journal, (text) => text.trimEnd().split("\n").slice(0, -1).join("\n").concat("\n"), /journal/, /not what okstra/],
    [journal, () => "", /journal/, /not what okstra/],
    // A word in the middle: reading commands look at the end only, the gate at all of it.
    [journal, (text) => text.replace("phase-2", "phase-3"), /journal/, /^$/],
  ];
  for (const [path, edit, why, status] of edits) {
    const before = readFileSync(path, "utf8");
    expect(edit(before)).not.toBe(before);
    writeFileSync(path, edit(before));
    expect(refusal()).toMatch(why);
    expect(statusNeeds()).toMatch(status);
    writeFileSync(path, before);
  }
});

test("another home vouches for no run that it did not prepare", () => {
  const other = join(folder, "another home");
  const at = { ...gitEnv, HOME: join(kept, "user"), OKSTRA_HOME: other };
  const main = join(packageRoot, "dist/main.js");
  const said = (...args: string[]) =>
    spawnSync(process.execPath, [main, ...args, "--json"], { cwd: demo.project, env: at, encoding: "utf8" });
  const run = runOf("final-verification")?.id ?? "";
  const resumed = said("resume", run);
  expect([resumed.status, JSON.parse(resumed.stdout)]).toMatchObject([
    1,
    { error: { reason: "run-changed", remedy: expect.stringContaining("OKSTRA_HOME") } },
  ]);
  // It settles the task first.
  expect(said("answer", demo.taskKey, "C-009", "Yes.").stdout).toContain("unknown-clarification");
  expect(existsSync(join(other, "heads", ...demo.taskKey.split("/"), "final-verification-001.json"))).toBe(false);
});

test("without --keep nothing is left", () => {
  const gone = join(folder, "gone");
  // A folder that is not empty is refused before anything is made.
  mkdirSync(join(gone, "mine"), { recursive: true });
  expect(() =>
    execFileSync(process.execPath, [join(packageRoot, "dist/main.js"), "demo", "--dir", gone], { env, stdio: "pipe" }),
  ).toThrow(/not an empty folder/);
  // One that an earlier demo left says how to go on with it.
  expect(() =>
    execFileSync(process.execPath, [join(packageRoot, "dist/main.js"), "demo", "--dir", kept], { env, stdio: "pipe" }),
  ).toThrow(/earlier demo.*OKSTRA_HOME/);
  expect(readdirSync(gone)).toEqual(["mine"]);
});

test("real agents that are not installed are named, with how to install them, before anything is made", () => {
  const bare = join(folder, "programs");
  mkdirSync(bare);
  const git = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  symlinkSync(git, join(bare, "git"));
  const argv = [join(packageRoot, "dist/main.js"), "demo", "--agents", "real", "--json"];
  const said = spawnSync(process.execPath, argv, { cwd: folder, env: { ...env, PATH: bare }, encoding: "utf8" });
  expect([said.status, JSON.parse(said.stdout)]).toMatchObject([
    4,
    {
      error: {
        reason: "agent-missing",
        message: expect.stringContaining("not installed: claude, codex, gemini"),
        remedy: expect.stringMatching(
          /npm install -g @anthropic-ai\/claude-code; npm install -g @openai\/codex; npm.*okstra demo$/,
        ),
      },
    },
  ]);
  // As doctor tells it too.
  const doctor = [join(packageRoot, "dist/main.js"), "doctor", "--json"];
  const looked = spawnSync(process.execPath, doctor, { cwd: folder, env: { ...env, PATH: bare }, encoding: "utf8" });
  const { checks } = JSON.parse(looked.stdout) as { checks: { id: string; remedy: string }[] };
  expect(checks.find(({ id }) => id === "agent:codex")?.remedy).toMatch(
    /^npm install -g @openai\/codex; or set agents\./,
  );
});
