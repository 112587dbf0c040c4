import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type TestFolder, testFolder } from "../../test/folder.ts";
import { race } from "../../test/race.ts";
import { entryOf, rowOf } from "../../test/workers/registry-rows.ts";
import { homePaths } from "../lifecycle/index.ts";
import { fault, take } from "../model/index.ts";
import {
  appendLedger,
  changeRegistry,
  entryKey,
  holderAlive,
  holderState,
  occupied,
  proveHolder,
  readLedger,
  readRegistry,
  withHold,
} from "./index.ts";
import type { Holder, Registry, RegistryEntry } from "./registry.schema.ts";

const key = { project: "Shop", group: "Q3", task: "Cart" };
const pathOf = (rig: TestFolder): string => homePaths(rig.home).registry;
const put =
  (entry: RegistryEntry) =>
  (registry: Registry): Registry => ({ ...registry, entries: { ...registry.entries, [entry.key]: entry } });
const change = async (rig: TestFolder, by: (registry: Registry) => Registry | undefined) =>
  take(await changeRegistry(rig.host, rig.home, "test", by));
const self = (rig: TestFolder, holder: Partial<Holder> = {}): Holder => {
  const { pid, startTime, bootId, name } = rig.host.machine;
  return { run: "r", nonce: "mine", pid, startTime, bootId, machine: name, ...holder };
};

test("entries are named by segments", () => {
  expect(entryKey({ project: "My Shop", group: "Q3", task: "Cart" }, null)).toBe("my-shop/q3/cart");
  expect(entryKey(key, 12)).toBe("shop/q3/cart#stage-12");
});

test("absent is empty; a change is written, no change is not, a refused change leaves it as it was", async () => {
  using rig = testFolder();
  expect(take(await readRegistry(rig.host, rig.home))).toEqual({ schemaVersion: 1, entries: {} });
  await change(rig, () => undefined);
  expect(existsSync(pathOf(rig))).toBe(false);
  const entry = entryOf(1, "r");
  expect((await change(rig, put(entry))).entries[entry.key]).toEqual(entry);
  const before = readFileSync(pathOf(rig), "utf8");
  const refused = await changeRegistry(rig.host, rig.home, "test", () => {
    throw fault("lost-hold", "m", "r");
  });
  expect(refused).toMatchObject({ ok: false, error: { reason: "lost-hold" } });
  await expect(changeRegistry(rig.host, rig.home, "test", put({ ...entry, slot: -1 }))).rejects.toThrow(
    "not a worktree registry",
  );
  await expect(
    changeRegistry(rig.host, rig.home, "test", (now) => ({ ...now, entries: { other: entry } })),
  ).rejects.toThrow('"other" says it is another\'s');
  expect(readFileSync(pathOf(rig), "utf8")).toBe(before);
});

test("cut, empty, edited or newer: refused with the remedy, never overwritten", async () => {
  using rig = testFolder();
  await change(rig, put(entryOf(1, "r")));
  const whole = readFileSync(pathOf(rig), "utf8");
  const cases: [string, string][] = [
    ["", "registry-unreadable"],
    [whole.slice(0, 100), "registry-unreadable"],
    ["[]", "registry-unreadable"],
    [whole.replace('"slot"', '"slott"'), "registry-unreadable"],
    [whole.replace('"status": "active"', '"status": "free"'), "registry-unreadable"],
    [whole.replace('"shop/q3/cart#stage-1": {', '"shop/q3/cart#stage-2": {'), "registry-unreadable"],
    // A hand that points it to somebody's folder would have that removed.
    [whole.replace('/home/worktrees/shop/q3/cart/stage-1"', '/home/me/project"'), "registry-unreadable"],
    [whole.replace("/cart/stage-1", "/cart/stage-2"), "registry-unreadable"],
    [whole.replace('"schemaVersion": 1', '"schemaVersion": 2'), "newer-version"],
  ];
  for (const [text, reason] of cases) {
    writeFileSync(pathOf(rig), text);
    for (const result of [
      await readRegistry(rig.host, rig.home),
      await changeRegistry(rig.host, rig.home, "test", put(entryOf(2, "r"))),
    ]) {
      expect(result).toMatchObject({ ok: false, error: { reason } });
      expect(result.ok ? "" : result.error.remedy).toMatch(/doctor --fix|Update okstra/);
      expect(result.ok ? "" : result.error.message).toContain(pathOf(rig));
    }
    expect(readFileSync(pathOf(rig), "utf8")).toBe(text);
  }
});

