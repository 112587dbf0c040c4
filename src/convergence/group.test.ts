import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alike, bags, prefixLength, sameAnywhere, words } from "./claims.ts";
import { cases, fileAt, searchFor, statedBy } from "./convergence.fixture.ts";
import { groupFindings } from "./group.ts";

const groupsOf = (...stated: Parameters<typeof groupFindings>[0]): string[][] =>
  groupFindings(stated).map((item) => item.members.map((member) => member.finding));

const expired = statedBy("claude", "anthropic");
const expiredToo = statedBy("codex", "openai", {
  title: "Token expiry unchecked",
  claim: "isValid never reads expiresAt, so an expired token is accepted",
  checked: [fileAt("src/a.ts", 18, 25)],
});

test("one item where lines overlap and the claims are alike, each member kept", () => {
  const [item, none] = groupFindings([expired, expiredToo]);
  expect(none).toBeUndefined();
  expect(item).toMatchObject({
    id: "F-001",
    severity: "major",
    class: "full-consensus",
    place: { path: "src/a.ts", start: 10, end: 20 },
  });
  expect(item?.members.map((member) => member.worker)).toEqual(["claude", "codex"]);
});

describe("apart stay", () => {
  test("the same claim on lines that do not overlap", () => {
    expect(groupsOf(expired, { ...expiredToo, evidence: [fileAt("src/a.ts", 21, 25)] })).toHaveLength(2);
  });
  test("the same lines of another file", () => {
    expect(groupsOf(expired, { ...expiredToo, evidence: [fileAt("src/b.ts", 10, 20)] })).toHaveLength(2);
  });
  test("another claim on the same lines", () => {
    expect(
      groupsOf(
        expired,
        statedBy("codex", "openai", {
          title: "Slow loop",
          claim: "the loop over all users runs twice for each request",
        }),
      ),
    ).toHaveLength(2);
  });
  test("two findings of one worker, who told them apart", () => {
    const second = { ...expiredToo, worker: "claude" };
    expect(groupsOf(expired, second)).toHaveLength(2);
    expect(groupsOf(expired, statedBy("claude", "anthropic", { id: "again" }))).toHaveLength(1);
  });
});

describe("two faults that one worker padded with the same long text stay two", () => {
  const padding = Array.from({ length: 60 }, (_, at) => `remark${at}`).join(" ");
  const padded = (id: string, fault: string, checked = [fileAt("src/a.ts", 10, 20)]) =>
    statedBy("claude", "anthropic", { id, title: fault, claim: `${fault} ${padding}`, checked });
  const [first, second] = ["expired tokens are accepted", "the cache is never emptied"] as const;

  test("at one place", () => expect(groupsOf(padded("x", first), padded("y", second))).toHaveLength(2));
  test("without a place", () => expect(groupsOf(padded("x", first, []), padded("y", second, []))).toHaveLength(2));
  test("although another worker says something like both", () => {
    const both = statedBy("codex", "openai", { id: "z", title: first, claim: `${first} ${padding}` });
    const groups = groupsOf(padded("y", second), both, padded("x", first));
    expect(groups).toHaveLength(2);
    expect(groups).toContainEqual(["x", "z"]);
  });
});

test("grouping is transitive over overlapping lines", () => {
  const at = (worker: string, start: number) =>
    statedBy(worker, worker, { checked: [fileAt("src/a.ts", start, start + 10)] });
  expect(groupsOf(at("a", 1), at("b", 10), at("c", 20))).toEqual([["a-F1", "b-F1", "c-F1"]]);
  expect(groupsOf(at("a", 1), at("c", 20))).toHaveLength(2);
});

test("findings without lines group only when their claims are strongly alike", () => {
  const bare = statedBy("codex", "openai", { checked: [searchFor("x", "held")] });
  expect(groupsOf(expired, bare)).toHaveLength(1);
  expect(groupsOf(expired, { ...expiredToo, evidence: [] })).toHaveLength(2);
});

test("corrected lines are where a finding points", () => {
  const moved = { ...fileAt("src/a.ts", 100, 110, "corrected"), lines: { start: 12, end: 14 } };
  expect(groupsOf(expired, statedBy("codex", "openai", { checked: [moved] }))).toHaveLength(1);
});

