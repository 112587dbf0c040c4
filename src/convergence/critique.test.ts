import { describe, expect, test } from "vitest";
import { checkConvergenceState } from "../generated/convergence.check.js";
import { analyser, configOf, fileAt, statedBy } from "./convergence.fixture.ts";
import type { ConvergenceState } from "./convergence.schema.ts";
import { gapItems, withCritique } from "./critique.ts";
import { explainItem } from "./explain.ts";
import { groupFindings } from "./group.ts";
import { remember } from "./identity.ts";
import { closeRound, nextRound, openConvergence, type Reply } from "./rounds.ts";

const two = [analyser("claude", "anthropic"), analyser("codex", "openai")];
const state = openConvergence(configOf(), two, groupFindings(two.map((one) => statedBy(one.worker, one.family))));
const found = groupFindings([
  statedBy("gemini", "google", {
    title: "A gap",
    claim: "nobody looked at lists",
    checked: [fileAt("src/b.ts", 1, 2)],
  }),
]);
const critic = { worker: "gemini", family: "google", status: "completed", reason: null };

function checkedBy(reply: Partial<Reply> | null): ConvergenceState {
  const workers = [analyser("gemini", "google"), ...(reply === null ? [] : two.slice(0, 1))];
  const gaps = openConvergence(configOf({ maxRounds: 1 }), workers, gapItems(state, [], found));
  const due = nextRound(gaps);
  if (reply === null || due === undefined) return withCritique(state, gaps, { ...critic, checker: null });
  const verdict = { item: "F-002", verdict: "AGREE" as const, reason: "", evidence: [] };
  const said = { worker: "claude", family: "anthropic", status: "completed", verdicts: [verdict], ...reply };
  return withCritique(state, closeRound(gaps, due, [said]), { ...critic, checker: "claude" });
}

describe("a gap", () => {
  test.each<[string, Partial<Reply> | null, string]>([
    ["confirmed by another family", {}, "full-consensus"],
    ["that nobody could check", null, "worker-unique"],
    ["whose checker died", { status: "timeout", verdicts: [], why: "went silent" }, "worker-unique"],
  ])("%s joins the items", (_name, reply, wanted) => {
    const after = checkedBy(reply);
    expect(checkConvergenceState(after), JSON.stringify(checkConvergenceState.errors)).toBe(true);
    expect(after.items.map((item) => [item.id, item.class])).toEqual([
      ["F-001", "full-consensus"],
      ["F-002", wanted],
    ]);
    expect(after.items[0]).toEqual(state.items[0]);
    const [, gap] = after.items;
    const told = gap === undefined ? undefined : explainItem(after, gap);
    expect(told?.rounds.map((round) => round.asked)).toEqual(reply === null ? [] : [["claude"]]);
    if (reply === null) expect(told?.end).toContain("no worker of another family");
  });
  test("a silent checker is named, as no answer about the critic's items", () => {
    expect(checkedBy({ status: "timeout", verdicts: [], why: "went silent" }).skippedWorkers).toEqual([
      { worker: "claude", round: 1, why: "asked about the critic's items: went silent" },
    ]);
  });
  test("one that an earlier run knew gets its id back, and is not resolved", () => {
    const before = remember([], {
      run: "r1",
      taskType: "error-analysis",
      answered: ["gemini"],
      items: [...state.items, ...found.map((item) => ({ ...item, id: "F-007" }))],
    });
    const items = gapItems(state, before, found);
    expect(items.map(({ id, persistence }) => [id, persistence])).toEqual([["F-007", "persists"]]);
    const gone = {
      ...state,
      resolved: [{ id: "F-007", title: "", severity: "major" as const, path: null, lastRun: "r1" }],
    };
    const gaps = openConvergence(configOf(), [analyser("gemini", "google")], items);
    expect(withCritique(gone, gaps, { ...critic, checker: null }).resolved).toBeUndefined();
  });
});