test("a holder is alive as this very process, dead when boot, pid or start time differ, unknown elsewhere", () => {
  using rig = testFolder();
  const state = (holder: Partial<Holder>) => holderState(rig.host, { holder: self(rig, holder) });
  expect(state({})).toBe("alive");
  expect(state({ startTime: "1" })).toBe("dead");
  expect(state({ bootId: "earlier" })).toBe("dead");
  expect(state({ pid: 2 ** 22 + 1 })).toBe("dead");
  expect(state({ machine: "another", pid: 2 ** 22 + 1 })).toBe("unknown");
  expect(holderAlive(rig.host, { holder: self(rig, { machine: "another" }) })).toBe(true);
  expect(holderAlive(rig.host, { holder: self(rig, { startTime: "1" }) })).toBe(false);
});

test("a hold is proven by its nonce while the entry is taken", async () => {
  using rig = testFolder();
  const hold = { key, stage: 1, nonce: "mine" };
  const lost = { ok: false, error: { reason: "lost-hold" } };
  const mine = entryOf(1, "r", { holder: self(rig) });
  expect(await proveHolder(rig.host, rig.home, hold)).toMatchObject(lost);
  for (const status of ["pending", "active"] as const) {
    expect(occupied({ status })).toBe(true);
    await change(rig, put({ ...mine, status }));
    expect(take(await proveHolder(rig.host, rig.home, hold)).key).toBe(mine.key);
  }
  await change(rig, put({ ...mine, holder: self(rig, { nonce: "theirs" }) }));
  expect(await proveHolder(rig.host, rig.home, hold)).toMatchObject(lost);
  await change(rig, put({ ...mine, status: "released" }));
  expect(await proveHolder(rig.host, rig.home, hold)).toMatchObject(lost);
  expect(occupied({ status: "released" })).toBe(false);
  expect(occupied(undefined)).toBe(false);
});

test("a write under a hold: whoever would release waits; after the release nothing is written", async () => {
  using rig = testFolder();
  const place = { host: rig.host, home: rig.home, projectRoot: rig.root, key };
  const hold = { key, stage: 1, nonce: "mine" };
  const mine = entryOf(1, "r", { holder: self(rig) });
  await change(rig, put(mine));
  const order: string[] = [];
  const gate = { open: (): void => undefined };
  const opened = new Promise<void>((settle) => (gate.open = settle));
  const holding = withHold(rig.host, rig.home, hold, async () => {
    await opened;
    take(await appendLedger(rig.host, place, rowOf({})));
    order.push("written");
  });
  const releasing = change(rig, put({ ...mine, status: "released" })).then(() => order.push("released"));
  gate.open();
  await Promise.all([holding, releasing]);
  expect(order).toEqual(["written", "released"]);
  const late = withHold(rig.host, rig.home, hold, async () =>
    take(await appendLedger(rig.host, place, rowOf({ stage: 2 }))),
  );
  await expect(late).rejects.toMatchObject({ failure: { reason: "lost-hold" } });
  expect(take(await readLedger(rig.host, place))).toHaveLength(1);
});

test("500 entries are read and changed like one", async () => {
  using rig = testFolder();
  const many = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [entryOf(index + 1, "r").key, entryOf(index + 1, "r")]),
  );
  await change(rig, () => ({ schemaVersion: 1, entries: many }));
  await change(rig, put(entryOf(500, "other")));
  const { entries } = take(await readRegistry(rig.host, rig.home));
  expect(Object.keys(entries)).toHaveLength(500);
  expect(entries["shop/q3/cart#stage-500"]?.holder.run).toBe("other");
  expect(entries["shop/q3/cart#stage-499"]?.holder.run).toBe("r");
});

test("six processes that want the same twenty stages: each stage has one holder", async () => {
  using rig = testFolder();
  await race(
    "registry",
    ["1", "2", "3", "4", "5", "6"].map((number) => ["registry", rig.home, rig.root, number, "20"]),
  );
  const { entries } = take(await readRegistry(rig.host, rig.home));
  expect(Object.keys(entries).toSorted()).toEqual(
    Array.from({ length: 20 }, (_, index) => entryKey(key, index + 1)).sort(),
  );
  for (const entry of Object.values(entries)) expect(entry.holder.run).toMatch(/^run of [1-6]$/);
});
