import { appendFileSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type TestFolder, testFolder } from "../../test/folder.ts";
import { homePaths } from "../lifecycle/index.ts";
import type { Limits } from "./budget.ts";
import { free, lookAtBudget, reserve, settle, taskRows } from "./budget-ledger.ts";

const key = { project: "p", group: "g", task: "t" };
const who = { role: "analyser", agent: "claude", model: "opus", priced: true };
const limits: Limits = { runUsd: 4, taskUsd: null, dayUsd: null, runTokens: null, taskTokens: null, dayTokens: null };
const place = ({ host, home }: TestFolder) => ({ host, home, key });
const ask = (id: string) => ({ id, run: "r1", worker: "claude", who, limits });
const use = { input: 10, cachedInput: 0, cacheWrite: 0, output: 5, reasoning: 0, costUsd: 0.5 };

const granted = async (rig: TestFolder, id: string) => {
  const reserved = await reserve(place(rig), ask(id));
  if (!reserved.granted) throw new Error(`${id} was refused`);
  return reserved;
};

test("reservations that come at the same time cannot pass a limit together", async () => {
  using rig = testFolder();
  const all = await Promise.all(["a", "b", "c", "d"].map((id) => reserve(place(rig), ask(id))));
  expect(all.map((one) => one.granted)).toEqual([true, true, false, false]);
  expect(all[2]).toMatchObject({ shortage: { scope: "run", limit: 4, used: 0, held: 3 }, projection: { usd: 1.5 } });
});

test("what was used takes the place of what was reserved, and is the next projection", async () => {
  using rig = testFolder();
  const { row, allowance } = await granted(rig, "a");
  expect(allowance).toEqual({ usd: 4, tokens: null });
  expect(await settle(place(rig), row, { use, limits })).toMatchObject([{ used: 0.5, held: 0 }]);
  const seen = await lookAtBudget(place(rig), { run: "r1", who, limits });
  expect(seen).toEqual({
    standings: [{ scope: "run", unit: "usd", limit: 4, used: 0.5, held: 0 }],
    projection: { usd: 0.5, tokens: 15, from: 1 },
  });
});

test("an agent that did not say what it used counts as projected, and teaches nothing", async () => {
  using rig = testFolder();
  const { row } = await granted(rig, "a");
  await settle(place(rig), row, { use: null, limits });
  const { standings, projection } = await lookAtBudget(place(rig), { run: "r1", who, limits });
  expect([standings[0]?.used, projection.from]).toEqual([1.5, 0]);
});

test("one that did not say it, but is known to have used more than it was projected at, counts as that", async () => {
  using rig = testFolder();
  const [a, b] = [await granted(rig, "a"), await granted(rig, "b")];
  await settle(place(rig), a.row, { use: null, atLeast: { ...use, costUsd: 3 }, limits });
  const standings = await settle(place(rig), b.row, { use: null, atLeast: use, limits });
  expect(standings.map(({ used }) => used)).toEqual([4.5]);
});

test("what a model with a price cost, where it is not known, counts as projected", async () => {
  using rig = testFolder();
  const { row } = await granted(rig, "a");
  const unknown = { ...use, costUsd: null };
  const [standing] = await settle(place(rig), row, { use: unknown, limits });
  expect(standing?.used).toBe(1.5);
  const unpriced = { ...row, id: "b", usd: null };
  const [same] = await settle(place(rig), unpriced, { use: unknown, limits });
  expect(same?.used).toBe(1.5);
});

test("one that never started gives back what it held, and so does a dead process", async () => {
  using rig = testFolder();
  const { row } = await granted(rig, "a");
  await free(place(rig), row);
  const dead = { ...row, id: "b", holder: { ...row.holder, startTime: "0" } };
  appendFileSync(homePaths(rig.home).budget.task(key), `${JSON.stringify(dead)}\n`);
  const { standings } = await lookAtBudget(place(rig), { run: "r1", who, limits });
  expect(standings).toMatchObject([{ used: 0, held: 0 }]);
});

test("a torn line is void, and what follows it is not", async () => {
  using rig = testFolder();
  await granted(rig, "a");
  const path = homePaths(rig.home).budget.task(key);
  appendFileSync(path, '{"schemaVersion":1,"id":"to');
  await granted(rig, "b");
  expect((await taskRows(place(rig))).map(({ id }) => id)).toEqual(["a", "b"]);
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(4);
});
