/** Twenty processes make worktrees in one repository: none fails, none is made twice. OKSTRA_RACES=<number> makes others than 500. */
import { expect, test } from "vitest";
import { treeRace } from "../rig/tree-races.ts";

test("no creation fails and none is doubled", { timeout: 3_600_000 }, async () => {
  const { tried, wrong } = await treeRace(Number(process.env["OKSTRA_RACES"] ?? "500"), 20);
  expect([tried > 0, wrong]).toEqual([true, []]);
});
