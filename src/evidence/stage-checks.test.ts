import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import type { ExecutorResult } from "../model/finding.schema.ts";
import { take } from "../model/index.ts";
import type { CommandRun } from "../report/report.schema.ts";
import { dataAccessDefaults } from "../settings/index.ts";
import type { Stage } from "../stages/stage-map.schema.ts";
import { type MechanicalAsk, mechanicalChecks, runCommand, tddEvidence } from "./index.ts";

const node = `"${process.execPath}" --test --test-reporter=tap test/sum.test.js`;
const stage = (more: Partial<Stage> = {}): Stage => ({
  stageNumber: 1,
  title: "sum",
  sliceValue: "sums",
  acceptance: [],
  dependsOn: [],
  files: ["src/sum.js", "test/sum.test.js"],
  steps: [
    { id: "1.1", action: "RED: test the sum", files: ["test/sum.test.js"], command: node },
    { id: "1.2", action: "GREEN: sum", files: ["src/sum.js"], command: node },
  ],
  validation: { pre: [], mid: [], post: [node] },
  conformance: [],
  exitContract: "sum works",
  rollback: { path: "revert", trigger: "failure" },
  ...more,
});

const testText =
  'const { test } = require("node:test");\nconst assert = require("node:assert");\ntest("sums", () => assert.equal(require("../src/sum.js")(1, 2), 3));\n';
const wrong = "module.exports = () => 0;\n";
const right = "module.exports = (a, b) => a + b;\n";
const trailer = (subject: string, step: string): string => `${subject}\n\nOkstra-Step: ${step}\n`;

type Work = {
  rig: TestRepository;
  tree: string;
  base: string;
  commit: (files: Record<string, string>, message: string) => string;
};

function work(rig: TestRepository): Work {
  const tree = join(rig.folder, "stage tree");
  const base = rig.commit(rig.root, { "src/sum.js": wrong });
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", "feat-sum-s1", tree);
  return { rig, tree, base, commit: (files, message) => rig.commit(tree, files, message) };
}

/** Checks the commit out beside the stage tree, runs, removes: what the engine does with throwaway trees. */
const runAt =
  ({ rig }: Work) =>
  async (commit: string, command: string): Promise<CommandRun> => {
    const place = join(rig.folder, `at ${commit.slice(0, 8)}`);
    rig.git(rig.root, "worktree", "add", "--quiet", "--detach", place, commit);
    const env = { PATH: process.env["PATH"] ?? "" };
    const ask = { name: "tdd", command, cwd: place, commit, env, timeoutMs: 30_000, logPath: join(rig.folder, "log") };
    const done = take(await runCommand(rig.host, ask));
    rig.git(rig.root, "worktree", "remove", "--force", place);
    return done;
  };

async function tdd(at: Work, of: { stage?: Stage; exemptions?: { step: string; reason: string }[] } = {}) {
  const head = at.rig.git(at.tree, "rev-parse", "HEAD");
  const commits = await at.rig.host.git.commits(at.tree, at.base, head);
  return take(
    await tddEvidence(at.rig.host, {
      repository: at.tree,
      commits,
      stage: of.stage ?? stage(),
      exemptions: of.exemptions ?? [],
      runAt: runAt(at),
    }),
  );
}

test("a test that failed and then passed is evidence; RED and GREEN steps are one unit", async () => {
  using rig = testRepository();
  const at = work(rig);
  const red = at.commit({ "test/sum.test.js": testText }, trailer("test(sum): sums two numbers", "1.1"));
  const green = at.commit({ "src/sum.js": right }, trailer("feat(sum): sum two numbers", "1.2"));
  expect(await tdd(at)).toEqual([
    {
      step: "1.1, 1.2",
      testCommit: red,
      fixCommit: green,
      command: node,
      redExit: 1,
      greenExit: 0,
      holds: true,
      note: "",
    },
  ]);
});

test("one step that carries both commits is evidence too; without a command the post validation is run", async () => {
  using rig = testRepository();
  const at = work(rig);
  at.commit({ "test/sum.test.js": testText }, trailer("test(sum): sums", "1.1"));
  at.commit({ "src/sum.js": right }, trailer("fix(sum): sum", "1.1"));
  const steps = [{ id: "1.1", action: "sum", files: ["src/sum.js"] }];
  expect(await tdd(at, { stage: stage({ steps }) })).toMatchObject([{ step: "1.1", command: node, holds: true }]);
  const both = stage({ steps, validation: { pre: [], mid: [], post: ["true", node] } });
  expect(await tdd(at, { stage: both })).toMatchObject([
    { command: `( true ) && ( ${node} )`, redExit: 1, greenExit: 0, holds: true },
  ]);
});

