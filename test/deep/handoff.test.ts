/**
 * Hand-offs that push, to a real bare repository, with a stand-in `gh`; and a task that is reopened after one. Whatever the answers and
 * however the repository is configured: no force, no push to a base branch, no hook skipped.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { StatusAnswer } from "../../src/cli/answers.schema.ts";
import type { FixCycleRow } from "../../src/registry/registry.schema.ts";
import type { ReportReleaseHandoff } from "../../src/report/report.schema.ts";
import { agents, contentOf, files, initialise, key, scenario, testOf } from "../rig/calculator.ts";
import { gitHub, repositoryUrl } from "../rig/github.ts";
import { openRig, type Ran, type Rig } from "../rig/rig.ts";

const branch = "fix-add-handoff";
let rig: Rig;
let remote: string;
let putBack: () => void;

beforeAll(async () => {
  rig = openRig(files);
  remote = join(rig.folder, "remote.git");
  await initialise(rig);
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", remote]);
  rig.git("remote", "add", "origin", remote);
  rig.git("push", "--quiet", "origin", "main");
  const start = (taskType: string): string[] => [
    ...["run", "--task-key", key, "--task-type", taskType, "--agents", agents(rig)],
  ];
  await must([...start("error-analysis"), "--brief", `${rig.folder}/brief.md`, "--base-ref", "main", "--no-prose"]);
  await must(["answer", key, "C-001", "No."]);
  await must(start("implementation-planning"));
  await must(["approve", key, "--content", contentOf(rig)]);
  await must(["implement", key, "--stage", "all", "--agents", agents(rig), "--no-prose"]);
  await must([...start("final-verification"), "--no-prose"]);
  putBack = rig.keep();
}, 400_000);
beforeEach(() => putBack());
afterAll(async () => await rig[Symbol.asyncDispose]());

async function must(args: readonly string[]): Promise<Ran> {
  const ran = await rig.okstra([...args, "--json"]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return ran;
}

/** `gh`: the shell lines of a stand-in, or what the real one finds in its environment; else none is found. */
async function handOver(
  more: readonly string[] = [],
  gh?: string | { readonly env: Readonly<Record<string, string>> },
) {
  const bin = join(rig.folder, "bin");
  mkdirSync(bin, { recursive: true });
  if (typeof gh === "string") {
    rig.write(join(bin, "gh"), `#!/bin/sh\nprintf '%s\\n' "$*" >> "${rig.folder}/gh.log"\n${gh}\n`);
    chmodSync(join(bin, "gh"), 0o755);
  }
  const args = ["handoff", key, "--action", "commit-pr", "--no-prose", ...more, "--json"];
  const env = typeof gh === "object" ? gh.env : { PATH: `${bin}:${process.env["PATH"]}` };
  const ran = await rig.okstra(args, { env });
  const run = ran.json<{ report?: { data: string } | null; failure?: Said; error?: Said }>();
  const report =
    run.report == null ? null : (JSON.parse(readFileSync(run.report.data, "utf8")) as ReportReleaseHandoff);
  return { code: ran.code, said: ran.stdout, report, failure: run.failure ?? run.error };
}

type Said = { readonly reason: string; readonly message: string; readonly remedy: string };

/** Nothing was made of what could only fail. */
const handoffs = (): string[] => {
  const { runs } = JSON.parse(rig.read(`${task}/task-manifest.json`)) as { runs: { id: string; taskType: string }[] };
  const made = existsSync(join(rig.root, task, "runs/release-handoff")) ? ["a folder"] : [];
  return [...made, ...runs.filter(({ taskType }) => taskType === "release-handoff").map(({ id }) => id)];
};

const atRemote = (): string[] =>
  execFileSync("git", ["-C", remote, "for-each-ref", "--format=%(refname) %(objectname)"], { encoding: "utf8" })
    .trim()
    .split("\n");
const local = (name: string): string => rig.git("rev-parse", name).trim();
const body = (): string => rig.read(".okstra/tasks/math/add/runs/release-handoff/state/pull-request-001.md");

