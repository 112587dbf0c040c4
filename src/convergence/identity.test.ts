import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cases, fileAt, statedBy } from "./convergence.fixture.ts";
import type { Item, KnownItem } from "./convergence.schema.ts";
import { groupFindings, type Stated } from "./group.ts";
import { knownAs, recognise, remember, sameAs } from "./identity.ts";

const taskType = "error-analysis";
const run = (
  known: readonly KnownItem[],
  stated: readonly Stated[],
  of: { type?: string; answered?: string[] } = {},
) => {
  const answered = of.answered ?? ["claude", "codex"];
  const found = recognise(known, { taskType: of.type ?? taskType, answered, items: groupFindings(stated) });
  const after = remember(known, {
    run: `r${known.length}`,
    taskType: of.type ?? taskType,
    answered,
    items: found.items,
  });
  return { ...found, after };
};
const said = (items: readonly Item[]) => items.map(({ id, persistence, title }) => [id, persistence, title]);

const expiry = statedBy("claude", "anthropic");
const rounding = statedBy("codex", "openai", {
  id: "R",
  title: "Sums are rounded twice",
  claim: "round is called on each line and again on the sum",
  checked: [fileAt("src/sum.ts", 1, 2)],
});

test("an item goes from new over persists and resolved to reopened, and keeps its id", () => {
  const first = run([], [expiry, rounding]);
  expect(said(first.items).map(([id, persistence]) => [id, persistence])).toEqual([
    ["F-001", "new"],
    ["F-002", "new"],
  ]);
  const moved = statedBy("claude", "anthropic", { checked: [fileAt("src/a.ts", 310, 320)] });
  const second = run(first.after, [moved]);
  expect(said(second.items)).toEqual([["F-001", "persists", expiry.finding.title]]);
  expect(second.resolved).toEqual([
    { id: "F-002", title: rounding.finding.title, severity: "major", path: "src/sum.ts", lastRun: "r0" },
  ]);
  const third = run(second.after, [expiry]);
  expect(third.resolved).toEqual([]);
  const fourth = run(third.after, [
    rounding,
    statedBy("codex", "openai", { claim: "a lock is never freed", title: "Lock" }),
  ]);
  expect(
    said(fourth.items)
      .map(([id, persistence]) => [id, persistence])
      .sort(),
  ).toEqual([
    ["F-002", "reopened"],
    ["F-003", "new"],
  ]);
});

describe("what is the same", () => {
  const again = (change: Parameters<typeof statedBy>[2], before: Parameters<typeof statedBy>[2] = {}) => {
    const { after } = run([], [statedBy("claude", "anthropic", before)]);
    return run(after, [statedBy("codex", "openai", change)]).items[0]?.persistence;
  };
  test.each<[string, string, Parameters<typeof statedBy>[2], Parameters<typeof statedBy>[2]?]>([
    [
      "other lines, other words for it",
      "persists",
      {
        claim: "isValid compares issuedAt only, which is why a token that expired is still accepted",
        checked: [fileAt("src/a.ts", 90, 95)],
      },
    ],
    ["another path", "new", { checked: [fileAt("src/b.ts", 10, 20)] }],
    ["another claim in the same file", "new", { title: "Slow", claim: "the loop reads the file once for every line" }],
    [
      "one symbol, freely worded",
      "persists",
      { symbol: "isValid", title: "Expiry", claim: "an expired token is accepted as valid" },
      { symbol: "isValid" },
    ],
    ["the same words about another symbol", "new", { symbol: "isFresh" }, { symbol: "isValid" }],
  ])("%s: %s", (_name, wanted, change, before) => expect(again(change, before)).toBe(wanted));
});

describe("what is not resolved", () => {
  const { after } = run([], [expiry]);
  test("when another phase does not state it", () => {
    const planning = run(after, [], { type: "implementation-planning" });
    expect(planning.resolved).toEqual([]);
    expect(run(planning.after, [expiry]).items[0]?.persistence).toBe("persists");
  });
  test("when none of those who had stated it answered", () => {
    expect(run(after, [], { answered: ["codex"] }).resolved).toEqual([]);
  });
  test("what never held", () => {
    const weak = run([], [statedBy("claude", "anthropic", { checked: [] })]);
    expect(run(weak.after, []).resolved).toEqual([]);
  });
});

