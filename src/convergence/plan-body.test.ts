import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPlanBodyState } from "../generated/convergence.check.js";
import type { Plan } from "../stages/stage-map.schema.ts";
import { fileAt } from "./convergence.fixture.ts";
import { type PlanReply, type PlanVerdict, planBodyGate, planItems } from "./plan-body.ts";

const step = { id: "1.1", action: "RED: a test", files: ["a.ts"], command: "npm test" };
const stage = {
  stageNumber: 1,
  title: "First",
  sliceValue: "value",
  acceptance: ["works"],
  dependsOn: [],
  files: ["a.ts"],
  steps: [step, { ...step, id: "1.2", action: "GREEN: a fix" }],
  validation: { pre: [], mid: [], post: ["npm test"] },
  conformance: [],
  exitContract: "it is there",
  rollback: { path: "revert", trigger: "it breaks" },
};
const option = { id: "A", title: "One way", summary: "do it", pros: ["quick"], cons: [], effort: "S", risk: "low" };
const plan: Plan = {
  requirements: [{ id: "R1", text: "must work", source: "brief" }],
  options: [option, { ...option, id: "B" }],
  tradeOffs: [],
  recommendation: { option: "A", why: "quick" },
  stageMap: { stages: [{ ...stage, stageNumber: 2, dependsOn: [1], steps: [{ ...step, id: "2.1" }] }, stage] },
  dependencies: [{ text: "needs a store", mitigation: "" }],
  validationChecklist: { pre: [], mid: [], post: ["npm test"] },
  rollback: "revert all",
  requirementCoverage: [{ requirement: "R1", stages: [1], note: "" }],
};
const parts = planItems(plan);

test("each part of a plan is an item with an id of its own", () => {
  expect(parts.map((part) => part.id)).toEqual([
    ...[
      "P-OPT-1",
      "P-OPT-2",
      "P-REC",
      "P-STG-1",
      "P-STG-2",
      "P-STP-1.1",
      "P-STP-1.2",
      "P-STP-2.1",
      "P-VAL-0",
      "P-VAL-1",
      "P-VAL-2",
    ],
    ...["P-DEP-1", "P-RBK-0", "P-RBK-1", "P-RBK-2", "P-COV-1"],
  ]);
  expect(parts.find((part) => part.id === "P-STP-1.2")?.text).toContain("GREEN: a fix");
  expect(parts.find((part) => part.id === "P-COV-1")?.text).toBe("Requirement R1 is covered by stages 1");
});

/** A reply that agrees with all but the named item. */
function reply(worker: string, family: string, on: Partial<Record<string, Partial<PlanVerdict>>> = {}): PlanReply {
  const verdicts = parts.map(
    ({ id }): PlanVerdict => ({ item: id, verdict: "AGREE", reason: "fine", evidence: [], ...on[id] }),
  );
  return { worker, family, status: "completed", verdicts };
}
const no = { verdict: "DISAGREE", reasonCode: "b", reason: "cannot work" } as const;
const noWithEvidence = { ...no, evidence: [fileAt("a.ts", 1, 2)] };
const noWithWrongEvidence = { ...no, evidence: [fileAt("a.ts", 1, 2, "refuted")] };
const gateOf = (...replies: PlanReply[]) => planBodyGate(parts, replies).gate;

