/** The kill test before every effect of the commands, one by one; test/e2e/kill.test.ts takes a choice. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { killAt, openScene, stories } from "../rig/kills.ts";
import { type Ground, openApproved, openFresh } from "../rig/races.ts";

const hour = 3_600_000;

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
    const toll = await killAt(
      scene,
      scene.effects.map((effect) => effect.n),
    );
    console.log(`${scene.name}: killed ${toll.kills} times, before ${toll.kinds.join(", ")}`);
    expect(toll.wrong).toEqual([]);
    expect(toll.kinds).toEqual([...new Set(scene.effects.map((effect) => effect.kind))].sort());
  });
}
