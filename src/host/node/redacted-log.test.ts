import fc from "fast-check";
import { expect, test } from "vitest";
import { redactedLog } from "./redacted-log.ts";

const redact = (text: string): string => text.replaceAll("hunter22", "[redacted]");

function through(bytes: Buffer, cuts: readonly number[]): Buffer {
  const log = redactedLog(redact);
  const edges = [0, ...[...cuts].map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
  const out = edges.slice(1).map((end, index) => log.push(bytes.subarray(edges[index], end)));
  return Buffer.concat([...out, log.end()]);
}

test("what holds no key passes byte for byte, however it is cut", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(200)), (bytes, cuts) => {
      const given = Buffer.from(bytes);
      expect(through(given, cuts).equals(given)).toBe(true);
    }),
  );
});

test("a key is taken out, however it is cut", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.array(fc.nat(60)), (before, after, cuts) => {
      const given = `${before}hunter22${after}\nnext\n`;
      expect(through(Buffer.from(given), cuts).toString()).toBe(redact(Buffer.from(given).toString()));
    }),
  );
});

test("an endless line passes on early, and a key at the edge of a part is seen", () => {
  const log = redactedLog(redact);
  let written = 0;
  let seen = "";
  for (let part = 0; part < 40; part++) {
    const out = log.push(Buffer.from(`${"x".repeat(8_188)}hunter22${"x".repeat(8_188)}`));
    written += out.length;
    seen += out.toString();
  }
  expect(written).toBeGreaterThan(200_000);
  seen += log.end().toString();
  expect(seen).not.toContain("hunter22");
  expect(seen.match(/\[redacted\]/g)).toHaveLength(40);
});
