import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sameTask, segment, segmentPath, segmentsOf } from "./segment.ts";

/** Any text, and text out of the signs that matter here. */
const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 120 }),
  fc
    .array(fc.constantFrom(..."aZ09._-/\\ ~^:?*[é한ß", ".lock", ".LOCK", ".."), { maxLength: 120 })
    .map((parts) => parts.join("")),
);

test.each([
  ["Login", "login"],
  ["fix the login!", "fix-the-login"],
  ["a..b...c", "a.b.c"],
  ["--.a.--", "a"],
  ["JIRA-12_x.y", "jira-12_x.y"],
  ["refs.lock", "refs-lock"],
  ["REFS.LOCK", "refs-lock"],
  ["a/b\\c:d", "a-b-c-d"],
])("%s becomes %s", (id, wanted) => expect(segment(id)).toBe(wanted));

describe("an id that lost letters or digits, or was cut, gets a hash", () => {
  test.each(["로그인", "café", "a한b", "", "..", "---", "!!!", "x".repeat(81)])("%j", (id) => {
    expect(segment(id)).toMatch(/^(?:.*-)?[0-9a-f]{8}$/);
    expect(segment(id)).not.toBe(segment(`${id}한`));
  });
  test("80 bytes are kept as they are", () => expect(segment("x".repeat(80))).toBe("x".repeat(80)));
});

test("every text gives a safe folder name and branch part of 1 to 80 bytes", () => {
  fc.assert(
    fc.property(texts, (id) => {
      const safe = segment(id);
      expect(safe).toMatch(/^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?$/);
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(80);
      expect(safe).not.toContain("..");
      expect(safe.endsWith(".lock")).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

test("a segment is its own segment, and case never matters", () => {
  fc.assert(
    fc.property(texts, (id) => {
      expect(segment(segment(id))).toBe(segment(id));
    }),
    { numRuns: 2_000 },
  );
  expect(segment("ABC.def")).toBe(segment("abc.DEF"));
});

test("a safe id stays as it is", () => {
  const safe = fc.stringMatching(/^[a-z0-9_]([a-z0-9_-]{0,77}[a-z0-9_])?$/);
  fc.assert(
    fc.property(safe, (id) => {
      expect(segment(id)).toBe(id);
    }),
  );
});

test("keys are the same task when their segments are", () => {
  const key = { project: "Shop", group: "Check Out", task: "A.B" };
  expect(segmentsOf(key)).toEqual({ project: "shop", group: "check-out", task: "a.b" });
  expect(segmentPath(key)).toBe("shop/check-out/a.b");
  expect(sameTask(key, { project: "shop", group: "check out", task: "a..b" })).toBe(true);
  expect(sameTask(key, { ...key, task: "a-b" })).toBe(false);
});
