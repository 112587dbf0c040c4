import fc from "fast-check";
import { expect, test } from "vitest";
import type { KnownItem } from "./convergence.schema.ts";
import { inOnePlace, invariantsOf } from "./invariants.ts";

const known = (id: string, path: string | null, claim: string, change: Partial<KnownItem> = {}): KnownItem => ({
  ...{ id, fingerprint: id, path, symbol: null, title: `title of ${id}`, severity: "minor", claims: [claim] },
  ...{ workers: ["claude"], types: ["error-analysis"], lastRun: "r", resolvedIn: null },
  ...change,
});
const cause = "amount cent float number round sum";
const items = [
  known("F-002", "src/b.js", cause, { severity: "major" }),
  known("F-001", "src/a.js", `${cause} total`),
  known("F-003", "src/c.js", "cookie expir session never"),
];

test("one root cause on two paths is an invariant, under its oldest item and its worst severity", () => {
  expect(invariantsOf(items)).toEqual([
    {
      ...{ id: "I-F-001", title: "title of F-001", severity: "major", open: true },
      ...{ paths: ["src/a.js", "src/b.js"], items: ["F-001", "F-002"] },
    },
  ]);
  expect(inOnePlace(invariantsOf(items), "F-002")).toMatch(/src\/a\.js, src\/b\.js \(F-001\): enforce it in one place/);
  expect(inOnePlace(invariantsOf(items), "F-003")).toBeUndefined();
});

test("not one: the same path twice, no path, what never held", () => {
  expect(invariantsOf([known("F-001", "a", cause), known("F-002", "a", cause), known("F-003", null, cause)])).toEqual(
    [],
  );
  expect(invariantsOf([known("F-001", "a", cause), known("F-002", "b", cause, { types: [] })])).toEqual([]);
});

test("it is kept when all of its items were resolved, and says so", () => {
  const gone = items.map((item) => ({ ...item, types: [], resolvedIn: "r2" }));
  expect(invariantsOf(gone)).toMatchObject([{ id: "I-F-001", open: false }]);
});

test("the order of what is known leaves no trace", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(items, { minLength: 3 }), (shuffled) => {
      expect(invariantsOf(shuffled)).toEqual(invariantsOf(items));
    }),
  );
});
