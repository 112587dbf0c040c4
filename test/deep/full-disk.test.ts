/**
 * A disk that fills up at any point: the command says so, an agent's failure for want of space is none, and once there is room the
 * run goes on to the end with a journal that verifies. And a whole task in a linked worktree.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import type { Failure } from "../../src/model/index.ts";
import { agents, files, initialise, key, untilApproved } from "../rig/calculator.ts";
import { fillTo, noPlaces, openPlace } from "../rig/places.ts";
import { openRig, type Ran } from "../rig/rig.ts";
import { changes, tracesOf } from "../rig/traces.ts";

const rig = openRig(files);
const withAgents = (...args: string[]): string[] => [...args, "--agents", agents(rig)];
const first = (): string[] =>
  withAgents("run", `${rig.folder}/brief.md`, "--task-key", key, "--task-type", "error-analysis", "--base-ref", "main");
const analysis = `${key}@error-analysis#001`;
const stageRun = `${key}@implementation.stage-1#001`;
let fresh: () => void;
let prepared: () => void;

beforeAll(async () => {
  await initialise(rig);
  fresh = rig.keep();
  await untilApproved(rig);
  const stage = withAgents("prepare", "--task-key", key, "--task-type", "implementation", "--stage", "1");
  expect((await rig.okstra(stage)).code).toBe(0);
  prepared = rig.keep();
}, 120_000);
afterAll(() => rig[Symbol.asyncDispose]());

/** Undefined when there was room enough. */
const failureOf = (ran: Ran): Failure | undefined => ran.json<{ error?: Failure }>().error;

describe.skipIf(noPlaces !== undefined)("a disk that fills up", () => {
  test("the project's, in the first run of a task", async () => {
    const fates = new Set<string>();
    for (const left of [0, 8, 40, 72, 88, 120, 160, 200, 240, 400]) {
      fresh();
      await using at = await openPlace(rig, [{ at: rig.root, sizeMiB: 3 }]);
      const free = fillTo(at, rig.root, left);
      const before = tracesOf(at);
      const error = failureOf(await at.okstra([...first(), "--json"]));
      const goesOn = error?.remedy.includes(`okstra resume '${analysis}'`) === true;
      fates.add(error === undefined ? "enough" : goesOn ? "goes on" : "refused");
      if (error !== undefined) expect([left, error.reason]).toEqual([left, "disk-full"]);
      if (error !== undefined && !goesOn) expect([left, ...changes(before, tracesOf(at))]).toEqual([left]);
      free();
      const then = goesOn ? ["resume", analysis] : first();
      if (error !== undefined)
        expect((await at.okstra([...then, "--json"])).json<RunSummary>().outcome, `${left} KiB`).toBe("completed");
      expect((await at.okstra(["validate", "run", analysis])).stdout).toContain("result: OK");
    }
    expect([...fates].sort()).toEqual(["enough", "goes on", "refused"]);
  });

  test.each([
    { disk: "home", sizeMiB: 80, lefts: [0, 16, 32, 64, 130, 190, 260] },
    { disk: "project", sizeMiB: 4, lefts: [0, 24, 48, 80, 130, 180, 185, 190, 220] },
  ])("the $disk's, in the run of a stage", async ({ disk, sizeMiB, lefts }) => {
    const folder = disk === "home" ? rig.home : rig.root;
    for (const left of lefts) {
      prepared();
      await using at = await openPlace(rig, [{ at: folder, sizeMiB }]);
      const free = fillTo(at, folder, left);
      const error = failureOf(await at.okstra(["resume", stageRun, "--json"]));
      free();
      if (error !== undefined) {
        expect([left, error.reason]).toEqual([left, "disk-full"]);
        expect(error.remedy).toContain(`okstra resume '${stageRun}'`);
        const resumed = (await at.okstra(["resume", stageRun, "--json"])).json<RunSummary>();
        expect([left, resumed.verdict]).toEqual([left, "merged"]);
      }
      expect((await at.okstra(["validate", "run", stageRun])).stdout).toContain("result: OK");
    }
  });
});

test("a whole task in a linked worktree, one stage at a time, to the acceptance", async () => {
  fresh();
  const root = join(rig.folder, "linked");
  rig.git("worktree", "add", "--quiet", "-b", "side", root);
  rig.git("clean", "-fdxq");
  const okstra = (...args: string[]): Promise<Ran> => rig.okstra([...args, "--json"], { cwd: root });
  await okstra("init", "--project-id", "calc");
  await untilApproved(rig, root);
  const built = await okstra(...withAgents("implement", key, "--stage", "all", "--parallel", "2"));
  expect(built.stderr).toContain("stages are built one at a time");
  expect(built.json<{ runs: RunSummary[] }>().runs.map(({ verdict }) => verdict)).toEqual([
    "merged",
    "merged",
    "merged",
  ]);
  const verified = await okstra(...withAgents("run", "--task-key", key, "--task-type", "final-verification"));
  expect(verified.json<RunSummary>().verdict, verified.stdout).toBe("accepted");
  expect(rig.gitAt(root, "status", "--porcelain", "--", ":!.okstra")).toBe("");
  expect(rig.git("rev-parse", "main")).toBe(rig.git("merge-base", "main", "side"));
});
