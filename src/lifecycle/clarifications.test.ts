import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkClarification } from "../generated/task.check.js";
import type { Question } from "../model/finding.schema.ts";
import { type Raised, raiseItems, refusedQuestions, resolveItems } from "./clarifications.ts";
import { answerItem, blockingApproval, blockingNextPhase, withdrawItem } from "./index.ts";
import type { Clarification } from "./task.schema.ts";

const planning = { run: "p/g/t@implementation-planning#001", time: "2026-01-02T03:04:05Z" };
const analysis = { run: "p/g/t@error-analysis#001", time: "2026-01-02T03:04:05Z" };
const later = { run: "p/g/t@implementation-planning#002", time: "2026-02-02T03:04:05Z" };

const ask = (question: string, by: string, change: Partial<Question> = {}): Raised => ({
  question: {
    question,
    why: "it decides the store",
    kind: "decision",
    expectedForm: "one word",
    blocks: "none",
    ...change,
  },
  by,
});
const one = (change: Partial<Clarification> = {}): Clarification => {
  const [item] = raiseItems([], [ask("Which store?", "claude", { blocks: "approval" })], planning);
  if (item === undefined) throw new Error("nothing raised");
  return { ...item, ...change };
};

describe("raising", () => {
  test("the same question of several workers is one item, whatever its spelling", () => {
    const rows = raiseItems(
      [],
      [ask("Which  store?", "codex"), ask("which store", "claude"), ask("Zip or tar?", "codex")],
      planning,
    );
    expect(rows.map((row) => [row.id, row.raisedBy])).toEqual([
      ["C-001", ["claude", "codex"]],
      ["C-002", ["codex"]],
    ]);
    for (const row of rows) expect(checkClarification(row)).toBe(true);
  });
  test("ids follow the highest ever given", () => {
    expect(raiseItems([one({ id: "C-009", status: "withdrawn" })], [ask("New?", "a")], planning)[0]?.id).toBe("C-010");
    expect(raiseItems([one({ id: "C-999" })], [ask("New?", "a")], planning)[0]?.id).toBe("C-1000");
  });
  test("the strictest block wins: in planning approval, before it the next phase", () => {
    const both = [ask("Q?", "a", { blocks: "next-phase" }), ask("Q?", "b", { blocks: "approval" }), ask("Q?", "c")];
    expect(raiseItems([], both, planning)[0]?.blocks).toBe("approval");
    expect(raiseItems([], both, analysis)[0]?.blocks).toBe("next-phase");
  });
  test("an item that stands is joined, and only when that changes it", () => {
    const rows = raiseItems([one()], [ask("Which store?", "codex")], later);
    expect(rows).toMatchObject([
      { id: "C-001", raisedBy: ["claude", "codex"], raisedIn: planning.run, status: "open" },
    ]);
    expect(raiseItems(rows, [ask("Which store?", "codex")], later)).toEqual([]);
  });
  test("what a person has settled is not raised again", () => {
    for (const status of ["resolved", "withdrawn"] as const)
      expect(raiseItems([one({ status })], [ask("Which store?", "x")], later)).toEqual([]);
  });
  test("raising twice adds nothing, and order leaves no trace", () => {
    const asks = fc.array(
      fc.tuple(
        fc.constantFrom("A?", "a", "B?", "c d", "C  D!", "?"),
        fc.constantFrom("x", "y"),
        fc.constantFrom<Question["blocks"]>("none", "approval", "next-phase"),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(asks, (rows) => {
        const raised = rows.map(([question, by, blocks]) => ask(question, by, { blocks }));
        const items = raiseItems([], raised, planning);
        expect(raiseItems(items, raised, later)).toEqual([]);
        expect(raiseItems([], [...raised].reverse(), planning)).toEqual(items);
        expect(new Set(items.map((item) => item.id)).size).toBe(items.length);
      }),
    );
  });
});

describe("answering", () => {
  const given = { text: "postgres", who: "Ada", time: later.time };
  test("an open item, and an answered one again", () => {
    const answered = answerItem(one(), given);
    expect(answered).toMatchObject({
      ok: true,
      value: { status: "answered", userInput: "postgres", answeredBy: "Ada", time: later.time },
    });
    expect(answerItem(one({ status: "answered", userInput: "x" }), given)).toMatchObject({
      ok: true,
      value: { userInput: "postgres" },
    });
  });
  test("not a settled one, and not with nothing", () => {
    for (const status of ["resolved", "withdrawn"] as const) {
      expect(answerItem(one({ status }), given)).toMatchObject({
        ok: false,
        error: { reason: "clarification-not-open" },
      });
      expect(withdrawItem(one({ status }), later.time)).toMatchObject({
        ok: false,
        error: { reason: "clarification-not-open" },
      });
    }
    expect(answerItem(one(), { ...given, text: " \n" })).toMatchObject({ ok: false, error: { reason: "usage" } });
  });
});

test("only answered items are resolved, by the run that took them in", () => {
  const items = (["open", "answered", "resolved", "withdrawn"] as const).map((status, at) =>
    one({ id: `C-00${at + 1}`, status }),
  );
  expect(resolveItems(items, later)).toMatchObject([
    { id: "C-002", status: "resolved", resolvedIn: later.run, time: later.time },
  ]);
  expect(withdrawItem(one(), later.time)).toMatchObject({ ok: true, value: { status: "withdrawn" } });
});

test("an answered item still blocks approval, but no longer the next phase", () => {
  const all = (blocks: Clarification["blocks"]) =>
    (["open", "answered", "resolved", "withdrawn"] as const).map((status) => one({ blocks, status }));
  expect(
    blockingApproval([...all("approval"), ...all("next-phase"), ...all("none")]).map((item) => item.status),
  ).toEqual(["open", "answered"]);
  expect(
    blockingNextPhase([...all("approval"), ...all("next-phase"), ...all("none")]).map((item) => item.status),
  ).toEqual(["open"]);
});

test("a refused part of a plan is a question that blocks approval and names who refused and why", () => {
  const verdict = {
    worker: "codex",
    family: "openai",
    verdict: "DISAGREE" as const,
    reasonCode: "b" as const,
    reason: "the API is gone",
    evidence: [],
  };
  const items = [
    {
      id: "P-STG-2",
      text: "Stage 2: Call the API\nmore",
      verdicts: [verdict, { ...verdict, worker: "claude", verdict: "AGREE" as const }],
      refused: true,
    },
    { id: "P-REC", text: "x", verdicts: [], refused: false },
  ];
  expect(refusedQuestions(items)).toMatchObject([
    {
      question: "How is P-STG-2 to be changed? Stage 2: Call the API",
      why: "The plan check refused it: codex: the API is gone",
      blocks: "approval",
    },
  ]);
});
