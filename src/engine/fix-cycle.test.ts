import { expect, test } from "vitest";
import { run as planning, manifest as runManifest, sha, summaryOf, taskOf } from "../../test/fixtures/run.ts";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { worldOf } from "../../test/world-of.ts";
import { projectPaths, taskPaths } from "../lifecycle/index.ts";
import { printRun, type RunRef, take } from "../model/index.ts";
import {
  createJournal,
  openHome,
  readFixCycles,
  readTaskManifest,
  registerProject,
  runLock,
  withLock,
  writeRunManifest,
  writeTaskManifest,
} from "../registry/index.ts";
import { openFixCycle, plainRequest, planRun, prepare, type RunRequest } from "./index.ts";

const { key } = planning;
const verified: RunRef = { key, taskType: "final-verification", stage: null, seq: 1 };
const reason = "The total is wrong again";

/** A task whose verification found faults; `more`: runs that were started and have not ended. */
async function finished(rig: TestRepository, more: readonly RunRef[] = []) {
  const place = { host: rig.host, home: rig.home, projectRoot: rig.root, key };
  take(await openHome(rig.host, rig.home));
  rig.write(
    projectPaths(rig.root).project,
    JSON.stringify({ schemaVersion: 1, projectId: "shop", projectRoot: rig.root }),
  );
  take(await registerProject(rig.host, rig.home, { projectId: "shop", projectRoot: rig.root }));
  rig.write(taskPaths(rig.root, key).brief, "# Cart\n");
  rig.write(
    "scenario.yaml",
    "schemaVersion: 1\nfamilies: {claude: claude, codex: codex, report-writer: claude}\nentries:\n  - {when: {}, result: {}}\n",
  );
  for (const ref of [verified, ...more]) {
    const manifest = { ...runManifest(["claude"]), id: printRun(ref), taskType: ref.taskType };
    take(await writeRunManifest(rig.host, place, ref, manifest));
    const first = { run: printRun(ref), invocation: {}, manifestSha256: sha("m") };
    const journal = take(await createJournal(rig.host, place, ref, { type: "run.prepared", data: first }));
    take(await journal.append({ type: "run.started", data: {} } as never));
  }
  const task = taskOf([summaryOf(verified, "completed"), ...more.map((ref) => summaryOf(ref, null))]);
  take(await writeTaskManifest(rig.host, place, task));
  const world = worldOf(rig.host, rig.home);
  const request: RunRequest = {
    ...plainRequest(rig.root, key, "implementation-planning"),
    ...{ agents: `scripted:${rig.root}/scenario.yaml`, workers: ["claude", "codex"], baseRef: "main" },
  };
  const rows = async () => take(await readFixCycles(rig.host, place));
  return { place, world, request, rows, cycle: async () => take(await readTaskManifest(rig.host, place))?.cycle };
}

const failureOf = (result: { readonly ok: boolean; readonly error?: unknown }) => (result.ok ? null : result.error);

test("--fix-cycle yes reopens a finished task for what the directive says; the run is in that cycle", async () => {
  using rig = testRepository();
  const { world, request, rows, cycle } = await finished(rig);
  const wished = { ...request, fixCycle: "yes", directive: reason } as const;
  expect(failureOf(await prepare(world, { ...request, fixCycle: "yes" }))).toMatchObject({
    reason: "usage",
    remedy: expect.stringContaining("--directive"),
  });
  expect(take(await planRun(world, wished)).notes).toContain("fix cycle 1 would be opened first");
  expect(await rows()).toEqual([]);

  const first = take(await prepare(world, wished)).manifest;
  expect(first).toMatchObject({ cycle: 1, fixCycle: { reason, reopens: printRun(verified) } });
  expect(first.invocation.fixCycle).toBe("yes");
  expect(await rows()).toMatchObject([
    { status: "opened", cycle: 1, reason, reopens: printRun(verified) },
    { status: "run", cycle: 1, run: first.id },
  ]);
  // The next run joins the cycle that is open; one that says no is refused, one that says nothing is in it all the same.
  expect(take(await prepare(world, { ...request, fixCycle: "yes" })).manifest.cycle).toBe(1);
  expect(failureOf(await prepare(world, { ...request, fixCycle: "no" }))).toMatchObject({
    reason: "fix-cycle-refused",
    remedy: expect.stringContaining("okstra fixcycle close shop/q3/cart"),
  });
  expect(await cycle()).toBe(1);
});

test("a cycle whose first run cannot be prepared is dropped again", async () => {
  using rig = testRepository();
  const { world, request, rows, cycle } = await finished(rig);
  const wrong = { ...request, fixCycle: "yes", directive: reason, baseRef: "nowhere" } as const;
  expect(failureOf(await prepare(world, wrong))).toMatchObject({ reason: "base-ref-unknown" });
  expect(await rows()).toMatchObject([{ status: "opened" }, { status: "closed", as: "dropped" }]);
  expect(await cycle()).toBe(0);
  expect(take(await prepare(world, { ...request, fixCycle: "no" })).manifest).toMatchObject({ cycle: 0 });
});

test("an agent reopens nothing, by the flag as little as by the command", async () => {
  using rig = testRepository();
  const { world, request, rows, cycle } = await finished(rig);
  const processes = { ...world.host.processes, ancestorHas: async () => true };
  const below = { ...world, host: { ...world.host, processes } };
  const wished = { ...request, fixCycle: "yes", directive: reason } as const;
  expect(failureOf(await prepare(below, wished))).toMatchObject({ reason: "agent-may-not-decide" });
  const ask = { cwd: rig.root, key, reason, via: "cli" };
  expect(failureOf(await openFixCycle(below, ask))).toMatchObject({ reason: "agent-may-not-decide" });
  expect([await rows(), await cycle()]).toEqual([[], 0]);
});

test("a cycle that somebody wrote into the task's file is none, for the task as for its runs", async () => {
  using rig = testRepository();
  const { place, world, request, rows } = await finished(rig);
  const task = take(await readTaskManifest(rig.host, place)) ?? expect.unreachable();
  const runs = task.runs.map((run) => ({ ...run, cycle: 1 }));
  take(await writeTaskManifest(rig.host, place, { ...task, cycle: 1, runs }));
  expect(take(await prepare(world, request)).manifest.cycle).toBe(0);
  const settled = take(await readTaskManifest(rig.host, place));
  expect([settled?.cycle, settled?.runs.map((run) => run.cycle ?? 0), await rows()]).toEqual([0, [0, 0], []]);
});

test("what stands in the way is called what it is: interrupted, or under way", async () => {
  using rig = testRepository();
  const open: RunRef = { key, taskType: "error-analysis", stage: null, seq: 1 };
  const { world } = await finished(rig, [open]);
  const ask = { cwd: rig.root, key, reason, via: "cli" };
  const id = printRun(open);
  expect(failureOf(await openFixCycle(world, ask))).toMatchObject({
    reason: "fix-cycle-refused",
    message: `${id} was interrupted and has not ended`,
    remedy: `Go on with it: okstra resume '${id}'; or give it up: okstra cancel '${id}'`,
  });
  await withLock(rig.host, runLock(rig.home, open), "execute", async () => {
    expect(failureOf(await openFixCycle(world, ask))).toMatchObject({
      message: `${id} is under way`,
      remedy: expect.stringContaining("okstra wait"),
    });
  });
});
