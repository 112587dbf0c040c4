import { describe, expect, test } from "vitest";
import { classify } from "./classify.ts";
import { fileAt, memberOf, searchFor, statedBy } from "./convergence.fixture.ts";
import type { CheckedEvidence, ItemVerdict } from "./convergence.schema.ts";

const held = [fileAt("src/a.ts", 1, 2)];
const refuted = [fileAt("src/a.ts", 1, 2, "refuted")];

/** `claude+` agrees, `codex-` disagrees without evidence, `codex--` with evidence that held, `codex-x` with evidence that did not. */
const families: Record<string, string> = {
  claude: "anthropic",
  sonnet: "anthropic",
  codex: "openai",
  o3: "openai",
  gemini: "google",
  acp: "mistral",
};
function verdict(text: string): ItemVerdict {
  const [, worker = "", mark = ""] = /^([a-z0-9]+)([+-].*)$/.exec(text) ?? [];
  const evidence = mark === "--" ? held : mark === "-x" ? refuted : [];
  return {
    worker,
    family: families[worker] ?? "",
    round: 1,
    verdict: mark === "+" ? "AGREE" : "DISAGREE",
    basis: null,
    reason: "",
    evidence,
  };
}
const member = (worker: string, checked: CheckedEvidence[] = held) =>
  memberOf(statedBy(worker, families[worker] ?? "", { checked }));
const classOf = (members: ReturnType<typeof member>[], ...verdicts: string[]) =>
  classify(members, verdicts.map(verdict)).class;

describe("by evidence", () => {
  test.each<[string, CheckedEvidence[], string]>([
    ["none", [], "unsubstantiated"],
    ["a wrong quote", refuted, "unsubstantiated"],
    ["unchecked", [fileAt("a", 1, 2, "unchecked")], "unsubstantiated"],
    ["not in the commit", [fileAt("a", 1, 2, "unpinned")], "unsubstantiated"],
    ["corrected lines", [fileAt("a", 1, 2, "corrected")], "worker-unique"],
    ["one wrong quote of two", [...held, ...refuted], "worker-unique"],
    ["a search that came out otherwise", [...held, searchFor("x", "refuted")], "refuted"],
    ["a search that could not run", [...held, searchFor("x", "unchecked")], "worker-unique"],
  ])("%s", (_name, checked, wanted) => expect(classOf([member("claude", checked)])).toBe(wanted));

  test("agreement does not help what nothing holds", () => {
    expect(classOf([member("claude", refuted)], "codex+", "gemini+")).toBe("unsubstantiated");
  });
  test("a statement without evidence that held is no vote beside one with it", () => {
    expect(classOf([member("claude"), member("codex", refuted)])).toBe("worker-unique");
    expect(classOf([member("claude"), member("codex", refuted)], "codex+")).toBe("full-consensus");
  });
});

describe("by votes, stated by claude", () => {
  test.each<[string[], string]>([
    [[], "worker-unique"],
    [["codex+"], "full-consensus"],
    [["codex+", "gemini+"], "full-consensus"],
    [["codex-"], "contested"],
    [["codex--"], "contested"],
    [["codex+", "gemini-"], "partial-consensus"],
    [["codex+", "gemini-x"], "partial-consensus"],
    [["codex+", "gemini--"], "contested"],
    [["codex-", "gemini-"], "worker-unique"],
    [["codex--", "gemini--"], "refuted"],
    [["codex--", "gemini-"], "contested"],
    [["codex--", "gemini--", "acp+"], "contested"],
    [["codex+", "gemini-", "acp-"], "contested"],
    [["sonnet+"], "partial-consensus"],
    [["sonnet--"], "contested"],
    [["codex+", "o3+"], "full-consensus"],
    [["codex--", "o3--"], "contested"],
    [["codex+", "o3--"], "worker-unique"],
    [["codex+", "o3--", "gemini+"], "partial-consensus"],
    [["claude-"], "worker-unique"],
    [["claude--", "codex--"], "refuted"],
    [["claude--", "codex--", "gemini+"], "contested"],
  ])("%j: %s", (verdicts, wanted) => expect(classOf([member("claude")], ...verdicts)).toBe(wanted));
});

test("votes are listed by family; one that disagrees with itself abstains", () => {
  expect(classify([member("claude")], [verdict("o3--"), verdict("codex+"), verdict("gemini-")]).votes).toEqual([
    { family: "anthropic", vote: "agree", checked: true },
    { family: "google", vote: "disagree", checked: false },
    { family: "openai", vote: "abstain", checked: false },
  ]);
});
