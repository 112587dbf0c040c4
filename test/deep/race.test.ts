/** Two prepares at the same moment get different stages, 100 times out of 100; test/e2e/race.test.ts does fewer rounds. */
import { expect, test } from "vitest";
import { stageRaces } from "../rig/races.ts";

test("two prepares of any stage at the same moment get different ones, a hundred times", async () => {
  expect(await stageRaces(100)).toEqual([]);
});
