import fc from "fast-check";
import { expect, test } from "vitest";
import { line, listen, type Said } from "./stream.ts";

const hear = (text: string, cut = false) => listen().hear({ text, cut });

test("what the program says, the driver hears", () => {
  const usage = { input: 1, cachedInput: 2, cacheWrite: 3, output: 4, reasoning: 5, costUsd: null };
  const said: Said[] = [
    { type: "text", text: 'a "quoted"\nline' },
    { type: "usage", usage },
    { type: "retry", reason: "HTTP 500" },
    { type: "quota", resetAt: null },
    { type: "quota", resetAt: "2030-01-01T00:00:00Z" },
    { type: "failed", reason: "no", kind: "auth" },
    { type: "finished", text: "{}" },
  ];
  for (const each of said) expect(hear(line(each).trimEnd())).toEqual([each]);
  const started = { type: "started", session: "s", model: "m", family: "f", scripted: true } as const;
  expect(hear(line(started))).toEqual([{ type: "started", session: "s", model: "m", family: "f" }]);
  expect(hear(line({ type: "tool-call", id: "1", name: "shell", detail: "ls" }))).toEqual([
    { type: "tool-call", id: "1", name: "shell" },
  ]);
  expect(hear(line({ type: "tool-result", id: "1", exitCode: 0 }))).toEqual([{ type: "tool-result", id: "1" }]);
});

test("no line makes it throw, and none but its own is an event", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const event of hear(text)) expect(event.type).toBe("unreadable");
    }),
  );
});

test("a cut line is unreadable even where its beginning is not", () => {
  expect(hear('{"type":"finished","text":"{}"}', true)).toEqual([{ type: "unreadable", why: "too-long" }]);
});

test("a usage that is no number is heard as one that cannot be", () => {
  const [event] = hear('{"type":"usage","usage":{"input":"many","output":-1}}');
  expect(event).toMatchObject({ type: "usage", usage: { input: Number.NaN, output: -1, costUsd: null } });
});
