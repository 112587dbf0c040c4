import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { boundedText, finished } from "./streams.ts";

test("what came while this process was busy, after the child's exit and beyond the grace, is still heard", async () => {
  // The last word comes from a process that the child leaves behind, once it is told to, so that the pipe stays open.
  const child = spawn("sh", ["-c", "{ read told <&3; echo late; read never <&3; } & exit 3"], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const said: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => said.push(chunk));
  const ending = finished(child, 20);
  await once(child, "exit");
  const told = child.stdio[3];
  if (told === null || told === undefined || !("write" in told)) throw new Error("no pipe to the one left behind");
  told.write("now\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  expect(await ending).toEqual({ exitCode: 3, signal: null });
  expect(Buffer.concat(said).toString()).toBe("late\n");
  told.destroy();
});

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
