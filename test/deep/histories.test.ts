/**
 * Many random histories against the model of test/rig/histories.ts; test/e2e/histories.test.ts plays fewer. `OKSTRA_MODEL_HISTORIES=<number>`
 * plays so many, `OKSTRA_HISTORY=<seed>` one.
 */
import { expect, test } from "vitest";
import { direct } from "../rig/direct.ts";
import { seed } from "../setup/seed-of-run.ts";

const only = process.env["OKSTRA_HISTORY"];
const many = only === undefined ? Number(process.env["OKSTRA_MODEL_HISTORIES"] ?? 2_000) : 1;
const first = only === undefined ? seed + 10_000 : Number(only);

test(`${many} random histories by three processes: one holder a stage, no row and no commit lost, the records agree`, {
  timeout: (many + 5) * 60_000,
}, async () => {
  const { steps, kills, wrong } = await direct(first, many, many < 20 ? 1 : 2);
  console.log(`${many} histories from seed ${first}: ${steps} steps, ${kills} of them killed`);
  expect(wrong).toEqual([]);
});