describe("the gate", () => {
  const yes = reply("claude", "anthropic");
  test.each<[string, PlanReply[], string]>([
    ["all agree", [yes, reply("codex", "openai")], "passed"],
    [
      "one of three families disagrees",
      [yes, reply("codex", "openai", { "P-REC": no }), reply("gemini", "google")],
      "passed-with-dissent",
    ],
    [
      "two of three disagree",
      [yes, reply("codex", "openai", { "P-REC": no }), reply("gemini", "google", { "P-REC": no })],
      "blocked-by-disagreement",
    ],
    [
      "two of three disagree, on different items",
      [yes, reply("codex", "openai", { "P-REC": no }), reply("gemini", "google", { "P-STG-1": no })],
      "passed-with-dissent",
    ],
    ["a tie without evidence", [yes, reply("codex", "openai", { "P-REC": no })], "passed-with-dissent"],
    [
      "a tie with evidence that held",
      [yes, reply("codex", "openai", { "P-REC": noWithEvidence })],
      "blocked-by-disagreement",
    ],
    [
      "a tie with evidence that did not",
      [yes, reply("codex", "openai", { "P-REC": noWithWrongEvidence })],
      "passed-with-dissent",
    ],
    [
      "two workers of one family are one vote",
      [yes, reply("codex", "openai", { "P-REC": no }), reply("o3", "openai", { "P-REC": no })],
      "passed-with-dissent",
    ],
    [
      "a family that disagrees with itself abstains",
      [yes, reply("codex", "openai", { "P-REC": noWithEvidence }), reply("o3", "openai")],
      "passed-with-dissent",
    ],
    ["a roster of one", [yes], "passed"],
    ["a roster of one that disagrees", [reply("claude", "anthropic", { "P-REC": no })], "blocked-by-disagreement"],
    ["a roster of one that failed", [{ ...yes, status: "timeout" }], "aborted-non-result"],
    ["one answer, one failure", [yes, { ...reply("codex", "openai"), status: "timeout" }], "aborted-non-result"],
    ["one answer, one empty", [yes, { ...reply("codex", "openai"), verdicts: [] }], "aborted-non-result"],
    ["nothing", [], "aborted-non-result"],
  ])("%s: %s", (_name, replies, gate) => expect(gateOf(...replies)).toBe(gate));

  test("a part that nobody judged was not checked", () => {
    const partial = (worker: string) => ({
      ...reply(worker, worker),
      verdicts: reply(worker, worker).verdicts.slice(1),
    });
    expect(gateOf(partial("a"), partial("b"))).toBe("aborted-non-result");
    expect(gateOf(partial("a"), reply("b", "b"))).toBe("passed");
  });
});

test("who answered and who was skipped is named; verdicts on unknown items are left out", () => {
  const strange = reply("codex", "openai");
  const state = planBodyGate(parts, [
    { ...reply("gemini", "google"), status: "error", verdicts: [], why: "no result" },
    { ...strange, verdicts: [...strange.verdicts, { item: "P-XXX", ...no, evidence: [] }] },
    reply("claude", "anthropic", { "P-REC": no }),
  ]);
  expect(checkPlanBodyState(state)).toBe(true);
  expect(state.answered).toEqual(["claude", "codex"]);
  expect(state.skippedWorkers).toEqual([{ worker: "gemini", why: "no result" }]);
  expect(state.items.find((item) => item.id === "P-REC")?.verdicts.map((one) => one.reasonCode)).toEqual(["b", null]);
});

test("the order of replies and verdicts leaves no trace, and a failed worker is no vote", () => {
  const kinds = [{}, no, noWithEvidence, { verdict: "SUPPLEMENT" as const }];
  const replies = fc.array(
    fc.record({
      family: fc.constantFrom("x", "y", "z"),
      fails: fc.nat(4),
      kinds: fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }),
    }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(replies, (rows) => {
      const given = rows.map(({ family, fails, kinds: picks }, at) => {
        const on = { "P-REC": kinds[picks[0] ?? 0], "P-STG-1": kinds[picks[1] ?? 0], "P-RBK-0": kinds[picks[2] ?? 0] };
        return {
          ...reply(`w${at}`, family, on as Parameters<typeof reply>[2]),
          status: fails === 0 ? "error" : "completed",
        };
      });
      const state = planBodyGate(parts, given);
      const turned = [...given].reverse().map((one) => ({ ...one, verdicts: [...one.verdicts].reverse() }));
      expect(JSON.stringify(planBodyGate(parts, turned))).toBe(JSON.stringify(state));
      const alive = given.filter((one) => one.status === "completed");
      const without = planBodyGate(parts, alive);
      expect([state.items, state.answered]).toEqual([without.items, without.answered]);
      // The last one left is not a roster of one.
      if (alive.length !== 1) expect(state.gate).toBe(without.gate);
      else if (given.length > 1) expect(state.gate).toBe("aborted-non-result");
    }),
  );
});
