/**
 * SIGKILL just before an effect of prepare, dispatch or integration: the next command finishes or undoes what was begun. Here a
 * stage's prepare before the first effect of each kind and one by chance (another: FC_SEED=<number>), and its run before an agent
 * starts and before the merge; test/deep/kill.test.ts kills six commands before every kind.
 */
import { expect, test } from "vitest";
import { firstOfEachKind, killAt, openScene, type Scene, someOf, stories } from "../rig/kills.ts";
import { openApproved } from "../rig/races.ts";
import { seed } from "../setup/seed-of-run.ts";

test("a killed prepare or run is finished or undone by the next command", { timeout: 300_000 }, async () => {
  await using approved = await openApproved();
  const prepare = await openScene(stories.stagePrepare, approved);
  const listed = prepare.effects.findLast(({ detail }) => detail.endsWith("task-manifest.json"))?.n ?? 0;
  // Listed, and undone all the same.
  expect((await prepare.kill(listed + 1)).wrong).toEqual([]);
  const kinds = await killed(prepare, [...firstOfEachKind(prepare), ...someOf(prepare, 1, seed)]);
  expect(kinds).toEqual([...new Set(prepare.effects.map(({ kind }) => kind))].sort());
  expect(kinds).toEqual(expect.arrayContaining(["git.addTree", "git.fillTree", "files.appendLine"]));
  const inRun = ["git.merge", "processes.supervise"];
  const run = await openScene(stories.stageRun, approved);
  const places = inRun.map((kind) => `${kind}:1`);
  expect(await killed(run, places)).toEqual(inRun);
});

/** The kinds of effect that it was killed before. */
async function killed(scene: Scene, places: readonly (string | number)[]): Promise<readonly string[]> {
  const { kills, kinds, wrong } = await killAt(scene, places);
  console.log(`${scene.name}: killed ${kills} times (seed ${seed}), before ${kinds.join(", ")}`);
  expect(wrong).toEqual([]);
  return kinds;
}
