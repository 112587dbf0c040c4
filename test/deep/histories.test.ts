/**
 * Random histories against the model of test/rig/histories.ts, for about a minute; `OKSTRA_HISTORIES_SECONDS` gives them longer,
 * `OKSTRA_HISTORY` plays the one of that seed.
 */
import { expect, test } from "vitest";
import { type History, openPlayers, playHistory } from "../rig/histories.ts";
import { openApproved } from "../rig/races.ts";
import { seed } from "../setup/seed-of-run.ts";

const seconds = Number(process.env["OKSTRA_HISTORIES_SECONDS"] ?? 60);
const only = process.env["OKSTRA_HISTORY"];

test(`random histories for ${seconds} s, by three processes: one holder a stage, no row and no commit lost, the records agree`, {
  timeout: (seconds + 300) * 1_000,
}, async () => {
  await using ground = await openApproved();
  await using players = await openPlayers(3);
  const wrong: History[] = [];
  const first = only === undefined ? seed : Number(only);
  const end = Date.now() + seconds * 1_000;
  let count = 0;
  do {
    const history = await playHistory(ground, players, first + count);
    count += 1;
    if (history.wrong.length > 0) wrong.push(history);
  } while (only === undefined && Date.now() < end);
  console.log(`${count} histories from seed ${first}`);
  expect(wrong).toEqual([]);
});
