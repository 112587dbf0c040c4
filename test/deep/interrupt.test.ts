/** A run that is stopped, killed or cancelled in the middle of a dispatch, and what comes of it. Agents wait at a socket. */
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readRun } from "../../src/model/index.ts";
import { honestActs, honestResult, key, scenario, stages } from "../rig/calculator.ts";
import { stageRun } from "../rig/kills.ts";
import { type Puppets, puppets } from "../rig/puppet.ts";
import { cheap, type Ground, openApproved, prepareStage } from "../rig/races.ts";
import type { Ran, Rig } from "../rig/rig.ts";
import { eventsOf, lastEnd, registryOf, taskManifestOf, wrongs } from "../rig/world.ts";

let rig: Rig;
let restore: () => void;
let ground: Ground;
beforeAll(async () => {
  ground = await openApproved();
  rig = ground.rig;
  const prepared = await rig.okstra(prepareStage(rig));
  if (prepared.code !== 0) throw new Error(prepared.stderr);
  restore = rig.keep();
});
beforeEach(() => restore());
afterAll(() => ground[Symbol.asyncDispose]());

type Acts = readonly Readonly<Record<string, unknown>>[];

const [first] = stages
  .filter((stage) => stage.n === 1)
  .map((stage) => ({ acts: honestActs(stage), result: honestResult(stage) }));

/** The executor of stage 1 does this, waits, and then works honestly. */
async function waiting(before: Acts = []): Promise<Puppets> {
  play([...before, { puppet: "p" }, ...(first?.acts ?? [])]);
  return await puppets(join(rig.folder, "p"));
}

function play(acts: Acts): void {
  const when = { purpose: "execute", stage: 1 };
  const entry = { when, do: acts, result: first?.result, usage: { input: 1, output: 1 } };
  rig.write(`${rig.folder}/scenario.yaml`, cheap(scenario([entry])));
}

const resume = () => rig.launch(["resume", stageRun, "--json"]);

/** An engine that was killed while its agent waits; the agent lives on. */
async function killed(held: Puppets): Promise<readonly number[]> {
  const engine = resume();
  await held.arrived(1);
  engine.child.kill("SIGKILL");
  expect((await engine.done).signal).toBe("SIGKILL");
  const orphans = rig.leftRunning();
  expect(orphans).not.toEqual([]);
  return orphans;
}

/** One that ended and is not reaped yet has no environment any more. */
const alive = (pids: readonly number[]): readonly number[] => pids.filter((pid) => rig.leftRunning().includes(pid));

