import { expect, test } from "vitest";
import { boundedText } from "./streams.ts";

test("what fits is kept as it is", () => {
  const kept = boundedText(100);
  for (const part of ["one ", "two ", "three"]) kept.push(Buffer.from(part));
  expect(kept.text()).toBe("one two three");
});

test("of what does not fit the first and the last half are kept, and how much is missing is said", () => {
  const kept = boundedText(20);
  for (let at = 0; at < 1000; at += 1) kept.push(Buffer.from(String(at % 10)));
  expect(kept.text()).toBe("0123456789\n[... 980 bytes left out ...]\n0123456789");
  const once = boundedText(4);
  once.push(Buffer.from("abcdefgh"));
  expect(once.text()).toBe("ab\n[... 4 bytes left out ...]\ngh");
});
