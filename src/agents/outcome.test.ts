import { expect, test } from "vitest";
import { defaultClocks } from "./clocks.ts";
import { noteStderr, openHearing } from "./hearing.ts";
import { judge } from "./outcome.ts";

/** How the end of a program is told that said this on stderr and nothing else. */
function ending(stderr: string): string {
  const hearing = openHearing();
  noteStderr(hearing, stderr);
  const heard = { hearing, ended: null, over: null, exit: { exitCode: 1, signal: null }, limits: defaultClocks };
  return judge(heard, (value) => ({ ok: true, value })).message;
}

test("a program that ends without a word is told with what it said on stderr: the line of an error, else the first", () => {
  const silent = "exited with code 1 and said neither that it had finished nor that it had failed";
  expect(ending("")).toBe(silent);
  expect(ending("\n  \n")).toBe(silent);
  expect(ending("loading\n  Error: no native binary\n\nrun install\n")).toBe(
    `${silent}; on stderr: Error: no native binary`,
  );
  expect(ending("cannot start\nsee the manual\n")).toBe(`${silent}; on stderr: cannot start`);
  expect(ending(`${"x".repeat(9_000)}\n`)).toBe(`${silent}; on stderr: ${"x".repeat(200)}`);
});

test.each([
  ["first-event", "said nothing in its first 2 min (timeouts.firstEvent)"],
  ["idle", "showed no progress for 7.5 s (timeouts.idle)"],
  ["hard", "was still at work after 60 min (timeouts.hard)"],
] as const)("%s: it says how long, and which setting gives more", (ended, message) => {
  const exit = { exitCode: null, signal: "SIGTERM" };
  const limits = { ...defaultClocks, idleMs: 7_500 };
  const judged = judge({ hearing: openHearing(), ended, over: null, exit, limits }, () => ({ ok: true, value: 1 }));
  expect(judged).toMatchObject({ message, ending: { status: "timeout", reason: ended } });
});