test("without gh the branch is pushed, and the exact command is printed and kept", async () => {
  const { code, said, report } = await handOver();
  expect(code, said).toBe(0);
  expect(atRemote()).toEqual([`refs/heads/${branch} ${local(branch)}`, `refs/heads/main ${local("main")}`]);
  expect(report).toMatchObject({ base: "main", branch, pullRequest: null, conflictProbe: "merges cleanly into main" });
  const command = report?.commands.at(-1);
  expect(command).toMatchObject({ name: "pull-request", outcome: "did-not-run" });
  expect(command?.command).toMatch(/^gh pr create --base main --head fix-add-handoff --title .* --body-file /);
  expect(report?.verdictCard.nextStep).toBe(command?.command);
  expect(body()).toMatch(
    /^## Summary\n\n\S[\s\S]*## Changes\n\n- [\s\S]*## Test plan\n\n- `[\s\S]*## Linked issues\n$/,
  );
});

const standIn = (view: string) => `case "$1 $2" in
"auth status") exit 0 ;;
"pr view") ${view} ;;
"pr create") cp "\${10}" "$(dirname "$0")/body.md"; echo https://example.test/pull/7 ;;
esac`;

test("gh opens the pull request; a hand-off that is made again finds it", async () => {
  const first = await handOver(["--base", "main", "--message", "Add\n\nAll of it."], standIn("exit 1"));
  expect(first.code, first.said).toBe(0);
  expect(first.report?.pullRequest).toBe("https://example.test/pull/7");
  expect(readFileSync(join(rig.folder, "bin/body.md"), "utf8")).toBe(body());
  expect(rig.read(join(rig.folder, "gh.log"))).toContain(
    "pr create --base main --head fix-add-handoff --title Add --body-file",
  );
  const again = await handOver([], standIn("echo https://example.test/pull/7"));
  expect(again.report?.pullRequest).toBe("https://example.test/pull/7");
  expect(rig.read(join(rig.folder, "gh.log")).match(/pr create/g)).toHaveLength(1);
});

test("gh that is not logged in, or that fails, leaves the command to a person", async () => {
  expect((await handOver([], "exit 1")).report?.limits).toEqual(["no pull request was opened: gh is not logged in"]);
  putBack();
  const failing = await handOver([], 'test "$1" = auth || { echo "no rights" >&2; exit 4; }');
  expect(failing.report?.limits).toEqual(["no pull request was opened: gh said: no rights"]);
  expect(failing.report?.commands.at(-1)).toMatchObject({ exitCode: 4, outcome: "failed" });
});

const realGh = spawnSync("gh", ["--version"]).error === undefined;

test.skipIf(!realGh)(
  `the real gh opens the pull request${realGh ? "" : " (skipped: apt-get install gh)"}`,
  async () => {
    await using server = await gitHub(remote);
    rig.git("remote", "set-url", "origin", repositoryUrl);
    rig.git("remote", "set-url", "--push", "origin", remote);
    const login = (host: string): string => `${host}:\n    oauth_token: none\n    user: ada\n    git_protocol: https\n`;
    // A host besides to which nobody can log in.
    rig.write(join(rig.folder, "gh/hosts.yml"), login("github.localhost") + login("other.localhost"));
    const env = { GH_CONFIG_DIR: join(rig.folder, "gh"), http_proxy: server.proxy, https_proxy: server.proxy };
    const first = await handOver(["--message", "Add\n\nAll of it."], { env });
    expect(first.code, first.said).toBe(0);
    expect(first.report?.pullRequest, JSON.stringify(first.report?.limits)).toBe("https://github.localhost/o/r/pull/7");
    expect(server.opened).toEqual([
      expect.objectContaining({ title: "Add", body: body(), baseRefName: "main", headRefName: branch, draft: false }),
    ]);
    expect(atRemote()[0]).toBe(`refs/heads/${branch} ${local(branch)}`);
    const again = await handOver([], { env });
    expect([again.report?.pullRequest, server.opened.length]).toEqual([first.report?.pullRequest, 1]);
    // Not logged in: the command is left to a person.
    rig.write(join(rig.folder, "gh/hosts.yml"), "{}\n");
    expect((await handOver([], { env })).report?.limits).toEqual(["no pull request was opened: gh is not logged in"]);
    expect(server.strays).toEqual([]);
  },
);

