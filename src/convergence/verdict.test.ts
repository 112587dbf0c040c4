import { describe, expect, test } from "vitest";
import { fileAt, statedBy } from "./convergence.fixture.ts";
import type { CheckedEvidence, Item } from "./convergence.schema.ts";
import { groupFindings } from "./group.ts";
import { type VerificationFacts, verificationVerdict } from "./verdict.ts";

function itemOf(change: Partial<Item>, checked: CheckedEvidence[] = [fileAt("a.ts", 1, 2)]): Item {
  const [item] = groupFindings([statedBy("claude", "anthropic", { checked })]);
  if (item === undefined) throw new Error("no item");
  return { ...item, ...change };
}
const voted = (...families: string[]): Pick<Item, "votes"> => ({
  votes: families.map((family) => ({ family, vote: "agree", checked: false })),
});

const good: VerificationFacts = {
  items: [],
  requirements: ["R1"],
  coverage: [{ requirement: "R1", covered: true, artefact: "src/a.ts" }],
  commands: [{ name: "qa:test", outcome: "passed", commit: "c1" }],
  verifiedCommit: "c1",
  dbState: "not-touched",
  testsWeakened: [],
  degraded: false,
};

test("accepted when nothing stands against it", () => {
  expect(verificationVerdict(good)).toEqual({ verdict: "accepted", blockers: [], risks: [] });
});

describe("what an acceptance critic brought", () => {
  test.each<[string, Partial<Item>, string, string]>([
    ["confirmed blocks, even a nit", { class: "full-consensus", severity: "nit" }, "blocked", "and confirmed"],
    ["contested is a risk", { class: "contested" }, "conditional-accept", "not confirmed (contested)"],
    ["refuted is a risk, never dropped", { class: "refuted", severity: "nit" }, "conditional-accept", "not confirmed"],
    ["unsubstantiated is a risk", { class: "unsubstantiated" }, "conditional-accept", "not confirmed"],
  ])("%s", (_name, change, verdict, why) => {
    const told = verificationVerdict({ ...good, items: [itemOf(change)], candidates: ["F-001"] });
    expect(told.verdict).toBe(verdict);
    expect([...told.blockers, ...told.risks]).toEqual([expect.stringContaining(why)]);
  });
});

test("what a person let pass neither blocks nor is a risk", () => {
  const items = [itemOf({ class: "full-consensus", severity: "blocker" })];
  const told = verificationVerdict({ ...good, items, candidates: ["F-001"], overridden: ["F-001"] });
  expect(told).toEqual({ verdict: "accepted", blockers: [], risks: [] });
  expect(verificationVerdict({ ...good, items, overridden: ["F-002"] }).verdict).toBe("blocked");
});

describe("one fact decides", () => {
  const command = { name: "qa:test", commit: "c1" };
  test.each<[string, Partial<VerificationFacts>, string, string]>([
    [
      "full consensus on a blocker",
      { items: [itemOf({ class: "full-consensus", severity: "blocker" })] },
      "blocked",
      "confirmed",
    ],
    ["partial consensus on a major", { items: [itemOf({ class: "partial-consensus" })] }, "blocked", "F-001 (major)"],
    ["a contested major", { items: [itemOf({ class: "contested" })] }, "blocked", "not settled"],
    [
      "a unique major that nobody answered",
      { items: [itemOf({ class: "worker-unique", ...voted("anthropic") })] },
      "blocked",
      "nobody else answered",
    ],
    [
      "a unique major, others did not agree",
      { items: [itemOf({ class: "worker-unique", ...voted("anthropic", "openai") })] },
      "conditional-accept",
      "neither confirmed nor refuted",
    ],
    ["a refuted blocker", { items: [itemOf({ class: "refuted", severity: "blocker" })] }, "accepted", ""],
    [
      "a blocker whose quote is wrong",
      { items: [itemOf({ class: "unsubstantiated" }, [fileAt("a", 1, 2, "refuted")])] },
      "accepted",
      "",
    ],
    ["a blocker without evidence", { items: [itemOf({ class: "unsubstantiated" }, [])] }, "accepted", ""],
    [
      "a blocker that could not be checked",
      { items: [itemOf({ class: "unsubstantiated" }, [fileAt("a", 1, 2, "unchecked")])] },
      "conditional-accept",
      "could not be checked",
    ],
    ["a confirmed minor item", { items: [itemOf({ class: "full-consensus", severity: "minor" })] }, "accepted", ""],
    ["a requirement without a row", { requirements: ["R1", "R2"] }, "blocked", "Requirement R2"],
    [
      "an uncovered requirement",
      { coverage: [{ requirement: "R1", covered: false, artefact: "x" }] },
      "blocked",
      "Requirement R1",
    ],
    [
      "one of two rows says uncovered",
      { coverage: [...good.coverage, { requirement: "R1", covered: false, artefact: "" }] },
      "blocked",
      "Requirement R1",
    ],
    [
      "a requirement without an artefact",
      { coverage: [{ requirement: "R1", covered: true, artefact: " " }] },
      "blocked",
      "Requirement R1",
    ],
    ["a failed command", { commands: [{ ...command, outcome: "failed" }] }, "blocked", "qa:test failed"],
    ["a command that did not run", { commands: [{ ...command, outcome: "did-not-run" }] }, "blocked", "did not run"],
    ["a command without work", { commands: [{ ...command, outcome: "no-work" }] }, "blocked", "did no work"],
    [
      "a command at another commit",
      { commands: [{ ...command, outcome: "passed", commit: "c0" }] },
      "blocked",
      "not at the verified commit",
    ],
    ["no command", { commands: [] }, "conditional-accept", "No QA"],
    ["an unverified store", { dbState: "db-unverified" }, "blocked", "db-unverified"],
    ["weakened tests", { testsWeakened: [{ message: "2 deleted", explained: false }] }, "blocked", "2 deleted"],
    ["weakened tests, explained", { testsWeakened: [{ message: "2 deleted", explained: true }] }, "accepted", ""],
    ["degraded", { degraded: true }, "blocked", "degraded"],
  ])("%s", (_name, change, verdict, says) => {
    const found = verificationVerdict({ ...good, ...change });
    expect(found.verdict).toBe(verdict);
    const sentences = [...found.blockers, ...found.risks];
    if (says === "") expect(sentences).toEqual([]);
    else expect(sentences).toEqual([expect.stringContaining(says)]);
  });
});

test("blockers outrank risks, and both are listed", () => {
  const found = verificationVerdict({ ...good, commands: [], degraded: true });
  expect([found.verdict, found.blockers.length, found.risks.length]).toEqual(["blocked", 1, 1]);
});
