import { expect, test } from "vitest";
import { isText } from "./text-bytes.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("text, also with a NUL that somebody put into it", () => {
  for (const text of ["", "const a = 1;\n", `// \0 한글\n${"const a = 1;\n".repeat(20)}`])
    expect([text, isText(bytes(text))]).toEqual([text, true]);
  // Latin-1 without a NUL is text to git as well.
  expect(isText(new Uint8Array([0x63, 0x61, 0x66, 0xe9]))).toBe(true);
});

test("what is binary", () => {
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, ...Array(500).fill(0xc3), 0, 0]);
  const utf16 = new Uint8Array([...bytes("const a = 1;")].flatMap((byte) => [byte, 0]));
  const late = new Uint8Array([...bytes(`\0${"a".repeat(9_000)}`), 0xff]);
  for (const one of [png, utf16, bytes("\0\0needle"), late]) expect(isText(one)).toBe(false);
});
