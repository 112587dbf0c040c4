import { describe, expect, test } from "vitest";
import { raiseItem } from "./clarifications.ts";
import { type GateFacts, type GateName, gates } from "./gates.ts";
import { nearestKey } from "./nearest-key.ts";

const stage = (stageNumber: number, state: string, waitsFor: number[] = []) => ({ stageNumber, state, waitsFor });
const open: GateFacts = {
  task: "p/g/t",
  clarifications: [],
  planProblems: [],
  stages: [stage(1, "done"), stage(2, "verified")],
  verification: { proven: true, verdict: "accepted", verifiedCommit: "c1", dbState: "not-touched", risksTaken: false },
  taskHead: "c1",
  verifiedGroup: [],
  budget: { left: 5, projected: 5, unit: "usd", scope: "run", enough: 10 },
};
const question = raiseItem({
  id: "C-001",
  question: "Which\nstore?",
  why: "w",
  kind: "decision",
  expectedForm: "",
  blocks: "next-phase",
  raisedBy: [],
  raisedIn: "r",
  time: "2026-01-02T03:04:05Z",
});
const accepted = {
  proven: true,
  verdict: "accepted",
  verifiedCommit: "c1",
  dbState: "not-touched",
  risksTaken: false,
} as const;

test("the gates of the lifecycle in their order, open when nothing is needed", () => {
  expect(gates(open)).toEqual(
    [
      "clarifications",
      "plan approval",
      "stage dependencies",
      "whole-task verification",
      "acceptance",
      "hand-off",
      "budget",
    ].map((name) => ({ name, open: true, needs: [] })),
  );
});

describe("a closed gate says what it needs, with the command", () => {
  test.each<[string, Partial<GateFacts>, Partial<Record<GateName, string>>]>([
    [
      "an open question",
      { clarifications: [question] },
      { clarifications: 'Answer C-001 (Which store?): okstra answer p/g/t C-001 "..."' },
    ],
    ["no plan", { planProblems: null }, { "plan approval": "--task-type implementation-planning" }],
    [
      "a plan nobody approved",
      {
        planProblems: [
          {
            reason: "plan-not-approved",
            message: "The plan is not approved",
            remedy: "okstra approve p/g/t --content 0123456789ab",
          },
        ],
      },
      { "plan approval": "The plan is not approved. okstra approve p/g/t --content 0123456789ab" },
    ],
    [
      "no stages yet",
      { stages: [] },
      { "stage dependencies": "No approved plan", "whole-task verification": "No approved plan" },
    ],
    [
      "a stage that waits",
      { stages: [stage(1, "active"), stage(2, "blocked", [1])] },
      {
        "stage dependencies": "Stage 2 waits for stage 1: okstra implement p/g/t --stage auto",
        "whole-task verification": "Finish stages 1, 2: okstra implement p/g/t --stage all",
      },
    ],
    [
      "a stage that is not merged",
      { stages: [stage(1, "merge-conflict")] },
      {
        "stage dependencies": "okstra integrate p/g/t --stage 1",
        "whole-task verification": "Merge stage 1: okstra integrate p/g/t",
      },
    ],
    [
      "no verification",
      { verification: null },
      { acceptance: "Verify the whole task", "hand-off": "not accepted yet" },
    ],
    [
      "a verification that was changed by hand",
      { verification: { proven: false, run: "p/g/t@final-verification#001" } },
      { acceptance: "okstra validate run 'p/g/t@final-verification#001'", "hand-off": "not accepted yet" },
    ],
    [
      "a blocked verdict",
      { verification: { ...accepted, verdict: "blocked" } },
      { acceptance: "okstra fixcycle open p/g/t --reason", "hand-off": "not accepted yet" },
    ],
    [
      "risks that nobody took",
      { verification: { ...accepted, verdict: "conditional-accept" } },
      { acceptance: "Take the residual risks", "hand-off": "not accepted yet" },
    ],
    [
      "an unverified store",
      { verification: { ...accepted, dbState: "db-unverified" } },
      { acceptance: "real store", "hand-off": "not accepted yet" },
    ],
    [
      "an unverified store, risks taken",
      {
        verification: { ...accepted, verdict: "conditional-accept", dbState: "db-unverified", risksTaken: true },
      },
      { acceptance: "real store", "hand-off": "not accepted yet" },
    ],
    ["commits since", { taskHead: "c2" }, { "hand-off": "The task branch is at c2, verified was c1" }],
    ["no branch", { taskHead: null }, { "hand-off": "at no commit" }],
    [
      "too little budget",
      { budget: { left: 1, projected: 2, unit: "usd", scope: "run", enough: 2 } },
      { budget: "--budget-usd 2" },
    ],
    [
      "too little left for the task",
      { budget: { left: 1, projected: 2, unit: "tokens", scope: "task", enough: 9 } },
      { budget: "set budgets.taskTokens to 9 or more" },
    ],
  ])("%s", (_name, change, wanted) => {
    const closed = gates({ ...open, ...change }).filter((gate) => !gate.open);
    expect(closed.map((gate) => gate.name)).toEqual(Object.keys(wanted));
    for (const gate of closed) expect(gate.needs).toEqual([expect.stringContaining(wanted[gate.name] ?? "")]);
  });
});

test("where no budget binds there is no gate that says it does", () => {
  expect(gates({ ...open, budget: null }).map((gate) => gate.name)).not.toContain("budget");
});

test("a person who took the risks opens acceptance; a verified group opens the hand-off", () => {
  const taken = gates({ ...open, verification: { ...accepted, verdict: "conditional-accept", risksTaken: true } });
  expect(taken.every((gate) => gate.open)).toBe(true);
  const group = gates({ ...open, verification: null, verifiedGroup: [2] });
  expect(group.find((gate) => gate.name === "hand-off")?.open).toBe(true);
});

describe("the key that was meant", () => {
  const keys = ["shop/checkout/wrong-total", "shop/checkout/refunds", "shop/search/slow"];
  test.each([
    ["Shop:Checkout:Wrong total", "shop/checkout/wrong-total"],
    ["shop/checkout/wrong-totl", "shop/checkout/wrong-total"],
    ["refunds", "shop/checkout/refunds"],
    ["search/slow", "shop/search/slow"],
    ["completely/different/thing", undefined],
  ])("%s", (wanted, found) => expect(nearestKey(keys, wanted)).toBe(found));
  test("an ending that several share is no answer", () =>
    expect(nearestKey(["a/b/login-one", "c/d/login-one"], "login-one")).toBeUndefined());
});
