import { appendFileSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { manifest, run } from "../../test/fixtures/run.ts";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { homePaths, taskPaths } from "../lifecycle/index.ts";
import { printRun } from "../model/index.ts";
import {
  editedFixCycles,
  newestCycle,
  presentCycle,
  readFixCycles,
  restoreFixCycles,
  writeFixCycle,
} from "./fix-cycles.ts";
import { openHome } from "./home.ts";
import { writeRunManifest } from "./manifests.ts";
import type { FixCycleRow } from "./registry.schema.ts";

const [who, via, time] = ["Ada", "cli", "2026-03-01T10:00:00.000Z"];
const opened = (cycle: number): FixCycleRow => ({
  ...{ schemaVersion: 1, status: "opened", cycle, reopens: printRun(run), reason: `reason ${cycle}`, who, via, time },
});
const ran = (cycle: number, run: string): FixCycleRow => ({ schemaVersion: 1, status: "run", cycle, run, time });
const closed = (cycle: number, as: "handed-over" | "dropped"): FixCycleRow => ({
  ...{ schemaVersion: 1, status: "closed", cycle, as, note: "", who, via, time },
});

test("the present cycle is the newest that was not dropped", () => {
  expect(presentCycle([])).toBe(0);
  expect(presentCycle([opened(1)])).toBe(1);
  expect(presentCycle([opened(1), closed(1, "handed-over")])).toBe(1);
  expect(presentCycle([opened(1), closed(1, "dropped")])).toBe(0);
  expect(presentCycle([opened(1), closed(1, "handed-over"), opened(2), ran(2, "x"), closed(2, "dropped")])).toBe(1);
  expect(presentCycle([opened(1), closed(1, "dropped"), opened(2)])).toBe(2);
});

test("the newest cycle has its reason and its runs, and is open until it is closed", () => {
  expect(newestCycle([])).toBeUndefined();
  const rows = [opened(1), ran(1, "a"), closed(1, "handed-over"), opened(2), ran(2, "b"), ran(2, "c")];
  expect(newestCycle(rows)).toMatchObject({ cycle: 2, state: "open", reason: "reason 2", runs: ["b", "c"] });
  expect(newestCycle(rows.slice(0, 3))).toMatchObject({ cycle: 1, state: "closed", runs: ["a"] });
});

/** A task whose first cycle was handed over and whose second was dropped. */
async function written(rig: TestRepository) {
  const place = { host: rig.host, home: rig.home, projectRoot: rig.root, key: run.key };
  await openHome(rig.host, rig.home);
  await writeRunManifest(rig.host, place, run, manifest(["claude"]));
  const rows = [opened(1), ran(1, "a"), closed(1, "handed-over"), opened(2), closed(2, "dropped")];
  for (const row of rows) await writeFixCycle(rig.host, place, row);
  return { place, rows, file: taskPaths(rig.root, run.key).fixCycles };
}

test("whatever is done to the task's file is seen, and changes nothing of what counts", async () => {
  using rig = testRepository();
  const { place, rows, file } = await written(rig);
  expect(await editedFixCycles(rig.host, place)).toBeNull();
  const before = readFileSync(file);
  const lines = before.toString().split(/(?<=\n)/);
  const edits = fc.oneof(
    fc
      .record({ at: fc.nat(before.length - 1), byte: fc.integer({ min: 1, max: 255 }) })
      .map(({ at, byte }) => before.map((is, place) => (place === at ? is ^ byte : is))),
    fc.nat(before.length - 1).map((length) => before.subarray(0, length)),
    fc.shuffledSubarray(lines).map((some) => Buffer.from(some.join(""))),
    fc
      .constantFrom(" ", "x", "\n", `${JSON.stringify(closed(1, "dropped"))}\n`, lines[0] ?? "")
      .map((more) => Buffer.from(before.toString() + more)),
  );
  await fc.assert(
    fc.asyncProperty(edits, async (bytes) => {
      if (before.equals(bytes)) return;
      writeFileSync(file, bytes);
      expect(await editedFixCycles(rig.host, place).catch(({ failure }) => failure.reason)).not.toBeNull();
      expect(await readFixCycles(rig.host, place)).toEqual(rows);
    }),
    { numRuns: 60 },
  );
});

test("rows that a kill kept from the file, or that were cut off, are written there again", async () => {
  using rig = testRepository();
  const { place, rows, file } = await written(rig);
  const text = readFileSync(file, "utf8");
  unlinkSync(file);
  expect(await editedFixCycles(rig.host, place)).toBe("missing");
  await restoreFixCycles(rig.host, place);
  expect(readFileSync(file, "utf8")).toBe(text);
  // As a kill within the second of the two lines leaves it.
  writeFileSync(file, text.slice(0, -20));
  await writeFixCycle(rig.host, place, opened(3));
  expect(await readFixCycles(rig.host, place)).toEqual([...rows, opened(3)]);
  expect(await editedFixCycles(rig.host, place)).toBeNull();
});

test("a home that knows nothing takes the file as it is; one that knew an older task of this key, that of the new", async () => {
  using rig = testRepository();
  const { place, rows, file } = await written(rig);
  const copy = homePaths(rig.home).fixCycles(run.key);
  unlinkSync(copy);
  expect(await editedFixCycles(rig.host, place)).toBe("unknown");
  expect(await readFixCycles(rig.host, place)).toEqual(rows);
  await writeFixCycle(rig.host, place, opened(3));
  expect(await editedFixCycles(rig.host, place)).toBeNull();
  // Deleted and made anew: its run is younger than what the home knows.
  unlinkSync(file);
  await writeRunManifest(rig.host, place, run, { ...manifest(["claude"]), createdAt: "2026-04-01T00:00:00.000Z" });
  expect(await readFixCycles(rig.host, place)).toEqual([]);
  expect(await editedFixCycles(rig.host, place)).toBeNull();
  appendFileSync(file, `${JSON.stringify(opened(1))}\n`);
  expect(await editedFixCycles(rig.host, place)).toBe("unknown");
});
