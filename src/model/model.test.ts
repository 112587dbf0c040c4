import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  door,
  doorSync,
  err,
  exitCodeOf,
  Fault,
  fault,
  nearest,
  ok,
  printKey,
  printRun,
  type RunRef,
  readRun,
  readTaskKey,
  reasons,
  shellWord,
  take,
  taskTypes,
  unreachable,
} from "./index.ts";

const thrown = (body: () => unknown): Fault => {
  try {
    body();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("task keys", () => {
  test.each([
    ["p/g/t", "p/g/t"],
    ["p:g:t", "p/g/t"],
    [" Shop / Check Out / a:b ", "Shop/Check Out/a:b"],
  ])("%j reads as %j", (text, printed) => expect(printKey(readTaskKey(text))).toBe(printed));
  test.each(["", "p", "p/g", "p/g/t/x", "p//t", "p/ /t", "p:g", ":::"])("%j is none", (text) => {
    const { failure } = thrown(() => readTaskKey(text));
    expect([failure.reason, exitCodeOf(failure)]).toEqual(["bad-task-key", 2]);
  });
});

describe("run ids", () => {
  test.each(["p/g/t@error-analysis#001", "p/g/t@implementation.stage-12#1000"])("%s", (id) =>
    expect(printRun(readRun(id))).toBe(id),
  );
  test.each([
    "p/g/t",
    "p/g/t@nonsense#001",
    "p/g/t@implementation",
    "p/g/t@implementation.stage-0#001",
    "p/g@error-analysis#001",
    "p/g/t@error-analysis#",
  ])("%s is none", (id) => expect(["bad-run-id", "bad-task-key"]).toContain(thrown(() => readRun(id)).failure.reason));
  test("what is printed is read back", () => {
    const id = fc.stringMatching(/^[a-zA-Z0-9._-]{1,20}$/);
    const runs = fc.record({
      key: fc.record({ project: id, group: id, task: id }),
      taskType: fc.constantFrom(...taskTypes),
      stage: fc.option(fc.integer({ min: 1, max: 999 })),
      seq: fc.integer({ min: 1, max: 99_999 }),
    });
    fc.assert(
      fc.property(runs, (run: RunRef) => {
        expect(readRun(printRun(run))).toEqual(run);
      }),
    );
  });
});

describe("the nearest word", () => {
  test.each([
    ["aprove", "approve"],
    ["STATUS", "status"],
    ["statsu", "status"],
    ["xyzzy", undefined],
    ["", undefined],
  ])("%j: %s", (word, wanted) => expect(nearest(word, ["approve", "status", "worktree"])).toBe(wanted));
  test("a known word is its own nearest, whatever else is known", () => {
    const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,12}$/), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(words, fc.nat(), (known, pick) => {
        const word = known[pick % known.length] ?? "";
        expect(nearest(word, known)).toBe(word);
      }),
    );
  });
});

describe("failures", () => {
  test("a door turns faults into values and lets bugs pass", async () => {
    const failing = () => {
      throw fault("stage-taken", "taken", "wait", { stage: 2 }, new Error("why"));
    };
    const wanted = {
      ok: false,
      error: {
        reason: "stage-taken",
        message: "taken",
        remedy: "wait",
        details: { stage: 2 },
        cause: expect.any(Error),
      },
    };
    expect(doorSync(failing)()).toEqual(wanted);
    expect(await door(async () => failing())()).toEqual(wanted);
    expect(doorSync((n: number) => n + 1)(1)).toEqual(ok(2));
    expect(await door(async (n: number) => n + 1)(1)).toEqual(ok(2));
    const bug = () => {
      throw new TypeError("bug");
    };
    expect(doorSync(bug)).toThrow(TypeError);
    await expect(door(async () => bug())()).rejects.toThrow(TypeError);
  });
  test("taking a failure throws it on to the next door", () => {
    const failure = { reason: "no-work", message: "m", remedy: "r" } as const;
    expect(take(ok(1))).toBe(1);
    expect(doorSync(() => take(err(failure)))()).toEqual(err(failure));
  });
  test("every reason has a word, a sentence and an exit code of the table", () => {
    for (const [word, { exit, means }] of Object.entries(reasons)) {
      expect(word).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(means.length).toBeGreaterThan(10);
      expect([0, 1, 2, 3, 4, 5, 6, 130]).toContain(exit);
    }
  });
  test("what cannot be is a bug", () => expect(() => unreachable("x" as never)).toThrow('unreachable: "x"'));
});

test.each([
  ["shop/checkout/total", "shop/checkout/total"],
  ["shop/Größe Gruppe/Tax Bug ü", "'shop/Größe Gruppe/Tax Bug ü'"],
  ["shop/q3/t@error-analysis#001", "'shop/q3/t@error-analysis#001'"],
  ["it's", "'it'\\''s'"],
])("%s stands in a command as %s", (text, word) => expect(shellWord(text)).toBe(word));
