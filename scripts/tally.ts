/**
 * The count of what passed, of one suite or of several together, as one line: `N passed, N failed, N skipped`.
 * Each suite leaves its count in a file, with what failed and why, so that the end of a long output tells it all; a suite
 * that left none did not run to its end, and counts as one failure.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./fresh.ts";

export type Tally = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, each with the first lines of its reason. */
  readonly failures: readonly string[];
};

export const cache = (name: string): string => join(root, ".cache", name);

export const none: Tally = { passed: 0, failed: 0, skipped: 0, failures: [] };

export const sum = (tallies: readonly Tally[]): Tally =>
  tallies.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
      failures: [...all.failures, ...one.failures],
    }),
    none,
  );

export const line = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

export const forget = (suite: string): void => rmSync(cache(`tally-${suite}.json`), { force: true });

export function keep(suite: string, tally: Tally): void {
  const file = cache(`tally-${suite}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(tally));
}

export function recall(suite: string): Tally {
  return readJson<Tally>(cache(`tally-${suite}.json`)) ?? failure(`suite ${suite}`, "did not run to its end");
}

/** One failure, with as much of its reason as tells what happened. */
export const failure = (what: string, why: string): Tally => ({
  ...none,
  failed: 1,
  failures: [`✗ ${what}\n${why.split("\n").slice(0, 40).join("\n")}`],
});

type VitestReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
};

/** A test file that could not even be loaded is one failure, and so is an exit code that no test explains. */
export function tallyOfVitest(file: string, exitCode: number): Tally {
  const report = readJson<VitestReport>(file);
  if (report === undefined) return failure("vitest", "left no report");
  const failed = report.testResults.flatMap(({ name, status, message, assertionResults }) =>
    status === "failed" && assertionResults.length === 0
      ? [failure(name, message)]
      : assertionResults
          .filter((one) => one.status === "failed")
          .map((one) => failure(`${name}: ${one.fullName}`, one.failureMessages.join("\n"))),
  );
  const unexplained = failed.length === 0 && exitCode !== 0;
  return sum([
    { ...none, passed: report.numPassedTests, skipped: report.numPendingTests + report.numTodoTests },
    ...(unexplained ? [failure("vitest", `ended with exit code ${exitCode} though no test failed`)] : failed),
  ]);
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined; // not written: the caller says what that means
  }
}
