import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { testFolder } from "../test/folder.ts";
import { chunksIn } from "./chunks.ts";

const minute = 60_000;
const hashed = "part-AAAAAAAA.js";
const textOf = (factor: number): string =>
  `exports.times = (n) => n * ${factor}; exports.other = () => "${"x".repeat(2_000)}";`;

/** A program of two chunks, of which one has the hash of its text in its name, and starts of it. */
function program() {
  const { root, [Symbol.dispose]: dispose } = testFolder();
  const part = join(root, hashed);
  const kept = join(root, "cache", "v1");
  const code = join(kept, `${hashed}.code`);
  writeFileSync(join(root, "main.js"), `const part = require("./${hashed}"); exports.answer = () => part.times(21);`);
  writeFileSync(part, textOf(2));
  /** What the program answers; then its end. */
  const start = (later = 0): number => {
    const chunks = chunksIn(root, kept, () => Date.now() + later);
    const { answer } = chunks.load("main.js") as { answer: () => number };
    const said = answer();
    chunks.keep();
    return said;
  };
  const header = () => JSON.parse(readFileSync(code, "latin1").split("\n")[0] ?? "") as Record<string, number>;
  return { root, part, kept, code, start, header, [Symbol.dispose]: dispose };
}

/** The same size and time with another text: only who runs the kept code gives the old answer. */
function putUnseen(part: string, text: string): void {
  const { atime, mtime, size } = statSync(part);
  writeFileSync(part, text);
  expect(statSync(part).size).toBe(size);
  utimesSync(part, atime, mtime);
}

test("what was compiled is kept, and the next start runs that", () => {
  using at = program();
  utimesSync(at.part, 1_000, 1_000);
  expect(at.start()).toBe(42);
  expect(readdirSync(at.kept)).toEqual([`${hashed}.code`]);
  putUnseen(at.part, textOf(3));
  expect(at.start()).toBe(42);
});

test("a chunk that was changed by hand is compiled anew, and kept", () => {
  using at = program();
  utimesSync(at.part, 1_000, 1_000);
  at.start();
  writeFileSync(at.part, textOf(3));
  expect(at.start()).toBe(63);
  utimesSync(at.part, 2_000, 2_000);
  at.start();
  putUnseen(at.part, textOf(4));
  expect(at.start()).toBe(63);
});

test("a chunk without a hash in its name is never kept", () => {
  using at = program();
  at.start();
  expect(existsSync(join(at.kept, "main.js.code"))).toBe(false);
});

test("it is kept anew when due, four times as long each time, so that more functions come in", () => {
  using at = program();
  at.start();
  expect(at.header()["until"]).toBe(minute);
  at.start();
  expect(at.header()["until"]).toBe(minute);
  at.start(2 * minute);
  expect(at.header()["until"]).toBe(4 * minute);
  at.start(3 * minute);
  expect(at.header()["until"]).toBe(4 * minute);
  at.start(5 * minute);
  expect(at.header()["until"]).toBe(16 * minute);
});

test("any byte that is wrong, in any place: the program answers all the same, and it is kept anew", () => {
  using at = program();
  at.start();
  const whole = readFileSync(at.code);
  for (let place = 0; place < whole.length; place += 1 + Math.floor(whole.length / 200)) {
    const wrong = Buffer.from(whole);
    wrong[place] = (wrong[place] ?? 0) ^ 0x11;
    writeFileSync(at.code, wrong);
    expect(at.start(), `byte ${place}`).toBe(42);
  }
  for (const rubbish of [
    whole.subarray(0, 40),
    whole.subarray(0, -1),
    Buffer.alloc(whole.length),
    Buffer.from("{}\n"),
  ]) {
    writeFileSync(at.code, rubbish);
    expect(at.start()).toBe(42);
    expect(readFileSync(at.code).equals(rubbish)).toBe(false);
  }
});

test("code that V8 refuses, of another V8 or other flags, is replaced when it is due", () => {
  using at = program();
  at.start();
  const bytes = readFileSync(at.code);
  const data = bytes.indexOf(10) + 1;
  const { length = 0 } = at.header();
  // The hash of its version comes after the mark of the format.
  for (const copy of [data, data + length]) bytes.writeUInt32LE(1, copy + 4);
  writeFileSync(at.code, bytes);
  expect(at.start()).toBe(42);
  expect(readFileSync(at.code).equals(bytes)).toBe(true);
  expect(at.start(2 * minute)).toBe(42);
  expect(readFileSync(at.code).equals(bytes)).toBe(false);
});

test("a long run, of whose functions V8 dropped the code, takes nothing from what is kept", () => {
  using at = program();
  for (const flag of ["--expose-gc", "--stress-flush-code"]) setFlagsFromString(flag);
  const collect = runInNewContext("gc") as () => void;
  at.start();
  const before = at.header()["length"];
  const chunks = chunksIn(at.root, at.kept, () => Date.now() + 2 * minute);
  chunks.load("main.js");
  for (let round = 0; round < 10; round += 1) collect();
  chunks.keep();
  expect(at.header()).toMatchObject({ until: 4 * minute, length: before });
});

test("while another start writes, nothing is written; what one left that was killed goes", () => {
  using at = program();
  const half = `${at.code}.half`;
  at.start();
  const before = statSync(at.code).mtimeMs;
  writeFileSync(half, "half");
  writeFileSync(at.code, "rubbish");
  expect(at.start()).toBe(42);
  expect(readFileSync(at.code, "utf8")).toBe("rubbish");
  expect(at.start(2 * minute)).toBe(42);
  expect(readdirSync(at.kept)).toEqual([`${hashed}.code`]);
  expect(statSync(at.code).mtimeMs).toBeGreaterThanOrEqual(before);
});

test("where nothing can be written it runs as well", () => {
  using at = program();
  writeFileSync(join(at.root, "cache"), "a file where the folder would be");
  expect(at.start()).toBe(42);
  expect(at.start()).toBe(42);
});

test("what fails while it is loaded fails as it does in Node, and again at the next call", () => {
  using at = program();
  writeFileSync(at.part, `throw new Error("broken here");`);
  const chunks = chunksIn(at.root, at.kept);
  for (const _ of [1, 2]) expect(() => chunks.load("main.js")).toThrow("broken here");
  chunks.keep();
  expect(() => chunks.load("no-such.js")).toThrow("no-such.js");
});
