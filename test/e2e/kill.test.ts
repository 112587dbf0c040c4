/**
 * SIGKILL just before an effect: the next command finishes or undoes what was begun. Here a stage's prepare at its
 * turning points and one by chance (another: FC_SEED=<number>); test/deep/kill.test.ts kills prepare, dispatch, integration and
 * removal before every kind of effect.
 */
import { expect, test } from "vitest";
import { killAt, openScene, type Scene, someOf, stories } from "../rig/kills.ts";
import { openApproved } from "../rig/races.ts";
import { seed } from "../setup/seed-of-run.ts";

test("a killed prepare is finished or undone by the next command", { timeout: 300_000 }, async () => {
  await using approved = await openApproved();
  const prepare = await openScene(stories.stagePrepare, approved);
  const listed = prepare.effects.findLast(({ detail }) => detail.endsWith("task-manifest.json"))?.n ?? 0;
  // Listed, and undone all the same.
  expect((await prepare.kill(listed + 1)).wrong).toEqual([]);
  const turns = ["git.addTree", "git.fillTree", "files.appendLine"];
  const kinds = await killed(prepare, [...turns.map((kind) => `${kind}:1`), ...someOf(prepare, 1, seed)]);
  expect(kinds).toEqual(expect.arrayContaining(turns));
});

/** The kinds of effect that it was killed before. */
async function killed(scene: Scene, places: readonly (string | number)[]): Promise<readonly string[]> {
  const { kills, kinds, wrong } = await killAt(scene, places);
  console.log(`${scene.name}: killed ${kills} times (seed ${seed}), before ${kinds.join(", ")}`);
  expect(wrong).toEqual([]);
  return kinds;
}
