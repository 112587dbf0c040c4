import { expect, test } from "vitest";
import { outcomeOf } from "./command-outcome.ts";

const of = (output: string, exitCode: number | null = 0) => outcomeOf({ exitCode, timedOut: false, output });

test("exit codes without a test runner", () => {
  expect(of("all good\n")).toBe("passed");
  expect(of("boom\n", 2)).toBe("failed");
  expect(of("sh: nope: not found\n", 127)).toBe("did-not-run");
  expect(of("Permission denied\n", 126)).toBe("did-not-run");
  expect(of("", null)).toBe("did-not-run");
  expect(of("Killed\n", 137)).toBe("did-not-run");
  expect(outcomeOf({ exitCode: 0, timedOut: true, output: "" })).toBe("did-not-run");
});

const nothing: Record<string, string> = {
  "node --test": "TAP version 13\n1..0\n# tests 0\n# suites 0\n# pass 0\n# fail 0\n# cancelled 0\n",
  "node --test, spec form": "ℹ tests 0\nℹ suites 0\nℹ pass 0\nℹ fail 0\n",
  "node --test, all skipped": "ℹ tests 2\nℹ pass 0\nℹ fail 0\nℹ skipped 2\n",
  vitest: "No test files found, exiting with code 0\n",
  "vitest, coloured": "\u001b[2m Test Files \u001b[22m no tests\n\u001b[2m      Tests \u001b[22m no tests\n",
  "vitest, all skipped": " Test Files  1 skipped (1)\n      Tests  3 skipped (3)\n",
  jest: "No tests found, exiting with code 0\n",
  "jest, all skipped": "Tests:       2 skipped, 2 total\n",
  mocha: "\n  0 passing (2ms)\n",
  "pytest, all skipped": "======== 3 skipped in 0.01s ========\n",
  unittest: "Ran 0 tests in 0.000s\n\nOK\n",
  "unittest, all skipped": "Ran 2 tests in 0.000s\n\nOK (skipped=2)\n",
  go: "?   \texample.com/a\t[no test files]\n",
  "go, none to run": "ok  \texample.com/a\t0.002s [no tests to run]\n",
  cargo: "running 0 tests\n\ntest result: ok. 0 passed\n\n   Doc-tests a\n\nrunning 0 tests\n",
  rspec: "0 examples, 0 failures\n",
  phpunit: "No tests executed!\n",
};
for (const [runner, output] of Object.entries(nothing)) {
  test(`no work: ${runner}`, () => expect(of(output)).toBe("no-work"));
}

const something: Record<string, string> = {
  "node --test": "# tests 2\n# pass 2\n# fail 0\n",
  vitest: " Test Files  1 passed (1)\n      Tests  2 passed | 1 skipped (3)\n",
  jest: "Tests:       1 skipped, 5 passed, 6 total\n",
  mocha: "  3 passing (12ms)\n  1 pending\n",
  pytest: "===== 3 passed, 1 skipped in 0.12s =====\n",
  "pytest -q": "3 passed in 0.12s\n",
  unittest: "Ran 1 test in 0.001s\n\nOK\n",
  "unittest, some skipped": "Ran 3 tests in 0.001s\n\nOK (skipped=2, expected failures=1)\n",
  go: "?   \texample.com/a\t[no test files]\nok  \texample.com/b\t(cached)\n",
  cargo: "running 3 tests\n\nrunning 0 tests\n",
  rspec: "1 example, 0 failures\n",
  phpunit: "OK (1 test, 2 assertions)\n",
  "several runs, one of them empty": "# pass 0\n# fail 0\n# pass 4\n# fail 0\n",
};
for (const [runner, output] of Object.entries(something)) {
  test(`passed: ${runner}`, () => expect(of(output)).toBe("passed"));
}

test("runners that fail when there is nothing to test", () => {
  expect(of("collected 0 items\n\n==== no tests ran in 0.01s ====\n", 5)).toBe("no-work");
  expect(of("No test files found, exiting with code 1\n", 1)).toBe("no-work");
  expect(of("No tests found, exiting with code 1\n", 1)).toBe("no-work");
  expect(of("# pass 0\n# fail 1\n", 1)).toBe("failed");
});
