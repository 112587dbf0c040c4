/** What a run would be: said in full, and nothing is touched. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunPlan } from "../../src/engine/run-plan.schema.ts";
import { checkRunPlan } from "../../src/generated/run-plan.check.js";
import type { RunManifest } from "../../src/lifecycle/task.schema.ts";
import { assertGolden } from "../golden.ts";
import { normalise } from "../normalise.ts";
import { configure } from "../rig/attempts.ts";
import { agents, files, initialise, key, untilApproved } from "../rig/calculator.ts";
import { picture } from "../rig/picture.ts";
import { openRig, packageRoot, type Ran, type Rig } from "../rig/rig.ts";

let rig: Rig;

beforeAll(async () => {
  rig = openRig(files);
  await initialise(rig);
  configure(rig, { agents: { claude: { env: { SECRET: "$NOT_THERE", MODE: "fast" } } } });
}, 60_000);
afterAll(() => rig[Symbol.asyncDispose]());

/** The plan, and a proof that the whole folder (project, git, home) is as it was. */
async function planned(...args: string[]): Promise<{ readonly ran: Ran; readonly plan: RunPlan }> {
  const before = picture(rig.folder);
  const ran = await rig.okstra([...args, "--agents", agents(rig), "--dry-run", "--json"]);
  expect(picture(rig.folder)).toEqual(before);
  const plan = ran.json<RunPlan>();
  if (ran.code === 0) expect(checkRunPlan(plan), JSON.stringify(checkRunPlan.errors)).toBe(true);
  return { ran, plan };
}

const first = ["run", "../brief.md", "--task-key", key, "--task-type", "error-analysis", "--base-ref", "main"];

test("the first run of a task: what would be made", async () => {
  const { ran, plan } = await planned(...first);
  expect(ran.code, ran.stdout).toBe(0);
  expect(plan).toMatchObject({
    id: `${key}@error-analysis#001`,
    newTask: true,
    title: "add is wrong",
    stage: null,
    worktree: {
      status: "created",
      path: `${rig.home}/worktrees/calc/math/add/task`,
      branch: "fix-add",
      baseRef: "main",
      baseCommit: rig.git("rev-parse", "main"),
    },
    budget: { runUsd: 20 },
    rounds: 2,
  });
  expect(plan.agents.map(({ worker, role, purpose, access }) => [worker, role, purpose, access])).toEqual([
    ["claude", "analyser", "blind", "read-only"],
    ["codex", "analyser", "blind", "read-only"],
    ["report-writer", "report-writer", "write", "read-only"],
  ]);
});

test("as people see it", async () => {
  const ran = await rig.okstra([...first, "--agents", agents(rig), "--dry-run"]);
  const paths = [rig.home, rig.root, rig.folder, process.execPath, packageRoot];
  assertGolden("cli/dry-run.txt", normalise(ran.stdout, { paths }));
});

test("what would be refused is refused, and nothing is touched either", async () => {
  const wrong = [
    [["run", "../nowhere.md", ...first.slice(2)], "brief-missing"],
    [[...first.slice(0, -1), "nothing"], "base-ref-unknown"],
    [[...first, "--workers", "claude"], "roster-too-small"],
    [["implement", key], "not-a-task"],
  ] as const;
  for (const [args, reason] of wrong) {
    const { ran } = await planned(...args);
    expect([args, ran.json<{ error: { reason: string } }>().error?.reason]).toEqual([args, reason]);
  }
});

test("go: the run that it would start", async () => {
  await untilApproved(rig);
  const { ran, plan } = await planned("go", key);
  expect([ran.code, plan.id]).toEqual([0, `${key}@implementation.stage-1#001`]);
});

test("a stage: just the tree, branch, base and command that prepare then takes", async () => {
  const { ran, plan } = await planned("implement", key, "--stage", "auto");
  expect(ran.code, ran.stdout).toBe(0);
  expect(plan.plan).toMatchObject({ run: `${key}@implementation-planning#001`, cycle: 0 });
  const prepared = await rig.okstra([
    "prepare",
    "--task-key",
    key,
    "--task-type",
    "implementation",
    "--agents",
    agents(rig),
    "--json",
  ]);
  const { id, worktree, stage, manifest } = prepared.json<RunPlan & { manifest: string }>();
  expect({ id, worktree, stage }).toEqual({ id: plan.id, worktree: plan.worktree, stage: plan.stage });
  const { roster } = JSON.parse(rig.read(manifest)) as RunManifest;
  expect(plan.agents.map(({ worker, agent, role, family, model }) => ({ worker, agent, role, family, model }))).toEqual(
    roster,
  );
  const executor = plan.agents[0];
  expect([executor?.role, executor?.access, executor?.cwd]).toEqual(["executor", "workspace-write", worktree.path]);
  const before = picture(rig.folder);
  const go = await rig.okstra(["go", key, "--dry-run", "--json"]);
  expect([go.code, go.json()]).toMatchObject([0, { runs: [], needs: [], resumes: [plan.id] }]);
  expect(picture(rig.folder)).toEqual(before);
});

test("a stage that is taken is named, by the same words as without --dry-run", async () => {
  const { ran } = await planned("implement", key, "--stage", "1");
  const real = await rig.okstra(["implement", key, "--stage", "1", "--agents", agents(rig), "--json"]);
  expect([ran.code, ran.stdout]).toEqual([1, real.stdout]);
  expect(ran.stdout).toContain('"stage-taken"');
});