/** Resumes; the agent of the second attempt may go on at once. */
async function finished(held: Puppets): Promise<Ran> {
  const engine = resume();
  await held.arrived(2);
  held.go();
  return await engine.done;
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} once: the agents end, the run can be resumed, exit 130`, async () => {
    await using held = await waiting();
    const engine = resume();
    await held.arrived(1);
    engine.child.kill(signal);
    const ran = await engine.done;
    expect([ran.code, ran.signal], ran.stderr).toEqual([130, null]);
    expect(ran.json()).toMatchObject({
      error: { reason: "interrupted", remedy: `To go on: okstra resume '${stageRun}'` },
    });
    expect(rig.leftRunning()).toEqual([]);
    expect(lastEnd(rig, readRun(stageRun))).toBeUndefined();
    const status = await rig.okstra(["status", key, "--json"]);
    expect(status.json<{ interrupted: string[] }>().interrupted).toEqual([stageRun]);
    play(first?.acts ?? []);
    if (signal === "SIGTERM") expect((await resume().done).code).toBe(0);
    expect(await wrongs(rig, key)).toEqual([]);
  });
}

test("what the agent of a killed engine leaves: its process ends, its commits stay, loose work is kept, locks go", async () => {
  const locks =
    'touch "$(git rev-parse --git-dir)/index.lock" "$(git rev-parse --git-common-dir)/refs/heads/$(git branch --show-current).lock"';
  const loose = { write: { "notes.txt": "half a thought\n" } };
  await using held = await waiting([...(first?.acts ?? []).slice(0, 2), loose, { run: locks }]);
  const orphans = await killed(held);
  play([...(first?.acts ?? [])]);
  const ran = await resume().done;
  expect(ran.code, ran.stderr).toBe(0);
  expect(alive(orphans)).toEqual([]);
  expect(rig.git("log", "--format=%s", "main..fix-add-s1").split("\n")).toHaveLength(2);
  const prompt = rig.read(
    ".okstra/tasks/math/add/runs/implementation/stage-1/prompts/claude-executor-implementation-001.md",
  );
  expect(prompt).toContain("test(add): it is wrong");
  const rescues = rig.git("for-each-ref", "--format=%(refname)", "refs/okstra/rescue/").split("\n");
  expect(rescues).toHaveLength(1);
  expect(rig.git("show", `${rescues[0]}:notes.txt`)).toBe("half a thought");
  expect(await wrongs(rig, key)).toEqual([]);
});

test("a validation of a killed engine is ended by the next resume", async () => {
  await using held = await puppets(join(rig.folder, "p"));
  const wait = `node -e 'require("net").connect(process.argv[1]).on("close", () => process.exit())' '${join(rig.folder, "p")}'`;
  rig.write(
    ".okstra/project.json",
    JSON.stringify({
      ...JSON.parse(rig.read(".okstra/project.json")),
      worktreeSetup: [
        `if [ -e .git ] && [ "$(git branch --show-current)" = "" ] && [ ! -e '${rig.folder}/once' ]; then touch '${rig.folder}/once'; ${wait}; fi`,
      ],
    }),
  );
  const orphans = await killed(held);
  const ran = await rig.okstra(["resume", stageRun, "--json"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(alive(orphans)).toEqual([]);
  expect(await wrongs(rig, key)).toEqual([]);
});

test("cancelling a run whose engine was killed ends its agent and frees the stage; it stays cancelled", async () => {
  await using held = await waiting();
  const orphans = await killed(held);
  expect((await rig.okstra(["cancel", stageRun, "--json"])).code).toBe(0);
  expect(alive(orphans)).toEqual([]);
  expect(registryOf(rig)[`${key}#stage-1`]).toMatchObject({ status: "released" });
  expect(await wrongs(rig, key)).toEqual([]);
  const events = eventsOf(rig, readRun(stageRun)).length;
  const again = await rig.okstra(["cancel", stageRun]);
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("was cancelled already")]);
  expect(eventsOf(rig, readRun(stageRun))).toHaveLength(events);
  const status = await rig.okstra(["status", key, "--json"]);
  expect(status.json<{ interrupted: string[] }>().interrupted).toEqual([]);
  expect((await rig.okstra(prepareStage(rig, "2"))).code).toBe(0);
  expect(lastEnd(rig, readRun(stageRun))).toBe("cancelled");
  expect(taskManifestOf(rig, key)?.runs.find((run) => run.id === stageRun)?.outcome).toBe("cancelled");
});

test("a cancelled run is taken up again by an explicit resume while nobody took its stage", async () => {
  await using held = await waiting();
  await killed(held);
  expect((await rig.okstra(["cancel", stageRun, "--json"])).code).toBe(0);
  const cancelled = rig.keep();
  const ran = await finished(held);
  expect(ran.code, ran.stderr).toBe(0);
  expect(registryOf(rig)[`${key}#stage-1`]).toMatchObject({ status: "released" });
  expect(await wrongs(rig, key)).toEqual([]);
  cancelled();
  expect((await rig.okstra(prepareStage(rig, "1"))).code).toBe(0);
  const refused = await rig.okstra(["resume", stageRun, "--json"]);
  expect(eventsOf(rig, readRun(stageRun)).at(-1)).toMatchObject({ data: { reason: "lost-hold" } });
  expect(refused.code).toBe(1);
  expect(registryOf(rig)[`${key}#stage-1`]).toMatchObject({
    status: "active",
    holder: { run: stageRun.replace("001", "002") },
  });
});
