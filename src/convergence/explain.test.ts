import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyser, cases, configOf, fileAt, play, statedBy } from "./convergence.fixture.ts";
import type { ConvergenceState, PlanItem } from "./convergence.schema.ts";
import { explainItem, explainPlanItem } from "./explain.ts";
import { groupFindings } from "./group.ts";
import { closeRound, nextRound, openConvergence } from "./rounds.ts";

test("the last rule that is told is the item's class, and each round's class is the one that it had then", () => {
  fc.assert(
    fc.property(cases(2), (one) => {
      const states = play(one);
      const last = states[states.length - 1] as ConvergenceState;
      for (const [at, item] of last.items.entries()) {
        const told = explainItem(last, item);
        expect(told.rules.at(-1)).toMatchObject({ class: item.class, fits: true });
        expect(told.rules.slice(0, -1).every((rule) => !rule.fits)).toBe(true);
        expect(told.classBlind).toBe(states[0]?.items[at]?.class);
        for (const round of told.rounds) expect(round.class).toBe(states[round.round]?.items[at]?.class);
        expect(told.rounds.map((round) => round.round)).toEqual(
          last.rounds
            .filter((round) => Object.values(round.asked).flat().includes(item.id))
            .map((round) => round.round),
        );
      }
    }),
  );
});

const two = [analyser("claude", "anthropic"), analyser("codex", "openai")];

test("a verdict that was replaced is told where it was given", () => {
  const first = openConvergence(configOf({ maxRounds: 3 }), two, groupFindings([statedBy("claude", "anthropic")]));
  const answered = (state: ConvergenceState, verdict: "AGREE" | "DISAGREE"): ConvergenceState => {
    const due = nextRound(state);
    if (due === undefined) throw new Error("no round is due");
    const replies = Object.entries(due.asked).map(([worker, items]) => ({
      worker,
      family: two.find((each) => each.worker === worker)?.family ?? "",
      status: "completed",
      verdicts: items.map((item) => ({
        item,
        verdict: worker === "codex" ? verdict : ("AGREE" as const),
        reason: `round ${due.round}`,
        evidence: worker === "codex" ? [fileAt("src/c.ts", 1, 2)] : [],
      })),
    }));
    return closeRound(state, due, replies);
  };
  const state = answered(answered(first, "DISAGREE"), "AGREE");
  const [item] = state.items;
  if (item === undefined) throw new Error("no item");
  const told = explainItem(state, item);
  expect(
    told.rounds.map(({ class: now, verdicts }) => [now, verdicts.map((one) => [one.worker, one.verdict])]),
  ).toEqual([
    ["contested", [["codex", "DISAGREE"]]],
    [
      "full-consensus",
      [
        ["claude", "AGREE"],
        ["codex", "AGREE"],
      ],
    ],
  ]);
  expect(told.end).toBe("final after round 2: only what is contested is asked again");
});

describe("why nobody was asked", () => {
  test.each<[string, Parameters<typeof statedBy>[2], object, string]>([
    ["no evidence", { checked: [] }, {}, "its evidence did not hold"],
    ["a nit", { severity: "nit" }, {}, "nit is below the severity floor (minor)"],
    ["switched off", {}, { enabled: false }, "convergence was off"],
  ])("%s", (_name, change, config, why) => {
    const state = openConvergence(configOf(config), two, groupFindings([statedBy("claude", "anthropic", change)]));
    const [item] = state.items;
    expect(item === undefined ? "" : explainItem(state, item).end).toContain(why);
  });
  test("all had stated it", () => {
    const all = two.map((one) => statedBy(one.worker, one.family));
    const state = openConvergence(configOf(), two, groupFindings(all));
    const [item] = state.items;
    expect(item === undefined ? "" : explainItem(state, item).end).toContain(
      "every worker that answered had stated it",
    );
  });
});

test("a part of a plan: refused by most, by a tie with evidence, or not", () => {
  const verdict = (family: string, against: boolean, held = false): PlanItem["verdicts"][number] => ({
    worker: family,
    family,
    verdict: against ? "DISAGREE" : "AGREE",
    reasonCode: against ? "a" : null,
    reason: "",
    evidence: held ? [fileAt("a", 1, 2)] : [],
  });
  const part = (refused: boolean, ...verdicts: PlanItem["verdicts"]) =>
    explainPlanItem({ id: "P-REC", text: "", verdicts, refused });
  expect(part(true, verdict("a", true), verdict("b", true), verdict("c", false))).toBe(
    "2 of 3 families that answered disagree: more than half",
  );
  expect(part(true, verdict("a", true, true), verdict("b", false))).toContain("a tie, with evidence that held");
  expect(part(false, verdict("a", true), verdict("b", false))).toContain("not more than half");
  expect(part(false, verdict("a", false))).toBe("nobody disagrees as a family");
  expect(part(false)).toBe("nobody judged it");
});
