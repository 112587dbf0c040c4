/**
 * Random histories against the model of test/rig/histories.ts; `OKSTRA_MODEL_HISTORIES=<number>` plays more of them, `OKSTRA_HISTORY`
 * the one of that seed.
 */
import { expect, test } from "vitest";
import { type History, openPlayers, playHistory } from "../rig/histories.ts";
import { openApproved } from "../rig/races.ts";
import { seed } from "../setup/seed-of-run.ts";

const only = process.env["OKSTRA_HISTORY"];
const many = only === undefined ? Number(process.env["OKSTRA_MODEL_HISTORIES"] ?? 6) : 1;

test(`${many} random histories by three processes: one holder a stage, no row and no commit lost, the records agree`, {
  timeout: (many + 5) * 60_000,
}, async () => {
  await using ground = await openApproved();
  await using players = await openPlayers(3);
  const wrong: History[] = [];
  const first = only === undefined ? seed : Number(only);
  for (let at = 0; at < many; at += 1) {
    const history = await playHistory(ground, players, first + at);
    if (history.wrong.length > 0) wrong.push(history);
  }
  console.log(`${many} histories from seed ${first}`);
  expect(wrong).toEqual([]);
});