test("a test that passed at once, did not run, or found no test is none", async () => {
  using rig = testRepository();
  const at = work(rig);
  at.commit({ "test/sum.test.js": testText, "src/sum.js": right }, trailer("test(sum): sums", "1.1"));
  at.commit({ "src/sum.js": `${right}// done\n` }, trailer("feat(sum): sum", "1.2"));
  expect(await tdd(at)).toMatchObject([
    { holds: false, redExit: 0, greenExit: 0, note: "at the test commit the command passed, it should have failed" },
  ]);
  const with_ = (command: string) => stage({ steps: stage().steps.map((step) => ({ ...step, command })) });
  expect(await tdd(at, { stage: with_("no-such-runner") })).toMatchObject([
    { holds: false, redExit: 127, note: expect.stringContaining("did not run") },
  ]);
  expect(await tdd(at, { stage: with_('echo "# pass 0"; echo "# fail 0"') })).toMatchObject([
    { holds: false, note: expect.stringContaining("ran no test") },
  ]);
});

test("a change that a fix round puts right is evidence, and so is a test that it puts right", async () => {
  using rig = testRepository();
  const at = work(rig);
  const red = at.commit({ "test/sum.test.js": testText }, trailer("test(sum): sums", "1.1"));
  const bad = at.commit({ "src/sum.js": `${right}throw new Error("half");\n` }, trailer("feat(sum): sum", "1.2"));
  expect(await tdd(at)).toMatchObject([{ holds: false, fixCommit: bad, redExit: 1, greenExit: 1 }]);
  const good = at.commit({ "src/sum.js": right }, trailer("fix(sum): sum indeed", "1.2"));
  expect(await tdd(at)).toMatchObject([{ holds: true, testCommit: red, fixCommit: good, greenExit: 0 }]);

  using other = testRepository();
  const late = work(other);
  late.commit({ "test/sum.test.js": "// nothing yet\n" }, trailer("test(sum): a start", "1.1"));
  late.commit({ "README.md": "sums\n" }, trailer("feat(sum): tell", "1.2"));
  const test = late.commit({ "test/sum.test.js": testText }, trailer("test(sum): sums", "1.1"));
  const change = late.commit({ "src/sum.js": right }, trailer("fix(sum): sum", "1.2"));
  expect(await tdd(late)).toMatchObject([{ holds: true, testCommit: test, fixCommit: change }]);
});

test("commits without trailer, without test or without change are named", async () => {
  using rig = testRepository();
  const at = work(rig);
  at.commit({ "test/sum.test.js": testText }, "test(sum): sums");
  expect(await tdd(at)).toMatchObject([
    { holds: false, testCommit: null, note: expect.stringContaining("Okstra-Step: 1.1") },
  ]);
  at.commit({ "test/sum.test.js": `${testText}\n` }, trailer("test(sum): sums again", "1.1"));
  expect(await tdd(at)).toMatchObject([
    { holds: false, fixCommit: null, note: expect.stringContaining("follows the test commit") },
  ]);
});

test("steps that change no behaviour need no evidence", async () => {
  using rig = testRepository();
  const at = work(rig);
  at.commit(
    { "src/sum.js": "module.exports = function () { return 0; };\n" },
    trailer("refactor(sum): name it", "1.3"),
  );
  const steps = [{ id: "1.3", action: "tidy up", files: ["src/sum.js"] }];
  expect(await tdd(at, { stage: stage({ steps }) })).toEqual([]);
  at.commit({ "src/sum.js": right }, trailer("feat(sum): sum", "1.3"));
  expect(await tdd(at, { stage: stage({ steps }) })).toMatchObject([{ step: "1.3", holds: false }]);
});

test("an exemption stands by the plan, or for documents and pure renames; not because the executor says so", async () => {
  using rig = testRepository();
  const at = work(rig);
  const exemptions = [{ step: "1.1", reason: "documents only" }];
  at.commit({ "README.md": "sums\n", "tool.json": "{}\n" }, trailer("docs(sum): say so", "1.1"));
  expect(await tdd(at, { exemptions })).toMatchObject([{ holds: true, note: "exempt: documents only" }]);
  rig.git(at.tree, "mv", "src/app.js", "src/main.js");
  at.commit({}, trailer("refactor(sum): rename", "1.2"));
  expect(await tdd(at, { exemptions })).toMatchObject([{ holds: true }]);
  at.commit({ "src/sum.js": right }, trailer("feat(sum): sum", "1.2"));
  expect(await tdd(at, { exemptions })).toMatchObject([
    { holds: false, note: expect.stringContaining("src/sum.js is code") },
  ]);
  expect(await tdd(at, { stage: stage({ tddExemption: "generated code" }) })).toMatchObject([
    { holds: true, note: "exempt by the approved plan: generated code" },
  ]);
});

