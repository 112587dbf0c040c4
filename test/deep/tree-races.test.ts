/**
 * Twenty processes make worktrees in one repository: none fails, none is made twice. OKSTRA_RACES=<number> makes others than 2,000;
 * test/e2e/tree-races.test.ts makes few.
 */
import { expect, test } from "vitest";
import { treeRace } from "../rig/tree-races.ts";

test("no creation fails and none is doubled", { timeout: 3_600_000 }, async () => {
  const { tried, wrong } = await treeRace(Number(process.env["OKSTRA_RACES"] ?? "2000"), 20);
  expect([tried > 0, wrong]).toEqual([true, []]);
});
