/**
 * SIGKILL just before an effect of prepare, dispatch or integration: the next command finishes or undoes what was begun. Here the
 * first effect of each kind and one by chance (another: FC_SEED=<number>); test/deep/kill.test.ts kills before every one.
 */
import { expect, test } from "vitest";
import { key } from "../rig/calculator.ts";
import { firstOfEachKind, killAt, must, openScene, type Scene, someOf, stories } from "../rig/kills.ts";
import { openApproved, openFresh } from "../rig/races.ts";
import { seed } from "../setup/seed-of-run.ts";

test("a killed prepare or run is finished or undone by the next command, before each kind of effect", {
  timeout: 300_000,
}, async () => {
  await using approved = await openApproved();
  await using fresh = await openFresh();
  const hit = new Set<string>();
  const prepare = await openScene(stories.stagePrepare, approved);
  const listed = prepare.effects.findLast(({ detail }) => detail.endsWith("task-manifest.json"))?.n ?? 0;
  // Listed, and undone all the same.
  expect((await prepare.kill(listed + 1)).wrong).toEqual([]);
  expect(await killed(prepare, hit)).toEqual([]);
  const ofPrepare = [...hit];
  expect(await killed(await openScene(stories.stageRun, approved), hit)).toEqual([]);
  expect(await killed(await openScene(stories.firstPrepare, fresh), hit)).toEqual([]);
  const analysis = await openScene(stories.analysisRun, fresh);
  expect(await killed(analysis, hit)).toEqual([]);
  // Ended, and killed before its record was whole: a person sees an ended run and answers its question.
  const answered = await analysis.kill(analysis.effects.length, (rig) => must(rig, "answer", key, "C-001", "No."));
  expect(answered).toEqual({ hit: expect.anything(), wrong: [] });
  expect(ofPrepare).toEqual(expect.arrayContaining(["git.addTree", "git.fillTree", "files.appendLine"]));
  expect([...hit]).toEqual(expect.arrayContaining(["processes.supervise", "git.merge", "git.snapshot"]));
});

/** Kills before each kind of effect that was not hit so far, and before one by chance. */
async function killed(scene: Scene, hit: Set<string>): Promise<readonly string[]> {
  const toll = await killAt(scene, [...firstOfEachKind(scene, hit), ...someOf(scene, 1, seed)]);
  for (const kind of toll.kinds) hit.add(kind);
  console.log(`${scene.name}: killed ${toll.kills} times (seed ${seed}), before ${toll.kinds.join(", ")}`);
  const missed = scene.effects.filter(({ kind }) => !hit.has(kind)).map(({ kind }) => `not hit: ${kind}`);
  return [...toll.wrong, ...missed];
}
