import { expect, test } from "vitest";
import type { RunManifest } from "../lifecycle/task.schema.ts";
import type { JournalEvent } from "../model/index.ts";
import type { Override } from "../registry/registry.schema.ts";
import { explainedBy, weakenedIn, weakenedItem } from "./weakened.ts";

const manifest = { taskType: "final-verification", scope: "task" } as RunManifest;
const gone = "test/a.test.js: the test file was deleted";
const fewer = "test/b.test.js: 3 tests instead of 4";
/** With what is read of an event here, and nothing else. */
const event = (of: { readonly type: JournalEvent["type"]; readonly data: object }) => of as JournalEvent;
const fact = (key: string, ...whys: string[]): JournalEvent =>
  event({ type: "fact", data: { key, value: { weakened: whys.map((why) => ({ why })) } } });
const row: Override = {
  ...{ schemaVersion: 1, run: "p/g/t@final-verification#001", item: weakenedItem("r", manifest, [gone]) },
  ...{ reason: "moved", who: "me", via: "terminal", time: "2026-01-01T00:00:00Z" },
};

test("what was explained passes as it was told; what is weakened further, or in another question, does not", () => {
  expect(explainedBy([row], { manifest, why: gone })).toBe(row);
  expect(explainedBy([row], { manifest, why: fewer })).toBeUndefined();
  expect(explainedBy([row], { manifest: { taskType: "implementation", scope: "stage-1" }, why: gone })).toBeUndefined();
  const item = { ...row, item: { ...row.item, id: "F-001" } };
  expect(explainedBy([item], { manifest, why: gone })).toBeUndefined();
});

test("the last look of the run counts", () => {
  expect(weakenedIn([])).toEqual([]);
  expect(weakenedIn([fact("mechanical:0", gone, fewer), fact("mechanical:1", fewer), fact("other", gone)])).toEqual([
    fewer,
  ]);
  expect(weakenedIn([fact("risks", gone)])).toEqual([gone]);
});