test("ids are unique, nothing is matched twice, and the order of items and of the known leaves no trace", () => {
  fc.assert(
    fc.property(cases(2), cases(2), fc.nat(), (before, now, turn) => {
      const first = run([], before.stated, { answered: before.workers.map(({ worker }) => worker) });
      const grouped = groupFindings(now.stated);
      const ask = { taskType, answered: now.workers.map(({ worker }) => worker) };
      const found = recognise(first.after, { ...ask, items: grouped });
      const ids = found.items.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(found.resolved.every(({ id }) => !ids.includes(id))).toBe(true);
      const turned = [...first.after.slice(turn % 5), ...first.after.slice(0, turn % 5)];
      expect(recognise(turned, { ...ask, items: grouped })).toEqual({
        items: found.items,
        resolved: expect.arrayContaining(found.resolved),
      });
      // The same findings again are the same items.
      const again = recognise(first.after, { ...ask, items: groupFindings(before.stated) });
      expect(again.items.map(({ id }) => id)).toEqual(first.items.map(({ id }) => id));
      expect(again.items.every(({ persistence }) => persistence === "persists")).toBe(true);
    }),
  );
});

test("two runs side by side gave one id to two things: both are known, the later under another id", () => {
  const answered = ["claude", "codex"];
  const beside = (stated: Stated, name: string) => ({
    ...{ run: name, taskType: name, answered },
    items: recognise([], { taskType: name, answered, items: groupFindings([stated]) }).items,
  });
  const known = remember(remember([], beside(expiry, "a")), beside(rounding, "b"));
  expect(known.map(({ id, title, lastRun }) => [id, title, lastRun])).toEqual([
    ["F-001", expiry.finding.title, "a"],
    ["F-002", rounding.finding.title, "b"],
  ]);
  // The same thing found by both is one.
  expect(remember(remember([], beside(expiry, "a")), beside(expiry, "b"))).toMatchObject([{ types: ["a", "b"] }]);
});

test("what was let pass is the same item, moved or in other words, and no worse", () => {
  const known = groupFindings([expiry]).map((item) => knownAs(item, { run: "r1", taskType }));
  const found = (change: Parameters<typeof statedBy>[2]): number =>
    sameAs(known, groupFindings([statedBy("codex", "openai", change)])).size;
  expect(found({ checked: [fileAt("src/a.ts", 310, 320)] })).toBe(1);
  expect(found({ severity: "minor" })).toBe(1);
  expect(found({ severity: "blocker" })).toBe(0);
  expect(found({ checked: [fileAt("src/b.ts", 10, 20)] })).toBe(0);
  expect(found({ title: "Slow loop", claim: "the loop over all users runs twice for each request" })).toBe(0);
});

test("a degraded run resolves nothing, and what it alone states is not resolved later", () => {
  const items = groupFindings([expiry]);
  const of = { taskType, answered: ["claude"], items: recognise([], { taskType, answered: ["claude"], items }).items };
  const whole = remember([], { ...of, run: "r1" });
  const silent = { taskType, answered: ["claude"], items: [] };
  expect(recognise(whole, silent).resolved).toHaveLength(1);
  // The later run was degraded.
  expect(recognise(whole, { ...silent, degraded: true }).resolved).toEqual([]);
  expect(remember(whole, { ...silent, run: "r2", degraded: true })).toEqual(whole);
  // The earlier one was: the item keeps its id when it is stated again, and is not told as resolved when it is not.
  const alone = remember([], { ...of, run: "r1", degraded: true });
  expect(recognise(alone, silent).resolved).toEqual([]);
  expect(recognise(alone, { ...silent, items }).items).toMatchObject([{ id: "F-001", persistence: "persists" }]);
});
