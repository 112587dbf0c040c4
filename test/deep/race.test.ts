/** Two prepares at the same moment get different stages, 100 times out of 100; racing-commands.test.ts races other commands. */
import { expect, test } from "vitest";
import { openApproved, stageRaces } from "../rig/races.ts";

test("two prepares of any stage at the same moment get different ones, a hundred times", async () => {
  await using approved = await openApproved();
  expect(await stageRaces(approved, 100)).toEqual([]);
});
