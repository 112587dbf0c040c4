/**
 * Carry files: the verified evidence that a stage is complete, the truth behind the ledger. A carry counts only when its hash
 * stands in a run's journal; what a new one replaces is kept in `carry/<plan8>/`.
 */
import { basename, join } from "node:path";
import { checkCarry } from "../generated/registry.check.js";
import type { Host } from "../host/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import { documentText, type JsonFile, readDocument } from "./json-file.ts";
import { parseLine, sha256 } from "./lines.ts";
import { ledgerLock, withLock } from "./lock-names.ts";
import type { TaskPlace } from "./place.ts";
import type { Carry } from "./registry.schema.ts";

/** The stage's carry of whichever plan it was written under, or undefined. Throws `malformed` for one of other origin. */
export const readCarry = (host: Host, place: TaskPlace, stage: number): Promise<Carry | undefined> =>
  readDocument(host, carryFile(place, stage));

/** Where a carry was written (relative to the task root) and the SHA-256 of its bytes, for the run's journal. */
export type WrittenCarry = { readonly path: string; readonly sha256: string };

/** Writes a stage's carry, durably, under the ledger lock; another one that stands there is kept aside. */
export async function writeCarry(host: Host, place: TaskPlace, carry: Carry): Promise<WrittenCarry> {
  const file = carryFile(place, carry.stage);
  const text = documentText(file, carry);
  await withLock(host, ledgerLock(place.home, place.key), `carry of stage ${carry.stage}`, async () => {
    const before = await host.files.readBytes(file.path);
    const hash = before === undefined ? undefined : sha256(before);
    if (hash === sha256(text)) return;
    if (before !== undefined && hash !== undefined) await setAside(host, place, { path: file.path, before, hash });
    await host.files.replaceFile(file.path, text, { durable: true });
  });
  return { path: taskPaths(place.projectRoot, place.key).carryRelative(carry.stage), sha256: sha256(text) };
}

/** Moves the carries that were not written under `plan` to the folder of theirs; gives the stages they were of. */
export async function setOldCarriesAside(host: Host, place: TaskPlace, plan: string): Promise<number[]> {
  const { carryFolder } = taskPaths(place.projectRoot, place.key);
  return await withLock(host, ledgerLock(place.home, place.key), "set old carries aside", async () => {
    const moved: number[] = [];
    for (const { name, kind } of await host.files.list(carryFolder)) {
      const stage = /^stage-([1-9]\d*)\.json$/.exec(name)?.[1];
      if (kind !== "file" || stage === undefined) continue;
      const path = join(carryFolder, name);
      const before = (await host.files.readBytes(path)) ?? new Uint8Array();
      if (planOf(before) === plan) continue;
      await setAside(host, place, { path, before, hash: sha256(before) });
      moved.push(Number(stage));
    }
    return moved.sort((a, b) => a - b);
  });
}

/**
 * Sets aside the carry that a run wrote and its journal does not know (`vouched`: the hashes that it knows): a kill came between, and
 * nobody goes on with the run. Another run's stays.
 */
export async function setUnprovenAside(
  host: Host,
  place: TaskPlace,
  of: { readonly stage: number; readonly run: string; readonly vouched: readonly string[] },
): Promise<void> {
  const { path } = carryFile(place, of.stage);
  if ((await host.files.look(path)) === undefined) return;
  await withLock(host, ledgerLock(place.home, place.key), `carry of stage ${of.stage}`, async () => {
    const before = await host.files.readBytes(path);
    const carry = before === undefined ? undefined : parseLine(before);
    if (before === undefined || !checkCarry(carry) || carry.run !== of.run) return;
    const hash = sha256(before);
    if (!of.vouched.includes(hash)) await setAside(host, place, { path, before, hash });
  });
}

type Old = { readonly path: string; readonly before: Uint8Array; readonly hash: string };

/** Renamed into the folder of its plan; under a name with its hash where another carry of that plan lies already. */
async function setAside(host: Host, place: TaskPlace, { path, before, hash }: Old): Promise<void> {
  const plan = planOf(before);
  const { carryFolder, oldCarries } = taskPaths(place.projectRoot, place.key);
  const folder = plan === undefined ? join(carryFolder, "other") : oldCarries(plan);
  const usual = join(folder, basename(path));
  const there = await host.files.hash(usual);
  const to = there === undefined || there === hash ? usual : usual.replace(/\.json$/, `-${hash.slice(0, 8)}.json`);
  await host.files.makeFolder(folder);
  await host.files.rename(path, to);
}

/** The plan a carry names, whoever wrote it; undefined when that is no folder name's beginning. */
function planOf(bytes: Uint8Array): string | undefined {
  const input = parseLine(bytes);
  if (typeof input !== "object" || input === null || !("plan" in input) || typeof input.plan !== "string")
    return undefined;
  return /^[0-9a-f]{8}/.test(input.plan) ? input.plan : undefined;
}

const carryFile = (place: TaskPlace, stage: number): JsonFile<Carry> => ({
  path: taskPaths(place.projectRoot, place.key).carry(stage),
  what: "carry file",
  check: checkCarry,
});
