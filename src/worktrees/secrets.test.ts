import fc from "fast-check";
import { expect, test } from "vitest";
import { blotOut, secretsIn } from "./secrets.ts";

test("values of at least six characters, quoted or not, without their comments", () => {
  const text = [
    "# A=commented-out",
    "TOKEN=abc123def # the token",
    "export DB_URL='postgres://u:p@h/db#1'",
    'NAME = "with \\"quotes\\" inside"   # yes',
    "SHORT=abcde",
    "EMPTY=",
    "//registry.npmjs.org/:_authToken=npm_0123456789",
    "just words",
    "SAME=abc123def",
  ].join("\r\n");
  expect(secretsIn(text)).toEqual(["abc123def", "postgres://u:p@h/db#1", 'with \\"quotes\\" inside', "npm_0123456789"]);
});

test("a key over several lines counts as a whole and line by line", () => {
  const found = secretsIn('KEY="-----BEGIN-----\nMIIabcdef\n-----END-----"\nNEXT=another-one\n');
  expect(found).toContain("-----BEGIN-----\nMIIabcdef\n-----END-----");
  expect(found).toContain("MIIabcdef");
  expect(found).toContain("another-one");
  expect(secretsIn('KEY="line-one\\nline-two"')).toEqual(["line-one\\nline-two", "line-one", "line-two"]);
});

test("a quote that is never closed is part of the value; binary files have none", () => {
  expect(secretsIn('A="open-ended\nB=second-value')).toEqual(['"open-ended', "second-value"]);
  expect(secretsIn("A=secret-value\u0000")).toEqual([]);
});

test("whatever stands behind a key is blotted out, the longer secret first", () => {
  expect(blotOut("x secret-long secret y", ["secret", "secret-long"])).toBe("x [secret] [secret] y");
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9/+]{6,40}$/), fc.string(), (value, around) => {
      expect(blotOut(`${around}${value}`, secretsIn(`KEY=${value}`))).not.toContain(value);
    }),
  );
});

test("a long line of blanks does not take long", () => {
  expect(secretsIn(`A=${" ".repeat(200_000)}\nB=${" ".repeat(200_000)}x\n${"a ".repeat(200_000)}`)).toEqual([]);
});
