/**
 * Questions and answers of a task: one line for each change of an item, the newest line of an id holds. Ids are never reused.
 * The home keeps every line too, since agents work beside the project's files.
 */
import { checkClarification } from "../generated/task.check.js";
import type { Host } from "../host/index.ts";
import { homePaths, taskPaths } from "../lifecycle/index.ts";
import type { Clarification } from "../lifecycle/task.schema.ts";
import { readRun } from "../model/index.ts";
import { appendRow, type RowFile, readRows } from "./jsonl.ts";
import { readRunManifest } from "./manifests.ts";
import type { TaskPlace } from "./place.ts";

/**
 * Every item as it is now, in the order they were raised. One that the task's file has lost counts as the home knows it: what
 * is asked cannot be unasked by cutting a file. Throws `malformed` with the line.
 */
export async function readClarifications(host: Host, place: TaskPlace): Promise<Clarification[]> {
  const items = await readItems(host, fileOf(place));
  const lost = await lostBeside(host, place, items);
  return lost.length === 0 ? [...items.values()] : [...items.values(), ...lost].sort(byNumber);
}

/** The items that runs of the task raised and its file has no more, as the home knows them. Throws `malformed` with the line. */
export const lostClarifications = async (host: Host, place: TaskPlace): Promise<Clarification[]> =>
  await lostBeside(host, place, await readItems(host, fileOf(place)));

/** Records an item, new or changed, and again what the file has lost. Durable. The caller holds the task lock. */
export async function writeClarification(host: Host, place: TaskPlace, item: Clarification): Promise<void> {
  for (const lost of await lostClarifications(host, place)) await appendRow(host, fileOf(place), lost);
  await appendRow(host, fileOf(place), item);
  await appendRow(host, copyOf(place), item);
}

async function readItems(host: Host, file: RowFile<Clarification>): Promise<ReadonlyMap<string, Clarification>> {
  const items = new Map<string, Clarification>();
  for (const row of await readRows(host, file)) items.set(row.id, row);
  return items;
}

async function lostBeside(
  host: Host,
  place: TaskPlace,
  items: ReadonlyMap<string, Clarification>,
): Promise<Clarification[]> {
  const lost: Clarification[] = [];
  for (const item of (await readItems(host, copyOf(place))).values())
    if (!items.has(item.id) && (await isOfThisTask(host, place, item))) lost.push(item);
  return lost;
}

/** A task that was deleted and made anew has the same key, and runs of the same names: but those are younger than the item. */
async function isOfThisTask(host: Host, place: TaskPlace, item: Clarification): Promise<boolean> {
  const run = await readRunManifest(host, place, readRun(item.raisedIn));
  return run !== undefined && run.createdAt <= item.time;
}

const byNumber = (a: Clarification, b: Clarification): number => numberOf(a) - numberOf(b);

const numberOf = ({ id }: Pick<Clarification, "id">): number => Number(id.slice("C-".length));

/** The id after the highest one there ever was: `C-001` for the first. */
export function nextClarificationId(items: readonly Pick<Clarification, "id">[]): string {
  const highest = items.reduce((most, item) => Math.max(most, numberOf(item)), 0);
  return `C-${String(highest + 1).padStart(3, "0")}`;
}

const fileOf = (place: TaskPlace): RowFile<Clarification> => ({
  path: taskPaths(place.projectRoot, place.key).clarifications,
  what: "clarification item",
  check: checkClarification,
  durable: true,
});

const copyOf = (place: TaskPlace): RowFile<Clarification> => ({
  ...fileOf(place),
  path: homePaths(place.home).clarifications(place.key),
});
