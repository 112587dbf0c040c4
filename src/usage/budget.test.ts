import { expect, test } from "vitest";
import type { BudgetRow } from "./budget.schema.ts";
import {
  allowanceOf,
  type Limits,
  leftOf,
  overIn,
  projectionOf,
  shortageOf,
  standingsOf,
  warningsOf,
} from "./budget.ts";

const none: Limits = { runUsd: null, taskUsd: null, dayUsd: null, runTokens: null, taskTokens: null, dayTokens: null };
const row = (id: string, more: Partial<BudgetRow> = {}): BudgetRow => ({
  schemaVersion: 1,
  id,
  state: "settled",
  time: "2026-11-21T10:00:00.000Z",
  day: "2026-11-21",
  run: "r1",
  task: "t1",
  worker: "claude",
  role: "analyser",
  agent: "claude",
  model: "opus",
  usd: 1,
  tokens: 1_000,
  projected: false,
  holder: { machine: "m", pid: 1, startTime: "1", bootId: "b" },
  ...more,
});
const at = { run: "r1", task: "t1", day: "2026-11-21" };
const stand = (rows: readonly BudgetRow[], limits: Partial<Limits>, alive = true) =>
  standingsOf(rows, { limits: { ...none, ...limits }, place: at, alive: () => alive });

test("each limit has what is used and what is held; a dead holder's reservation counts for nothing", () => {
  const rows = [
    row("a"),
    row("b", { state: "reserved", usd: 2 }),
    row("c", { run: "r0", usd: 4 }),
    row("d", { run: "r0", task: "t0", day: "2026-11-20", usd: 8 }),
    row("e", { state: "reserved", usd: 16 }),
    row("e", { state: "freed", usd: 16 }),
  ];
  expect(
    stand(rows, { runUsd: 20, taskUsd: 100, dayUsd: 200 }).map(({ scope, used, held }) => [scope, used, held]),
  ).toEqual([
    ["run", 1, 2],
    ["task", 5, 2],
    ["day", 5, 2],
  ]);
  expect(stand(rows, { runUsd: 20 }, false)).toMatchObject([{ used: 1, held: 0 }]);
  expect(stand(rows, {})).toEqual([]);
});

test("a dispatch counts once, however often its rows were read or settled", () => {
  const twice = [row("a", { state: "reserved", usd: 5 }), row("a"), row("a", { state: "reserved", usd: 5 }), row("a")];
  expect(stand(twice, { runUsd: 20 })).toMatchObject([{ used: 1, held: 0 }]);
});

test("a model without a price counts in tokens alone", () => {
  const standings = stand([row("a", { usd: null })], { runUsd: 1, runTokens: 1_500 });
  expect(standings.map(leftOf)).toEqual([1, 500]);
  expect(shortageOf(standings, { usd: null, tokens: 501, from: 0 })).toMatchObject({ unit: "tokens" });
  expect(shortageOf(standings, { usd: null, tokens: 500, from: 0 })).toBeUndefined();
});

test("the projection is the mean of what the same role, agent and model used; without any the default of the role", () => {
  const who = { role: "analyser", agent: "claude", model: "opus", priced: true };
  const rows = [row("a"), row("b", { usd: 3, tokens: 2_000 }), row("c", { role: "executor", usd: 90 })];
  expect(projectionOf([...rows, row("d", { usd: 50, projected: true })], who)).toEqual({
    usd: 2,
    tokens: 1_500,
    from: 2,
  });
  expect(projectionOf(rows, { ...who, priced: false })).toEqual({ usd: null, tokens: 1_500, from: 2 });
  expect(projectionOf(rows, { ...who, model: "sonnet" })).toMatchObject({ usd: 1.5, from: 0 });
});

test("what a dispatch may use is what the others leave in the tightest limit", () => {
  const allowance = allowanceOf(stand([row("a"), row("b", { state: "reserved" })], { runUsd: 4, dayUsd: 3 }));
  expect(allowance).toEqual({ usd: 1, tokens: null });
  const use = { input: 9e9, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0, costUsd: 1 };
  expect(overIn(allowance, use)).toBeUndefined();
  expect(overIn(allowance, { ...use, costUsd: 1.01 })).toBe("usd");
  expect(overIn({ usd: 1, tokens: 5 }, { ...use, costUsd: null, input: 6 })).toBe("tokens");
});

test("80 and 95 per cent are warned of, with words that do not change until the next", () => {
  const after = (usd: number) => warningsOf(stand([row("a", { usd })], { runUsd: 10 }));
  expect([7.9, 8, 9.4, 9.5, 12].map(after)).toEqual([
    [],
    ["80 % of the run's $10 are used"],
    ["80 % of the run's $10 are used"],
    ["95 % of the run's $10 are used"],
    ["95 % of the run's $10 are used"],
  ]);
});
