import fc from "fast-check";
import { expect, test } from "vitest";
import { redactor, redactValue } from "./redact.ts";

test("a known value never shows, wherever it stands and whatever it contains", () => {
  const secret = fc
    .string({ minLength: 8, maxLength: 40 })
    .filter((text) => text.trim().length >= 6 && !"[redacted]".includes(text.trim()));
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
      expect(redactor([value])(`${before}${value}${after}`)).not.toContain(value.trim());
    }),
  );
});

test.each([
  "sk-ant-api03-abcdefghijklmnop1234",
  "AIzaSyA1234567890abcdefghijklmnopqrstuv",
  "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
  "github_pat_11ABCDEFG0abcdefghijkl_mnop",
  "xoxb-123456789012-abcdef",
  "AKIAIOSFODNN7EXAMPLE",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.abcdefghijklmnop",
  "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
])("the shape of %s is known", (key) => {
  expect(redactor([])(`before ${key} after`)).toBe("before [redacted] after");
});

test("what surrounds a key is kept", () => {
  const redact = redactor([]);
  expect(redact("Authorization: Bearer abcdefghijklmnopqrstuvwxyz")).toBe("Authorization: Bearer [redacted]");
  expect(redact("via http://me:hunter22@proxy:3128/")).toBe("via http://me:[redacted]@proxy:3128/");
});

test("plain text and short values are left alone", () => {
  const text = "the task sk-1 of commit 3f2a9c0 at http://localhost:3000/a";
  expect(redactor(["a", "", "true"])(text)).toBe(text);
});

test("no text of a quarter of a megabyte holds it up", () => {
  const redact = redactor(["a-known-value"]);
  const parts = [
    "a.",
    "eyJ-",
    "sk-",
    "Bearer ",
    "-----BEGIN ",
    "http://",
    "a://b:",
    "eyJaaaaaaaaa.eyJ",
    "AIza-",
    "://:",
  ];
  for (const part of parts) {
    // Where a pattern goes back over what it has read, this takes minutes and the test's time limit ends it.
    const text = part.repeat(Math.ceil(262_144 / part.length));
    expect(redact(text).length, part).toBeLessThanOrEqual(text.length);
  }
});

test("of a value the free texts are cleaned, what names things is left", () => {
  const redact = redactor(["hunter22!", "src/add.js", "accepted"]);
  const finding = {
    id: "F-1",
    title: "hunter22! shows",
    evidence: [{ path: "src/add.js", quote: 'key = "hunter22!"' }],
  };
  const value = { verdict: "accepted", findings: [finding], notes: ["hunter22!", null, 3], files: ["src/add.js"] };
  expect(redactValue(value, redact)).toEqual({
    verdict: "accepted",
    findings: [
      { id: "F-1", title: "[redacted] shows", evidence: [{ path: "src/add.js", quote: 'key = "[redacted]"' }] },
    ],
    notes: ["[redacted]", null, 3],
    files: ["src/add.js"],
  });
  // Things that have fields of their own are looked into, whatever they are called.
  expect(redactValue({ items: [{ id: "hunter22!", claim: "hunter22!" }] }, redact)).toEqual({
    items: [{ id: "hunter22!", claim: "[redacted]" }],
  });
});
