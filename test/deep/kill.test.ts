/**
 * The kill test before the first effect of each kind, and before every fifth effect of the commands, beginning at one that the
 * seed says, so that different seeds (FC_SEED=<number>) kill before all of them; OKSTRA_KILL=all takes every one, which is half
 * an hour. Then a few kills at any instant, also while git runs; OKSTRA_KILLS=<number> takes more for each command.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { key } from "../rig/calculator.ts";
import { firstOfEachKind, killAt, killWithin, must, openScene, stories } from "../rig/kills.ts";
import { type Ground, openApproved, openFresh } from "../rig/races.ts";
import { seed } from "../setup/seed-of-run.ts";

const hour = 3_600_000;
const instants = Number(process.env["OKSTRA_KILLS"] ?? 5);
const every = process.env["OKSTRA_KILL"] === "all" ? 1 : 5;

let grounds: Readonly<Record<"fresh" | "approved", Ground>>;
beforeAll(async () => {
  grounds = { fresh: await openFresh(), approved: await openApproved() };
});
afterAll(async () => {
  for (const ground of Object.values(grounds)) await ground[Symbol.asyncDispose]();
});

for (const story of Object.values(stories).filter(({ name }) => name !== stories.provisioning.name)) {
  test(`${story.name}, killed before each of its effects`, { timeout: hour }, async () => {
    const scene = await openScene(story, grounds[story.ground]);
    const chosen = scene.effects.filter(({ n }) => n % every === Math.abs(seed) % every);
    const toll = await killAt(scene, [...firstOfEachKind(scene), ...chosen.map(({ n }) => n)]);
    console.log(
      `${scene.name}: killed ${toll.kills} times of ${scene.effects.length}, before ${toll.kinds.join(", ")}`,
    );
    expect(toll.wrong).toEqual([]);
    expect(toll.kinds).toEqual([...new Set(scene.effects.map(({ kind }) => kind))].sort());
  });
}

for (const name of ["firstPrepare", "stagePrepare", "provisioning", "merge", "removal"] as const) {
  test(`${stories[name].name}, killed at instants by chance`, { timeout: hour }, async () => {
    const scene = await openScene(stories[name], grounds[stories[name].ground]);
    const toll = await killWithin(scene, instants, seed);
    console.log(`${scene.name}: killed ${toll.kills} times of ${instants} at instants of seed ${seed}`);
    expect(toll.wrong).toEqual([]);
  });
}

test("an analysis that ended and was killed before its record was whole: its question is answered", async () => {
  const analysis = await openScene(stories.analysisRun, grounds.fresh);
  const answered = await analysis.kill(analysis.effects.length, (rig) => must(rig, "answer", key, "C-001", "No."));
  expect(answered).toEqual({ hit: expect.anything(), wrong: [] });
});
