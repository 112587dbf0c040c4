/**
 * Executors that lie and misbehave, played whole: the real command line, real git, real child processes. After each, what the report
 * states equals what git and the engine's own runs say, and the lie stands nowhere but as a claim or a discrepancy.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { executed, honest, onApprovedPlan, stageOne } from "../rig/approved.ts";
import { attempt } from "../rig/attempts.ts";
import { honestResult, key } from "../rig/calculator.ts";
import { packageRoot, type Rig } from "../rig/rig.ts";
import { expectFacts, expectNothingTaken, expectUnmerged, failing, linesWith } from "../rig/truth.ts";

type Json = Record<string, unknown>;

const wrong = { write: { "src/add.js": "export const add = (a, b) => a * b;\n" } };
const taskBranch = "fix-add";

describe("the executor of a stage", { timeout: 60_000 }, () => {
  let rig: Rig;
  onApprovedPlan(
    (opened) => {
      rig = opened;
    },
    { maxFixRounds: 0 },
  );
  const [writeTest, commitTest, , commitCode] = honest;

  test("lies about exit code, commits, files, tests and model: none of it is a fact in the report", async () => {
    const invented = "deadbeef".repeat(5);
    const others = rig.git("rev-parse", "main");
    const acts = [
      writeTest,
      commitTest,
      { write: { ...wrong.write, "src/hidden.js": "export const hidden = 1;\n" } },
      commitCode,
    ];
    const claims = {
      ...honestResult(stageOne),
      commits: ["{{commit.1}}", invented, others],
      files: ["src/add.js", "README.md"],
      testsRun: [
        { command: "node --test", exitCode: 0 },
        { command: "npm run e2e", exitCode: 0 },
      ],
    };
    const told = await executed(rig, acts, { result: claims, modelServed: "gpt-5.5" });
    expect(told.ran.code).toBe(3);
    expect(told.run).toMatchObject({ outcome: "blocked", reason: "needs-decomposition" });
    const report = expectFacts(rig, told);
    // Exit code: the engine's own run, which anybody can do again.
    const again = join(rig.folder, "again");
    rig.git("worktree", "add", "--quiet", "--detach", again, report.head ?? "");
    expect(() => rig.gitAt(again, "-c", "alias.t=!node --test", "t")).toThrow(/Command failed/);
    expect(report.validation).toMatchObject([{ command: "node --test", exitCode: 1, outcome: "failed" }]);
    expect(report.tddEvidence).toMatchObject([{ holds: false, redExit: 1, greenExit: 1 }]);
    expect(report.discrepancies).toEqual([
      `claimed commit ${invented} does not exist`,
      `claimed commit ${others} is not among the stage's commits`,
      "claimed file README.md was not changed",
      '"node --test" was claimed to exit 0; the engine\'s run of it exited 1',
    ]);
    expect(failing(report)).toEqual([
      "files",
      "tdd:1.1, 1.2",
      "validation:node --test",
      "discrepancy",
      "(unproven-runs)",
    ]);
    expect(report.outOfPlanEdits).toEqual([{ path: "src/hidden.js", reason: "" }]);
    // In what people read, each lie stands beside the word that it was claimed.
    for (const lie of [invented, "README.md", "npm run e2e"]) {
      expect(linesWith(told, lie).length, lie).toBeGreaterThan(0);
      for (const line of linesWith(told, lie)) expect(line).toContain("claimed");
    }
    const [executor, ...verifiers] = report.roster;
    expect(executor).toMatchObject({
      role: "executor",
      modelRequested: "scripted",
      modelServed: "gpt-5.5",
      family: "openai",
    });
    expect(verifiers.map(({ modelServed }) => modelServed)).not.toContain("gpt-5.5");
    expect(linesWith(told, "gpt-5.5").join("\n")).toContain("scripted");
    await expectNothingTaken(rig, told);
    expectUnmerged(rig);
  });

  test("weakens a test, leaves files uncommitted, hides behind its own word", async () => {
    const told = await executed(rig, [
      { write: { "test/start.test.js": null } },
      ...honest,
      { write: { "src/left.js": "half\n" } },
    ]);
    expect(told.ran.code).toBe(3);
    const report = expectFacts(rig, told);
    expect(failing(report)).toEqual(["clean", "files", "tests-weakened"]);
    const message = (id: string): string | undefined => report.checks.find((check) => check.id === id)?.message;
    expect(message("clean")).toBe("not committed: src/left.js");
    expect(message("tests-weakened")).toContain("test/start.test.js: the test file was deleted");
    expect(report.files.map(({ path }) => path)).not.toContain("src/left.js");
    await expectNothingTaken(rig, told);
  });

  test("changes nothing and says it is done", async () => {
    const told = await executed(rig, []);
    expect(told.ran.code).toBe(4);
    expect(told.run).toMatchObject({ outcome: "no-work", report: null });
    expect(told.message).toContain("changed nothing");
    await expectNothingTaken(rig, told);
  });

  test("commits to branches that are not the stage's, the task's own among them", async () => {
    const task = join(rig.home, "worktrees/calc/math/add/task");
    const told = await executed(rig, [
      ...honest,
      { misbehave: "commit-elsewhere" },
      { run: `cd '${task}' && echo sneaked > sneaked.txt && git add . && git commit -q -m sneaked` },
    ]);
    expect(told.ran.code).toBe(3);
    const report = expectFacts(rig, told);
    expect(failing(report)).toEqual(["other-branches"]);
    const found = report.checks.find(({ id }) => id === "other-branches")?.message;
    expect(found).toContain("refs/heads/stray was made");
    expect(found).toContain(`refs/heads/${taskBranch} moved from`);
    await expectNothingTaken(rig, told);
  });

  test("may work while a person commits and branches in the project: that is listed, and blocks nothing", async () => {
    const person = "git -c user.name=Ada -c user.email=ada@example.org commit -q -m mine";
    const told = await executed(rig, [
      ...honest,
      { run: `cd '${rig.root}' && echo mine > mine.txt && git add mine.txt && ${person} && git branch --quiet idea` },
    ]);
    expect(told.ran.code, told.ran.stdout).toBe(0);
    const report = expectFacts(rig, told);
    expect(failing(report)).toEqual([]);
    const found = report.checks.find(({ id }) => id === "other-branches")?.message;
    expect(found).toContain("moved meanwhile, by others");
    expect(found).toContain("refs/heads/main");
  });

  test("rewrites the history that it was given", async () => {
    const told = await executed(rig, [{ misbehave: "rewrite-history" }, ...honest]);
    expect(told.ran.code).toBe(3);
    expect(told.report?.checks.find(({ id }) => id === "history")).toMatchObject({ ok: false, blocking: true });
    await expectNothingTaken(rig, told);
    expectUnmerged(rig);
  });

  test("plants a hook and core.fsmonitor: put back, kept for people, never executed", async () => {
    const config = rig.read(".git/config");
    const told = await executed(rig, [...honest, { misbehave: "plant-config" }, { misbehave: "plant-hook" }]);
    expect(told.ran.code).toBe(6);
    expect(told.run).toMatchObject({ outcome: "contract-violation", report: null });
    expect(told.message).toContain(".git/config changed");
    expect(told.message).toContain(".git/hooks/pre-commit added");
    expect(rig.read(".git/config")).toBe(config);
    for (const trace of ["hooks/pre-commit", "hooks/planted-hook-ran", "planted-config-ran"])
      expect(existsSync(join(rig.root, ".git", trace)), trace).toBe(false);
    const kept = rig.read(`${told.run.runDir}/state/logs-001/executor-planted.log`);
    expect(kept).toContain("planted-fsmonitor");
    await expectNothingTaken(rig, told);
  });

  test("deletes its worktree: its commits are still there", async () => {
    const told = await executed(rig, [...honest, { misbehave: "delete-worktree" }]);
    expect(told.ran.code).toBe(6);
    expect(told.message).toContain("stage-1/.git removed");
    expect(rig.git("log", "--format=%s", `${told.run.worktree?.branch}`, "--not", "main").split("\n")).toHaveLength(2);
    await expectNothingTaken(rig, told);
    expect((await attempt(rig, 1, [])).ran.code).toBe(0);
  });

  test("may not decide: approving and answering from inside a dispatch is refused, whatever it does to its environment", async () => {
    const approved = (
      JSON.parse(rig.read(".okstra/tasks/math/add/task-manifest.json")) as Json & { plans: { content: string }[] }
    ).plans[0]?.content;
    const okstra = `'${process.execPath}' '${join(packageRoot, "dist/main.js")}'`;
    const told = await executed(rig, [
      {
        run: `${okstra} answer ${key} C-001 yes > ../said-1.txt 2>&1; echo "exit $?" >> ../said-1.txt`,
        ignoreExit: true,
      },
      {
        run: `env -i PATH="$PATH" OKSTRA_HOME='${rig.home}' ${okstra} approve ${key} --content ${approved} --cwd '${rig.root}' > ../said-2.txt 2>&1; echo "exit $?" >> ../said-2.txt`,
        ignoreExit: true,
      },
      ...honest,
    ]);
    const trees = join(rig.home, "worktrees/calc/math/add");
    for (const name of ["said-1.txt", "said-2.txt"]) {
      expect(rig.read(join(trees, name)), name).toContain("was called from inside an agent's dispatch");
      expect(rig.read(join(trees, name)), name).toContain("exit 3");
    }
    expect(told.ran.code).toBe(0);
  });
});
