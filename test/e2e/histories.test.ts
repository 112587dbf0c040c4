/** Random histories against the model of test/rig/histories.ts; test/deep/histories.test.ts plays more, and one of a seed. */
import { expect, test } from "vitest";
import { direct } from "../rig/direct.ts";
import { seed } from "../setup/seed-of-run.ts";

const many = 200;

test("random histories by three processes: one holder a stage, no row and no commit lost, the records agree", {
  timeout: 1_200_000,
}, async () => {
  const { steps, kills, wrong } = await direct(seed, many);
  console.log(`${many} histories from seed ${seed}: ${steps} steps, ${kills} of them killed`);
  expect([steps > many, wrong]).toEqual([true, []]);
});