const claim = (more: Partial<ExecutorResult> = {}): ExecutorResult => ({
  schemaVersion: 1,
  summary: "done",
  commits: [],
  files: [],
  testsRun: [],
  outOfPlanEdits: [],
  tddExemptions: [],
  notDone: [],
  ...more,
});

async function examine(at: Work, more: Partial<MechanicalAsk> = {}) {
  const head = at.rig.git(at.tree, "rev-parse", "HEAD");
  const ask = {
    tree: at.tree,
    branch: "feat-sum-s1",
    base: at.base,
    head,
    stage: stage(),
    others: new Map<string, number>(),
    claims: [],
    validation: [],
    tdd: [],
    dataAccessPatterns: dataAccessDefaults,
  };
  const found = take(await mechanicalChecks(at.rig.host, { ...ask, ...more }));
  return {
    found,
    failing: found.checks.filter(({ ok }) => !ok).map(({ id, blocking }) => (blocking ? id : `(${id})`)),
  };
}

const passedRun = (more: Partial<CommandRun> = {}): CommandRun => ({
  name: "post",
  command: node,
  at: "",
  commit: null,
  exitCode: 0,
  outcome: "passed",
  durationMs: 1,
  log: "x.log",
  sandbox: "off",
  ...more,
});

test("honest work passes every check", async () => {
  using rig = testRepository();
  const at = work(rig);
  const red = at.commit({ "test/sum.test.js": testText }, trailer("test(sum): sums", "1.1"));
  const green = at.commit({ "src/sum.js": right }, trailer("feat(sum): sum", "1.2"));
  const claims = [
    claim({
      commits: [red, green.slice(0, 10)],
      files: ["./src/sum.js", "test/sum.test.js"],
      testsRun: [{ command: ` ${node}`, exitCode: 0 }],
    }),
  ];
  const { found, failing } = await examine(at, { claims, validation: [passedRun()], tdd: await tdd(at) });
  expect(failing).toEqual([]);
  expect(found).toMatchObject({ dbState: "not-touched", discrepancies: [], weakened: [], outOfPlanEdits: [] });
  expect(found.commits).toEqual([
    { sha: red, subject: "test(sum): sums", step: "1.1" },
    { sha: green, subject: "feat(sum): sum", step: "1.2" },
  ]);
  expect(found.files).toEqual([
    { path: "src/sum.js", planned: true, reason: null },
    { path: "test/sum.test.js", planned: true, reason: null },
  ]);
});

test("no work, an unclean tree, a wrong branch", async () => {
  using rig = testRepository();
  const at = work(rig);
  expect((await examine(at)).failing).toEqual(["no-work"]);
  rig.write(join(at.tree, "left.txt"), "x");
  expect((await examine(at)).failing).toEqual(["no-work", "clean"]);
  rig.git(at.tree, "checkout", "--quiet", "-b", "elsewhere");
  expect((await examine(at)).failing).toEqual(["no-work", "branch", "clean"]);
});

test("rewritten history and commits on other branches", async () => {
  using rig = testRepository();
  const at = work(rig);
  const strays = (unexplained: string[]) => ({ strays: { listed: ["refs/heads/a was made: held"], unexplained } });
  expect((await examine(at, strays([]))).failing).toEqual(["no-work"]);
  expect((await examine(at, strays(["refs/heads/b was made"]))).failing).toEqual(["no-work", "other-branches"]);
  rig.git(at.tree, "commit", "--quiet", "--amend", "-m", trailer("feat: rewritten", "1.2"));
  expect((await examine(at)).failing).toContain("history");
});

test("edits outside the plan, with and without reason", async () => {
  using rig = testRepository();
  const at = work(rig);
  at.commit({ "src/sum.js": right, "src/other.js": "x\n", "src/theirs.js": "x\n" }, trailer("feat(sum): sum", "1.2"));
  const { found, failing } = await examine(at, {
    others: new Map([["src/theirs.js", 2]]),
    claims: [
      claim({ outOfPlanEdits: [{ path: "src/theirs.js", reason: "" }] }),
      claim({ outOfPlanEdits: [{ path: "src/theirs.js", reason: "needed" }] }),
    ],
  });
  expect(failing).toEqual(["files"]);
  expect(found.checks.find(({ id }) => id === "files")?.message).toContain(
    "src/theirs.js is outside the plan of stage 1 and listed by stage 2",
  );
  expect(found.outOfPlanEdits).toEqual([
    { path: "src/other.js", reason: "" },
    { path: "src/theirs.js", reason: "needed" },
  ]);
});

