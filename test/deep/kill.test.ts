/**
 * The kill test before the first effect of each kind, and before every fifth effect of the commands, beginning at one that the
 * seed says, so that different seeds (FC_SEED=<number>) kill before all of them; OKSTRA_KILL=all takes every one, which is half
 * an hour.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { key } from "../rig/calculator.ts";
import { firstOfEachKind, killAt, must, openScene, stories } from "../rig/kills.ts";
import { type Ground, openApproved, openFresh } from "../rig/races.ts";
import { seed } from "../setup/seed-of-run.ts";

const hour = 3_600_000;
const every = process.env["OKSTRA_KILL"] === "all" ? 1 : 5;

let grounds: Readonly<Record<"fresh" | "approved", Ground>>;
beforeAll(async () => {
  grounds = { fresh: await openFresh(), approved: await openApproved() };
});
afterAll(async () => {
  for (const ground of Object.values(grounds)) await ground[Symbol.asyncDispose]();
});

for (const story of Object.values(stories)) {
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

test("an analysis that ended and was killed before its record was whole: its question is answered", async () => {
  const analysis = await openScene(stories.analysisRun, grounds.fresh);
  const answered = await analysis.kill(analysis.effects.length, (rig) => must(rig, "answer", key, "C-001", "No."));
  expect(answered).toEqual({ hit: expect.anything(), wrong: [] });
});
