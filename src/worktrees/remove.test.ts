import { expect, test } from "vitest";
import { removalHistory } from "../../test/rig/removals.ts";
import { seed } from "../../test/setup/seed-of-run.ts";

test("whatever was done in a tree, removing it loses nothing", { timeout: 240_000 }, async () => {
  const histories = [];
  for (let at = 0; at < 6; at += 1) histories.push(await removalHistory(seed + at));
  expect(histories.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  // test/deep/remove.test.ts plays a hundred. Both must have happened, or the histories say little.
  expect(new Set(histories.map(({ removed }) => removed))).toEqual(new Set([true, false]));
});
