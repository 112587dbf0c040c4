/**
 * Questions and answers of a task: one line for each change of an item, the newest line of an id holds. Ids are never reused.
 * The home keeps every line too, since agents work beside the project's files, and what it knows counts.
 */
import { isDeepStrictEqual } from "node:util";
import { checkClarification } from "../generated/task.check.js";
import type { Host } from "../host/index.ts";
import { homePaths, taskPaths } from "../lifecycle/index.ts";
import type { Clarification } from "../lifecycle/task.schema.ts";
import { readRun } from "../model/index.ts";
import { appendRow, type RowFile, readRows } from "./jsonl.ts";
import { readRunManifest } from "./manifests.ts";
import type { TaskPlace } from "./place.ts";

/**
 * Every item as it is now, in the order they were raised. One that the task's file has lost, or says something else of, counts as
 * the home knows it: what is asked is neither unasked nor answered by editing a file. Throws `malformed` with the line.
 */
export async function readClarifications(host: Host, place: TaskPlace): Promise<Clarification[]> {
  const items = await readItems(host, fileOf(place));
  const edited = await editedBeside(host, place, items);
  if (edited.length === 0) return [...items.values()];
  const known = new Map([...items, ...edited.map(({ item }) => [item.id, item] as const)]);
  return [...known.values()].sort(byNumber);
}

/** An item as the home knows it, of which the task's file says nothing, or something else. */
export type EditedClarification = { readonly item: Clarification; readonly how: "missing" | "changed" };

/** What was done to the task's file since okstra wrote it. Throws `malformed` with the line. */
export const editedClarifications = async (host: Host, place: TaskPlace): Promise<EditedClarification[]> =>
  await editedBeside(host, place, await readItems(host, fileOf(place)));

/**
 * Records an item, new or changed, and again what the file has lost. Durable; the home's line first, since it is what counts after
 * a kill between the two. The caller holds the task lock.
 */
export async function writeClarification(host: Host, place: TaskPlace, item: Clarification): Promise<void> {
  await restoreClarifications(host, place);
  await appendRow(host, copyOf(place), item);
  await appendRow(host, fileOf(place), item);
}

/** Records again in the task's file what only the home knows, as after a kill between the two. The caller holds the task lock. */
export async function restoreClarifications(host: Host, place: TaskPlace): Promise<void> {
  for (const edited of await editedClarifications(host, place)) await appendRow(host, fileOf(place), edited.item);
}

async function readItems(host: Host, file: RowFile<Clarification>): Promise<ReadonlyMap<string, Clarification>> {
  const items = new Map<string, Clarification>();
  for (const row of await readRows(host, file)) items.set(row.id, row);
  return items;
}

async function editedBeside(
  host: Host,
  place: TaskPlace,
  items: ReadonlyMap<string, Clarification>,
): Promise<EditedClarification[]> {
  const edited: EditedClarification[] = [];
  for (const item of (await readItems(host, copyOf(place))).values()) {
    const there = items.get(item.id);
    if (isDeepStrictEqual(there, item) || !(await isOfThisTask(host, place, item))) continue;
    edited.push({ item, how: there === undefined ? "missing" : "changed" });
  }
  return edited;
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
