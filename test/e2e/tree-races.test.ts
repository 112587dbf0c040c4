/** Twenty processes make worktrees in one repository, from local and remote-tracking bases; test/deep/tree-races.test.ts makes many. */
import { expect, test } from "vitest";
import { treeRace } from "../rig/tree-races.ts";

test("no creation fails and none is doubled", { timeout: 300_000 }, async () => {
  expect(await treeRace(200, 20)).toEqual({ tried: 200, wrong: [] });
});