test("links that lead out of the tree block, others do not; what breaks a rule thousands of times is cut short", async () => {
  using rig = testRepository();
  const at = work(rig);
  for (const [path, target] of [
    ["absolute", "/etc"],
    ["src/up", "../../x"],
    ["src/in", "../README.md"],
    ["src/beside", "app.js"],
  ] as const)
    symlinkSync(target, join(at.tree, path));
  for (let n = 0; n < 30; n++) rig.write(join(at.tree, `many/${n}.txt`), "x\n");
  rig.git(at.tree, "add", "--all");
  rig.git(at.tree, "commit", "--quiet", "-m", trailer("feat: many", "1.2"));
  const { found, failing } = await examine(at, { strays: { listed: [], unexplained: [], outside: ["src/app.js"] } });
  expect(failing).toEqual(["(outside)", "files", "links"]);
  const said = (id: string): string => found.checks.find((one) => one.id === id)?.message ?? "";
  expect(said("links")).toBe(
    "absolute is a link to /etc, outside the tree; src/up is a link to ../../x, outside the tree",
  );
  expect(said("files")).toMatch(/; and 14 more$/);
  expect(said("outside")).toBe("changed meanwhile in the project's own checkout: src/app.js");
});

test("claims that are not true are discrepancies", async () => {
  using rig = testRepository();
  const at = work(rig);
  at.commit({ "src/sum.js": right }, trailer("feat(sum): sum", "1.2"));
  const claims = [
    claim({
      commits: ["deadbeef".repeat(5), "all of them", rig.start],
      files: ["src/sum.js", "src/never.js"],
      testsRun: [
        { command: node, exitCode: 0 },
        { command: "npm run lint", exitCode: 0 },
        { command: "npm run empty", exitCode: 0 },
        { command: "unknown", exitCode: 0 },
      ],
    }),
  ];
  const validation = [
    passedRun({ exitCode: 1, outcome: "failed" }),
    passedRun({ command: "npm run lint" }),
    passedRun({ command: "npm run empty", outcome: "no-work" }),
  ];
  const { found, failing } = await examine(at, { claims, validation });
  expect(failing).toEqual([`validation:${node}`, "validation:npm run empty", "discrepancy", "(unproven-runs)"]);
  expect(found.discrepancies).toEqual([
    `claimed commit ${"deadbeef".repeat(5)} does not exist`,
    'claimed commit "all of them" is no commit id',
    `claimed commit ${rig.start} is not among the stage's commits`,
    "claimed file src/never.js was not changed",
    `"${node}" was claimed to exit 0; the engine's run of it exited 1`,
    '"npm run empty" was claimed to pass; the engine\'s run of it ran no test',
  ]);
  expect(found.checks.find(({ id }) => id === "unproven-runs")?.message).toBe(
    '"unknown" was claimed to exit 0; the engine did not run it',
  );
});

test("weakened tests, real IO, missing trailers and TDD that does not hold", async () => {
  using rig = testRepository();
  const at = work(rig);
  const base = at.commit({ "test/sum.test.js": testText }, trailer("test(sum): sums", "1.1"));
  at.commit(
    {
      "test/sum.test.js": testText.replace('test("sums"', 'test.skip("sums"'),
      "test/io.test.js": "server.listen(0);\n",
    },
    "feat: quick",
  );
  const { found, failing } = await examine({ ...at, base }, { stage: stage({ files: ["test/"] }), tdd: await tdd(at) });
  expect(failing).toEqual(["(trailers)", "tdd:1.1, 1.2", "tests-weakened", "real-io-in-tests"]);
  expect(found.weakened).toMatchObject([{ kind: "skipped", path: "test/sum.test.js" }]);
});

test("data access needs a real run: unverified is carried on, failed blocks", async () => {
  using rig = testRepository();
  const at = work(rig);
  at.commit(
    { "src/sum.js": 'module.exports = (db) => db.query("SELECT a FROM b");\n' },
    trailer("feat(sum): sum", "1.2"),
  );
  const none = await examine(at);
  expect([none.failing, none.found.dbState]).toEqual([["(data-access)"], "db-unverified"]);
  const notRun = await examine(at, { dbRun: passedRun({ outcome: "did-not-run", exitCode: 127 }) });
  expect([notRun.failing, notRun.found.dbState]).toEqual([["(data-access)"], "db-unverified"]);
  const failed = await examine(at, { dbRun: passedRun({ outcome: "failed", exitCode: 1 }) });
  expect(failed.failing).toEqual(["data-access"]);
  const passed = await examine(at, { dbRun: passedRun() });
  expect([passed.failing, passed.found.dbState]).toEqual([[], "verified"]);
});
