/** Commands of one task that begin at the same moment, as processes. The hundred rounds are in race.test.ts. */
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readRun } from "../../src/model/index.ts";
import { agents, files, finding, initialise, key, scenario } from "../rig/calculator.ts";
import { analysisRun, stageRun } from "../rig/kills.ts";
import { puppets } from "../rig/puppet.ts";
import { cheap, type Ground, openApproved, openFresh, prepareStage, stageRaces, together } from "../rig/races.ts";
import { openRig, type Rig } from "../rig/rig.ts";
import { clarificationsOf, eventsOf, ledgerOf, registryOf, taskManifestOf, wrongs } from "../rig/world.ts";

const reasonOf = (ran: { json<T>(): T }): string => ran.json<{ error: { reason: string } }>().error.reason;

const analysis = (rig: Rig, command: "prepare" | "run"): readonly string[] => [
  ...[command, `${rig.folder}/brief.md`, "--task-key", key, "--task-type", "error-analysis"],
  ...["--base-ref", "main", "--agents", agents(rig), "--json"],
];

let approved: Ground;
beforeAll(async () => {
  approved = await openApproved();
});
beforeEach(() => approved.restore());
afterAll(() => approved[Symbol.asyncDispose]());

test("two prepares of any stage get different stages, every time", { timeout: 180_000 }, async () => {
  expect(await stageRaces(approved, 20)).toEqual([]);
});

test("two first runs of a new task share one worktree", async () => {
  await using fresh = await openFresh();
  const { rig, restore } = fresh;
  for (let round = 0; round < 2; round += 1) {
    restore();
    const ran = await together(rig, analysis(rig, "prepare"), analysis(rig, "prepare"));
    expect(ran.map((one) => [one.code, one.stderr])).toEqual([
      [0, expect.any(String)],
      [0, expect.any(String)],
    ]);
    expect(taskManifestOf(rig, key)?.runs.map((run) => [run.id, run.worktree?.path])).toEqual([
      [analysisRun, join(rig.home, "worktrees", key, "task")],
      [analysisRun.replace("001", "002"), join(rig.home, "worktrees", key, "task")],
    ]);
    expect(Object.keys(registryOf(rig))).toEqual([key]);
    expect(await wrongs(rig, key)).toEqual([]);
  }
});

test("an answer and the run that needs it: refused, or the answer is in it", async () => {
  await using fresh = await openFresh();
  const { rig } = fresh;
  expect((await rig.okstra(analysis(rig, "run"))).code).toBe(0);
  const restore = rig.keep();
  const plan = [
    "prepare",
    "--task-key",
    key,
    "--task-type",
    "implementation-planning",
    "--agents",
    agents(rig),
    "--json",
  ];
  for (let round = 0; round < 2; round += 1) {
    restore();
    const [answered, planned] = await together(rig, ["answer", key, "C-001", "No.", "--json"], plan);
    expect(answered?.code, answered?.stderr).toBe(0);
    const [item] = clarificationsOf(rig, key).slice(-1);
    if (planned?.code === 0)
      expect(item).toMatchObject({
        status: "resolved",
        userInput: "No.",
        resolvedIn: `${key}@implementation-planning#001`,
      });
    else {
      expect([planned?.code, planned === undefined ? "" : reasonOf(planned)]).toEqual([3, "clarifications-open"]);
      expect(item).toMatchObject({ status: "answered", userInput: "No." });
    }
    expect(await wrongs(rig, key)).toEqual([]);
  }
});

test("two resumes of one run: one executes it, the other says so", async () => {
  await using rig = openRig(files);
  await using held = await puppets(join(rig.folder, "p"));
  const answer = {
    schemaVersion: 1,
    findings: [finding("C-F1")],
    answers: [],
    proposal: "none",
    questions: [],
    notExamined: [],
  };
  await initialise(rig, [
    {
      when: { purpose: "blind", worker: "claude" },
      do: [{ puppet: "p" }],
      result: answer,
      usage: { input: 1, output: 1 },
    },
  ]);
  expect((await rig.okstra(analysis(rig, "prepare"))).code).toBe(0);
  const both = [1, 2].map(() => rig.launch(["resume", analysisRun, "--json"]));
  const first = await Promise.race(both.map(({ done }) => done));
  expect([first.code, reasonOf(first)]).toEqual([1, "run-active"]);
  await held.arrived(1);
  held.go();
  const codes = (await Promise.all(both.map(({ done }) => done))).map((ran) => ran.code);
  expect(codes.toSorted()).toEqual([0, 1]);
  expect(eventsOf(rig, readRun(analysisRun)).filter((event) => event.type === "run.started")).toHaveLength(1);
  expect(await wrongs(rig, key)).toEqual([]);
});

test("a cancel and a prepare at the same moment: the stage is free again or another is taken", {
  timeout: 60_000,
}, async () => {
  const { rig, restore } = approved;
  for (let round = 0; round < 2; round += 1) {
    restore();
    expect((await rig.okstra(prepareStage(rig))).code).toBe(0);
    const [cancelled, prepared] = await together(rig, ["cancel", stageRun, "--json"], prepareStage(rig));
    expect([cancelled?.code, prepared?.code], `${cancelled?.stderr}${prepared?.stderr}`).toEqual([0, 0]);
    const { stage, id } = prepared?.json<{ stage: number; id: string }>() ?? { stage: 0, id: "" };
    expect([1, 2]).toContain(stage);
    expect(registryOf(rig)[`${key}#stage-${stage}`]).toMatchObject({ status: "active", holder: { run: id } });
    const ends = ledgerOf(rig, key)
      .filter((row) => row.run === stageRun)
      .map((row) => row.status);
    expect(ends).toEqual(["started", "released"]);
    expect(await wrongs(rig, key)).toEqual([]);
  }
});

test("two cancels, and a cancel of a run that is being executed", async () => {
  const { rig } = approved;
  await using held = await puppets(join(rig.folder, "p"));
  rig.write(`${rig.folder}/scenario.yaml`, cheap(scenario([{ when: { purpose: "execute" }, do: [{ puppet: "p" }] }])));
  expect((await rig.okstra(prepareStage(rig))).code).toBe(0);
  const engine = rig.launch(["resume", stageRun, "--json"]);
  await held.arrived(1);
  const cancels = await together(rig, ["cancel", stageRun, "--json"], ["cancel", stageRun, "--json"]);
  expect(
    cancels.map((one) => one.code),
    cancels.map((one) => one.stderr).join(),
  ).toEqual([0, 0]);
  expect((await engine.done).code).toBe(130);
  expect(registryOf(rig)[`${key}#stage-1`]).toMatchObject({ status: "released" });
  expect(taskManifestOf(rig, key)?.runs.at(-1)).toMatchObject({ id: stageRun, outcome: "cancelled" });
  expect(await wrongs(rig, key)).toEqual([]);
});
