import { expect, test } from "vitest";
import { newestCycle, presentCycle } from "./fix-cycles.ts";
import type { FixCycleRow } from "./registry.schema.ts";

const [who, via, time] = ["Ada", "cli", "2026-03-01T10:00:00.000Z"];
const opened = (cycle: number): FixCycleRow => ({
  ...{ schemaVersion: 1, status: "opened", cycle, reopens: "r", reason: `reason ${cycle}`, who, via, time },
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