test("the text starts from the flag's template, else the project's, else the user's, else okstra's own; comments go", async () => {
  const config = ".okstra/project.json";
  rig.write(`${rig.home}/config.json`, '{"schemaVersion": 1, "prTemplatePath": "~/mine.md"}\n');
  rig.write(`${rig.env["HOME"]}/mine.md`, "# User\n");
  await handOver();
  expect(body()).toMatch(/^# User\n/);
  putBack();
  rig.write(`${rig.home}/config.json`, '{"schemaVersion": 1, "prTemplatePath": "~/mine.md"}\n');
  const settings = { ...(JSON.parse(rig.read(config)) as object), prTemplatePath: "docs/pr.md" };
  rig.write(config, JSON.stringify(settings));
  rig.write("docs/pr.md", "# Project <!-- say\nwhat -->\n\n## Summary\n<!-- never closed");
  await handOver();
  expect(body()).toMatch(/^# Project \n\n## Summary\n\n\S/);
  expect(body()).not.toMatch(/<!--|never closed/);
  putBack();
  rig.write("flag.md", "# Flag\n");
  await handOver(["--pr-template-path", "flag.md"]);
  expect(body()).toMatch(/^# Flag\n/);
  putBack();
  // What a writer gives hides nothing either: no comment, not even one that is there once another is gone, nothing invisible.
  const says = {
    ...{ schemaVersion: 1, summary: "s", direction: "d", followUps: [] },
    message: "Add \u202eit\u001b[2J\nx",
  };
  const result = { ...says, body: "Good.\n<!<!-- a -->-- approve\u200b me\u009b2J" };
  const writes = { when: { purpose: "write", taskType: "release-handoff" }, result, usage: { input: 1, output: 1 } };
  rig.write(`${rig.folder}/writer.yaml`, scenario([writes]));
  const args = ["handoff", key, "--action", "commit-pr", "--agents", `scripted:${rig.folder}/writer.yaml`, "--json"];
  const written = (await rig.okstra(args)).json<{ report: { data: string } }>();
  expect(body()).toBe("Good.\n");
  const { commands } = JSON.parse(readFileSync(written.report.data, "utf8")) as ReportReleaseHandoff;
  expect(commands.at(-1)?.command).toContain("--title 'Add ⟨U+202E⟩it⟨U+001B⟩[2J' --body-file");
  putBack();
  const missing = await handOver(["--pr-template-path", "none.md"]);
  expect([missing.code, missing.failure?.message]).toEqual([2, expect.stringContaining("none.md")]);
  expect(handoffs()).toEqual([]);
});

test("configured to force and to push everything: one branch goes, forward, and nothing else moves", async () => {
  const other = rig.git("commit-tree", "-m", "of others", `${local("main")}^{tree}`, "-p", local("main")).trim();
  rig.git("push", "--quiet", "origin", `${other}:refs/heads/main`, `${other}:refs/heads/theirs`);
  rig.git("config", "remote.origin.push", "+refs/heads/*:refs/heads/*");
  rig.git("config", "remote.origin.mirror", "true");
  rig.git("config", "push.default", "matching");
  rig.git("config", "push.followTags", "true");
  rig.git("tag", "-a", "v1", "-m", "v1", "main");
  const { code, said } = await handOver();
  expect(code, said).toBe(0);
  expect(atRemote()).toEqual([
    `refs/heads/${branch} ${local(branch)}`,
    `refs/heads/main ${other}`,
    `refs/heads/theirs ${other}`,
  ]);
});

test("a branch there that holds others' commits is left as it is", async () => {
  const other = rig.git("commit-tree", "-m", "of others", `${local("main")}^{tree}`, "-p", local("main")).trim();
  rig.git("push", "--quiet", "origin", `${other}:refs/heads/${branch}`);
  const { code, failure } = await handOver();
  expect(code).toBe(1);
  expect(failure?.message).toContain("okstra never forces a push");
  expect(atRemote()[0]).toBe(`refs/heads/${branch} ${other}`);
});

test("a base branch is never pushed to, whatever it is called", async () => {
  rig.git("push", "--quiet", "origin", `main:refs/heads/${branch}`);
  const before = atRemote();
  const asBase = await handOver(["--base", branch]);
  execFileSync("git", ["-C", remote, "symbolic-ref", "HEAD", `refs/heads/${branch}`]);
  const asStandard = await handOver(["--base", "main"]);
  for (const { code, failure } of [asBase, asStandard])
    expect([code, failure?.message]).toEqual([1, expect.stringMatching(/merged into/)]);
  expect(atRemote()).toEqual(before);
});

test("the hooks run: one that refuses stops the push", async () => {
  rig.write(".git/hooks/pre-push", `#!/bin/sh\ntouch "${rig.folder}/ran"\necho refused by the hook >&2\nexit 1\n`);
  chmodSync(join(rig.root, ".git/hooks/pre-push"), 0o755);
  const { code, failure } = await handOver();
  expect([code, failure?.message]).toEqual([1, expect.stringContaining("refused by the hook")]);
  expect(existsSync(join(rig.folder, "ran"))).toBe(true);
  expect(atRemote()).toEqual([`refs/heads/main ${local("main")}`]);
});

test("a base or a remote that is not there is named, with those that are", async () => {
  const { failure } = await handOver(["--base", "mian"]);
  expect(failure).toMatchObject({ message: 'origin has no branch "mian" that the work could be merged into' });
  expect(failure?.remedy).toContain("main");
  expect((await handOver(["--remote", "upstream"])).failure?.remedy).toContain("origin");
  for (const name of ["one", "two"]) rig.git("remote", "add", name, remote);
  rig.git("remote", "remove", "origin");
  expect((await handOver()).failure).toMatchObject({
    message: "There are several remotes, and none is called origin",
    remedy: "Name one with --remote: one, two",
  });
  for (const name of ["one", "two"]) rig.git("remote", "remove", name);
  const none = await handOver();
  expect(none.failure).toMatchObject({ reason: "usage", message: "The repository has no remote to push to" });
  const here = await rig.okstra(["handoff", key, "--action", "commit-only", "--base", "mian", "--no-prose", "--json"]);
  expect(here.json()).toMatchObject({ error: { reason: "base-ref-unknown" } });
  expect(handoffs()).toEqual([]);
});

test("whatever the answers: no force, no base branch, no hook skipped", async () => {
  const other = rig.git("commit-tree", "-m", "of others", `${local("main")}^{tree}`, "-p", local("main")).trim();
  rig.git("push", "--quiet", "origin", `${other}:refs/heads/main`, `${other}:refs/heads/theirs`);
  rig.write(".git/hooks/pre-push", `#!/bin/sh\ncat >> "${rig.folder}/hook.log"\n`);
  chmodSync(join(rig.root, ".git/hooks/pre-push"), 0o755);
  const answers = [
    ["--base", "+main"],
    ["--base", ":main"],
    ["--base", `${branch}:main`],
    ["--base=--force"],
    ["--base", "refs/heads/main"],
    ["--remote=--mirror"],
    ["--remote", "."],
    ["--remote", remote],
    ["--message", "--no-verify\n+refs/heads/*:refs/heads/*"],
    ["--squash", "--message=-f"],
    ["--base", "theirs"],
  ];
  for (const answer of answers) {
    await handOver(answer, standIn("exit 1"));
    const refs = atRemote().filter((ref) => !ref.startsWith(`refs/heads/${branch} `));
    expect(refs, answer.join(" ")).toEqual([`refs/heads/main ${other}`, `refs/heads/theirs ${other}`]);
  }
  // The hook heard of every push: of one branch, which was not there before.
  const heard = rig.read(join(rig.folder, "hook.log")).trim().split("\n");
  for (const line of heard) expect(line).toMatch(new RegExp(`^\\S+ [0-9a-f]{40} refs/heads/${branch} 0{40}$`));
});

test("some stages go by themselves, once verified, with all that they depend on", async () => {
  const verify = (stage: string): string[] => [
    ...["run", "--task-key", key, "--task-type", "final-verification", "--stage", stage],
    ...["--agents", agents(rig), "--no-prose"],
  ];
  const refused = async (...more: string[]) => {
    const ran = await rig.okstra(["handoff", key, "--action", "commit-only", "--no-prose", ...more, "--json"]);
    return { code: ran.code, ...ran.json<{ error: { reason: string; message: string; remedy: string } }>().error };
  };
  expect(await refused("--stages", "1")).toMatchObject({
    ...{ code: 3, reason: "not-accepted", remedy: expect.stringContaining("--stage 1") },
  });
  await must(verify("1"));
  await must(verify("2"));
  expect(await refused("--stages", "1,3")).toMatchObject({
    reason: "not-accepted",
    remedy: "Take them in: --stages 1,2,3",
  });
  expect(await refused("--stages", "1,9")).toMatchObject({ reason: "unknown-stage" });
  expect(await refused("--stages", "1,x")).toMatchObject({ code: 2, reason: "usage" });
  rmSync(join(rig.folder, "bin"), { recursive: true, force: true });
  const { code, said, report } = await handOver(["--stages", "1,2"]);
  expect(code, said).toBe(0);
  expect(report).toMatchObject({ branch: "fix-add-g1", base: "main", conflictProbe: "merges cleanly into main" });
  expect(atRemote()).toEqual([`refs/heads/fix-add-g1 ${local("fix-add-g1")}`, `refs/heads/main ${local("main")}`]);
  expect(rig.git("log", "--first-parent", "--format=%s", "main..fix-add-g1").trim().split("\n")).toEqual([
    expect.stringMatching(/^Merge stage 2: /),
    expect.stringMatching(/^Merge stage 1: /),
  ]);
  expect(rig.git("ls-tree", "-r", "--name-only", "fix-add-g1", "--", "src").trim()).toBe("src/add.js\nsrc/twice.js");
  expect(body()).toContain("- Stage 1: add is right");
  const ledger = rig.read(`${task}/runs/implementation-planning/consumers.jsonl`).trim().split("\n");
  const rows = ledger.map((line) => JSON.parse(line) as { stage: number; status: string; source: string });
  expect(rows.slice(-2).map(({ stage, status, source }) => [stage, status, source])).toEqual(
    [1, 2].map((stage) => [stage, "handed-off", `handed over by ${key}@release-handoff#001`]),
  );
  // The whole task is handed over yet, and what was verified is still the gate's.
  const { next, stages } = (await status()).task;
  expect(next).toMatchObject({ taskType: "release-handoff" });
  expect(stages.map(({ state }) => state)).toEqual(["verified", "verified", "done"]);
  // A base that the stage conflicts with is told before anything is made.
  const file = rig.git("hash-object", "-w", "README.md").trim();
  rig.git("update-index", "--add", "--cacheinfo", `100644,${file},src/add.js`);
  rig.git("commit", "--quiet", "-m", "of others");
  const conflict = await handOver(["--stages", "1", "--base", "main"]);
  expect([conflict.code, conflict.failure?.message]).toEqual([3, expect.stringContaining("src/add.js conflict")]);
  expect(rig.git("for-each-ref", "refs/heads/fix-add-g2")).toBe("");
});

test("a plan that another version rendered and a person approved then is built; one that was edited is not", async () => {
  const reports = `${task}/runs/implementation-planning/reports`;
  const [markdown, record] = [`${reports}/final-report-implementation-planning-001.md`, `${reports}/approval-001.json`];
  const head = `${rig.home}/heads/calc/math/add/implementation-planning-001.json`;
  const hash = (path: string) => createHash("sha256").update(rig.read(path)).digest("hex");
  const verify = ["run", "--task-key", key, "--task-type", "final-verification", "--agents", agents(rig)];
  const planned = () => rig.okstra([...verify, "--dry-run", "--json"]);
  rig.write(markdown, rig.read(markdown).replaceAll("Agent Execution Status", "Agents"));
  expect((await planned()).json()).toMatchObject({ error: { reason: "plan-unreadable" } });
  type Rec = { after: object };
  const known = JSON.parse(rig.read(record)) as Rec;
  rig.write(record, `${JSON.stringify({ ...known, after: { ...known.after, markdown: hash(markdown) } }, null, 2)}\n`);
  rig.write(head, JSON.stringify({ ...(JSON.parse(rig.read(head)) as object), approvalSha256: hash(record) }));
  const ran = await planned();
  expect(ran.code, ran.stdout).toBe(0);
  const checks = await must(["validate", "plan", `${key}@implementation-planning#001`]);
  expect(checks.json<{ checks: object[] }>().checks).toContainEqual(
    expect.objectContaining({ id: "plan:markdown", ok: true, message: "as it was written" }),
  );
});

const task = ".okstra/tasks/math/add";
const status = async (): Promise<StatusAnswer> => (await must(["status", key])).json<StatusAnswer>();
const refusedCycle = async (...args: string[]) => {
  const ran = await rig.okstra(["fixcycle", ...args, "--json"]);
  return { code: ran.code, ...ran.json<{ error: { reason: string; message: string; remedy: string } }>().error };
};
const rows = (): FixCycleRow[] =>
  rig
    .read(`${task}/history/fix-cycles.jsonl`)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as FixCycleRow);
const manifest = () => JSON.parse(rig.read(`${task}/task-manifest.json`)) as { cycle: number; runs: { id: string }[] };

const approved = () =>
  (JSON.parse(rig.read(`${task}/runs/implementation-planning/reports/approval-001.json`)) as { content: string })
    .content;

test("a cycle from the hand-off to the next, with nothing taken for granted that was decided before", async () => {
  const open = ["open", key, "--reason", "minus is missing"];
  expect(await refusedCycle(...open)).toMatchObject({
    code: 3,
    reason: "fix-cycle-refused",
    remedy: expect.stringMatching("okstra go"),
  });
  await must(["handoff", key, "--action", "commit-only", "--no-prose"]);
  const first = manifest().runs.at(-1)?.id ?? "";
  const handed = rig.git("rev-parse", "fix-add-handoff");

  expect((await must(["fixcycle", ...open])).json()).toMatchObject({
    ...{ as: null, fixCycle: { cycle: 1, state: "open", reason: "minus is missing", reopens: first } },
  });
  expect(await refusedCycle(...open)).toMatchObject({ code: 3, message: expect.stringMatching(/is open since/) });
  const opened = await status();
  expect(opened.task.next).toEqual({
    taskType: "implementation-planning",
    why: "fix cycle 1 is open: minus is missing",
  });
  expect(opened.task.stages).toEqual([]);
  expect(opened.task.gates.filter((gate) => gate.open).map(({ name }) => name)).toEqual(["clarifications", "budget"]);
  // The plan, the verification and the hand-off of before count no more.
  const [old, again] = [approved(), ["handoff", key, "--action", "commit-only", "--no-prose"]];
  for (const [args, reason] of [
    [["approve", key, "--content", old], "plan-not-approved"],
    [["implement", key, "--agents", agents(rig)], "plan-not-approved"],
    [again, "not-accepted"],
  ] as const)
    expect((await rig.okstra([...args, "--json"])).json()).toMatchObject({ error: { reason } });

  const source = "export const minus = (a, b) => a - b;\n";
  const minus = {
    n: 1,
    name: "minus",
    test: testOf("minus", "assert.equal(minus(3, 1), 2)"),
    code: source,
    dependsOn: [],
  };
  rig.write(`${rig.folder}/scenario.yaml`, scenario([], [minus]));
  const planned = await rig.okstra(["go", key, "--agents", agents(rig), "--json"]);
  expect([planned.code, planned.stdout + planned.stderr]).toEqual([3, expect.stringMatching(/--content [0-9a-f]{12}/)]);
  const content = /--content ([0-9a-f]{12})/.exec(planned.stdout)?.[1] ?? "";
  expect(old).not.toContain(content);
  const name = `${task}/runs/implementation-planning/prompts/claude-analyser-implementation-planning-002.md`;
  expect(rig.read(name)).toContain(`Fix cycle 1, which reopens ${first}: minus is missing`);
  // What the earlier cycle came to is in the packet, which every worker reads.
  expect(rig.read(`${task}/instruction-set/packet-implementation-planning.md`)).toContain("final-verification#001");
  await must(["approve", key, "--content", content]);
  const gone = await rig.okstra(["go", key, "--agents", agents(rig), "--json"]);
  expect(gone.code, gone.stdout).toBe(3);
  expect((await status()).task).toMatchObject({ next: { taskType: "release-handoff" }, stages: [{ state: "done" }] });
  expect(await refusedCycle("close", key)).toMatchObject({
    message: expect.stringMatching(/Nothing was handed over in fix cycle 1/),
  });

  await must(again);
  expect(rig.git("show", "fix-add-handoff:src/minus.js")).toBe(source.trim());
  rig.git("merge-base", "--is-ancestor", handed, "fix-add-handoff");
  expect((await status()).task).toMatchObject({ next: null, fixCycle: { state: "open", handedOver: true } });
  expect((await rig.okstra(["go", key])).stdout).toContain(`okstra fixcycle close ${key}`);
  await must(["fixcycle", "close", key, "--note", "shipped"]);
  const own = manifest().runs.slice(-4);
  expect(rows()).toMatchObject([
    { status: "opened", cycle: 1, reopens: first, who: expect.stringMatching(/./) },
    ...own.map(({ id }) => ({ status: "run", cycle: 1, run: id })),
    { status: "closed", cycle: 1, as: "handed-over", note: "shipped" },
  ]);
  expect((await status()).task.next).toBeNull();
  expect((await rig.okstra(["validate", "run", own.at(-1)?.id ?? "", "--json"])).code).toBe(0);

  // One that is dropped leaves the task as it was; one whose opening was killed is finished by the next command.
  const before = await status();
  expect(await refusedCycle("close", key)).toMatchObject({
    message: expect.stringMatching(/no open fix cycle; 1 is closed/),
  });
  await must(["fixcycle", "open", key, "--reason", "once more"]);
  expect(manifest().cycle).toBe(2);
  // As a kill after the row leaves it.
  rig.write(`${task}/task-manifest.json`, JSON.stringify({ ...manifest(), cycle: 1 }));
  expect(await refusedCycle("close", key)).toMatchObject({
    message: expect.stringMatching(/Nothing was handed over in fix cycle 2/),
  });
  expect(manifest().cycle).toBe(2);
  await must(["fixcycle", "close", key, "--drop"]);
  expect(manifest().cycle).toBe(1);
  const { fixCycle: _, ...after } = (await status()).task;
  expect(before.task).toMatchObject(after);
});

test("what does not fit is refused", async () => {
  for (const args of [
    ["open", key],
    ["open", key, "--reason", " "],
    ["open", key, "--reason", "x", "--drop"],
    ["close", key, "--reason", "x"],
    ["reopen", key],
    ["open"],
  ])
    expect(await refusedCycle(...args), args.join(" ")).toMatchObject({ code: 2, reason: "usage" });
});
