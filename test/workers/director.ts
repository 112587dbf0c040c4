/**
 * A process that plays histories one after the other, with three workers. A small process of its own, since each git that a process
 * starts costs more the larger it is. Arguments: the seed of the first, how many, the bundle of test/workers/histories.ts. Says one
 * line of JSON.
 */
import { noFindings } from "../rig/calculator.ts";
import { type History, openPlayers, playHistory } from "../rig/histories.ts";
import { keepFolder } from "../rig/kept.ts";
import { approvedTasks, openApproved } from "../rig/races.ts";

export type Directed = { readonly steps: number; readonly kills: number; readonly wrong: readonly History[] };

const [seed = "", many = "", program = ""] = process.argv.slice(2);
await using ground = await openApproved();
const tasks = await approvedTasks(ground.rig);
// Who the agents are; they do nothing here, and a long scenario would be read at each prepare.
const { families } = JSON.parse(ground.rig.read(`${ground.rig.folder}/scenario.yaml`)) as { families: object };
const entry = { when: { purpose: "blind" }, result: noFindings };
ground.rig.write(`${ground.rig.folder}/who.json`, JSON.stringify({ schemaVersion: 1, families, entries: [entry] }));
const restore = keepFolder(ground.rig.folder);
await using players = openPlayers(3, program);
const told = { steps: 0, kills: 0, wrong: [] as History[] };
for (let at = 0; at < Number(many); at += 1) {
  const history = await playHistory({ tasks, restore }, players, Number(seed) + at);
  told.steps += history.steps.length;
  told.kills += history.steps.filter((step) => step.endsWith(" -> killed")).length;
  if (history.wrong.length > 0) told.wrong.push(history);
}
process.stdout.write(`${JSON.stringify(told satisfies Directed)}\n`);
