import { expect, test } from "vitest";
import { hasInEnvironment, isAlive, parsePs, parseStat, processTable, startTimeOf } from "./process-table.ts";

test("stat is read from the last bracket, whatever the program calls itself", () => {
  const rest = "S 7 8 9 0 -1 4194304 100 0 0 0 1 1 0 0 20 0 11 0 98765 1000 50 18446744073709551615";
  for (const name of ["sh", "a b", ") R 1 2 3", "((x)", "\n) Z 0"]) {
    expect(parseStat(`42 (${name}) ${rest}`)).toEqual({
      dead: false,
      mayHaveEnvironment: false,
      startTime: "98765",
      row: { parent: 7, group: 8, session: 9 },
    });
  }
  expect(parseStat(`42 (sh) ${rest.replace("S", "Z")}`)?.dead).toBe(true);
  expect(parseStat("")).toBeUndefined();
  expect(parseStat("42 (sh) S 1")).toBeUndefined();
});

test("an environment that reads as empty is believed where the kernel says so, not in the middle of an exec", () => {
  const stat = (flags: number, start: string, end: string) =>
    parseStat(`42 (sh) S 7 8 9 0 -1 ${flags}${" 0".repeat(12)} 98765${" 0".repeat(27)} ${start} ${end} 0`);
  expect(stat(4194304, "0", "0")?.mayHaveEnvironment).toBe(true);
  expect(stat(4194304, "7000", "7800")?.mayHaveEnvironment).toBe(true);
  expect(stat(4194304, "7000", "7000")?.mayHaveEnvironment).toBe(false);
  expect(stat(0x20_0000, "0", "0")?.mayHaveEnvironment).toBe(false);
});

test("ps rows are read, zombies left out", () => {
  const text = [
    "    1     0     1 Ss   Sat Nov 21 03:31:05 2026",
    "  812     1   812 Z+   Sat Nov 21 03:40:00 2026",
    "99999   812   812 R+   Sat Nov 21 04:00:09 2026    ",
    "",
  ].join("\n");
  expect(parsePs(text)).toEqual([
    { pid: 1, parent: 0, group: 1, session: 0, startTime: "Sat Nov 21 03:31:05 2026" },
    { pid: 99999, parent: 812, group: 812, session: 0, startTime: "Sat Nov 21 04:00:09 2026" },
  ]);
});

test("this process is in the table, alive, with its environment", () => {
  const own = processTable().find((row) => row.pid === process.pid);
  expect(own?.parent).toBe(process.ppid);
  const startTime = startTimeOf(process.pid) ?? "";
  expect(own?.startTime).toBe(startTime);
  expect(isAlive({ pid: process.pid, startTime })).toBe(true);
  expect(isAlive({ pid: process.pid, startTime: `${startTime}0` })).toBe(false);
  expect(hasInEnvironment(process.pid, "PATH=", false)).toBe(true);
  expect(hasInEnvironment(process.pid, "PATH=", true)).toBe(false);
  expect(hasInEnvironment(process.pid, "ATH=", false)).toBe(false);
});
