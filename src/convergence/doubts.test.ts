import fc from "fast-check";
import { expect, test } from "vitest";
import { cases, fileAt, searchFor, statedBy } from "./convergence.fixture.ts";
import { doubtsOf, isFollowed } from "./doubts.ts";
import { groupFindings, type Judged, type Stated } from "./group.ts";

const first = statedBy("claude", "anthropic");
const reworded = statedBy("codex", "openai", {
  title: "Old tokens pass",
  claim: "isValid never looks at the expiry, an outdated token is let in",
});
const decisionsOn = (stated: readonly Stated[], decision: Judged["decision"]): Judged[] =>
  doubtsOf(stated).map(({ a, b }) => ({ a, b, decision }));
const groupsOf = (stated: readonly Stated[], judged: readonly Judged[] = []): string[][] =>
  groupFindings(stated, judged).map(({ members }) => members.map(({ finding }) => finding));

test("at one place with few words in common: asked, apart until somebody merges them", () => {
  const stated = [first, reworded];
  expect(groupsOf(stated)).toHaveLength(2);
  expect(doubtsOf(stated)).toMatchObject([
    { id: "G-01", choices: ["merge", "different"], a: { place: "src/a.ts:10-20" } },
  ]);
  expect(groupsOf(stated, decisionsOn(stated, "merge"))).toEqual([["claude-F1", "codex-F1"]]);
  expect(groupsOf(stated, decisionsOn(stated, "different"))).toHaveLength(2);
});

test("barely joined: asked, together until somebody splits them", () => {
  const longer = statedBy("codex", "openai", {
    claim: `isValid compares issuedAt only, accepted ${Array.from({ length: 24 }, (_, at) => `remark${at}`).join(" ")}`,
  });
  const stated = [first, longer];
  expect(groupsOf(stated)).toHaveLength(1);
  expect(doubtsOf(stated)).toMatchObject([{ choices: ["same", "split"] }]);
  expect(groupsOf(stated, decisionsOn(stated, "split"))).toHaveLength(2);
  expect(groupsOf(stated, decisionsOn(stated, "same"))).toHaveLength(1);
});

test("not asked: what is clear, other files, two findings of one worker", () => {
  expect(doubtsOf([first, statedBy("codex", "openai")])).toEqual([]);
  expect(doubtsOf([first, { ...reworded, evidence: [fileAt("src/b.ts", 10, 20)] }])).toEqual([]);
  expect(doubtsOf([first, { ...reworded, worker: "claude" }])).toEqual([]);
  expect(doubtsOf([first, statedBy("codex", "openai", { title: "Slow", claim: "the loop runs twice" })])).toEqual([]);
});

test("two findings of one worker never meet, whoever merges them", () => {
  const second = statedBy("claude", "anthropic", {
    id: "claude-F2",
    title: "No sign check",
    claim: "the signature is skipped",
  });
  const both = { a: { worker: "claude", finding: "claude-F1" }, b: { worker: "claude", finding: "claude-F2" } };
  const chain: Judged[] = [
    { ...both, decision: "merge" },
    { a: both.a, b: { worker: "codex", finding: "codex-F1" }, decision: "merge" },
    { a: both.b, b: { worker: "codex", finding: "codex-F1" }, decision: "merge" },
    { a: both.a, b: { worker: "nobody", finding: "x" }, decision: "merge" },
  ];
  const items = groupFindings([first, second, reworded], chain);
  expect(items.map(({ members }) => members.length).sort()).toEqual([1, 2]);
  expect(chain.map((one) => isFollowed(items, one)).filter((followed) => followed)).toHaveLength(1);
});

test("without lines half of the words in common is asked about", () => {
  const bare = { ...reworded, claim: "", evidence: [searchFor("x", "held")] };
  const alike = statedBy("gemini", "google", {
    title: "Expired tokens are accepted",
    claim: "nothing in isValid reads the expiry of it",
    checked: [],
  });
  expect(doubtsOf([first, bare])).toEqual([]);
  expect(doubtsOf([first, alike])).toHaveLength(1);
});

test("whatever is decided, in whatever order: the same items, no finding lost, no two of one worker that differ in one", () => {
  const decision = fc.constantFrom<Judged["decision"]>("merge", "different", "same", "split");
  fc.assert(
    fc.property(cases(), fc.infiniteStream(decision), fc.nat(), ({ stated }, decisions, seed) => {
      const names = stated.map(({ worker, finding }) => ({ worker, finding: finding.id }));
      const judged = names.slice(1).flatMap((b, at) => {
        const a = names[(at * 7 + seed) % names.length];
        return a === undefined ? [] : [{ a, b, decision: decisions.next().value }];
      });
      const items = groupFindings(stated, judged);
      expect(groupFindings([...stated].reverse(), [...judged].reverse())).toEqual(items);
      expect(items.flatMap(({ members }) => members)).toHaveLength(stated.length);
      for (const { members } of items) {
        const said = members.map(({ worker, title, claim }) => [worker, `${title} ${claim}`] as const);
        for (const [worker, words] of said)
          for (const [other, others] of said) if (worker === other) expect(normal(others)).toBe(normal(words));
      }
    }),
  );
});

const normal = (text: string): string => text.toLowerCase();