test("an item lies at its first lines", () => {
  const checked = [fileAt("src/b.ts", 1, 2), fileAt("src/a.ts", 100, 101), fileAt("src/a.ts", 20, 21)];
  expect(groupFindings([statedBy("claude", "anthropic", { checked })])[0]?.place).toEqual({
    path: "src/a.ts",
    start: 20,
    end: 21,
  });
});

test("the worst severity wins; the member with evidence that held speaks for the item", () => {
  const louder = statedBy("codex", "openai", {
    severity: "blocker",
    title: "Expired tokens are accepted!",
    checked: [fileAt("src/a.ts", 10, 20, "refuted")],
  });
  expect(groupFindings([louder, expired])[0]).toMatchObject({
    severity: "blocker",
    title: "Expired tokens are accepted",
  });
});

test("the fingerprint stays when lines move, and changes with path, symbol or claim", () => {
  const print = (...given: Parameters<typeof statedBy>) => groupFindings([statedBy(...given)])[0]?.fingerprint;
  const first = print("a", "x");
  expect(print("b", "y", { title: "other", checked: [fileAt("src/a.ts", 90, 95)] })).toBe(first);
  expect(first).toMatch(/^[0-9a-f]{16}$/);
  expect(print("a", "x", { checked: [fileAt("src/b.ts", 10, 20)] })).not.toBe(first);
  expect(print("a", "x", { symbol: "isValid" })).not.toBe(first);
  expect(print("a", "x", { claim: "something else" })).not.toBe(first);
});

test("the order in which findings arrive leaves no trace", () => {
  fc.assert(
    fc.property(
      cases(1).chain(({ stated }) =>
        fc.tuple(fc.constant(stated), fc.shuffledSubarray([...stated], { minLength: stated.length })),
      ),
      ([stated, shuffled]) => {
        const turned = shuffled.map((one) => ({ ...one, evidence: [...one.evidence].reverse() }));
        expect(JSON.stringify(groupFindings(turned))).toBe(JSON.stringify(groupFindings(stated)));
      },
    ),
  );
});

test("no item holds two findings of one worker that say different things", () => {
  fc.assert(
    fc.property(cases(1), ({ stated }) => {
      for (const { members } of groupFindings(stated)) {
        const said = new Map<string, string>();
        for (const { worker, title, claim } of members) {
          const here = words(`${title} ${claim}`).join(" ");
          expect(said.get(worker) ?? here).toBe(here);
          said.set(worker, here);
        }
      }
    }),
  );
});

test("every finding is in exactly one item, and ids count from F-001", () => {
  fc.assert(
    fc.property(cases(1), ({ stated }) => {
      const items = groupFindings(stated);
      expect(items.flatMap((item) => item.members.map((member) => member.finding)).sort()).toEqual(
        stated.map((one) => one.finding.id).sort(),
      );
      expect(items.map((item) => item.id)).toEqual(items.map((_, at) => `F-${String(at + 1).padStart(3, "0")}`));
    }),
  );
});

describe("claims", () => {
  test("words are folded, stop words and endings dropped", () => {
    expect(words("The Cache IS validated, and validates cached_items")).toEqual(["cach", "cached_item", "validat"]);
    expect(words("ＦＵＬＬ ｗｉｄｔｈ")).toEqual(["full", "width"]);
    expect(words("만료된 토큰")).toHaveLength(2);
    expect(words("...")).toEqual([]);
  });
  test("no pair that is strongly alike escapes the words it is looked up by", () => {
    const bag = fc.uniqueArray(fc.constantFrom(..."abcdefghijkl"), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(bag, bag, fc.array(bag, { maxLength: 3 }), (left, right, others) => {
        const [a, b] = bags([left, right, ...others]);
        if (a === undefined || b === undefined || alike(a, b, sameAnywhere) === 0) return;
        const shown = new Set(a.subarray(0, prefixLength(a.length)));
        expect(b.subarray(0, prefixLength(b.length)).some((word) => shown.has(word))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
  test("claims without words are alike to nothing", () => {
    const [a, b] = bags([[], []]);
    expect(a !== undefined && b !== undefined && alike(a, b, sameAnywhere)).toBe(0);
  });
});
