/**
 * The count of what passed, of one suite or of several together, as one line: `N passed, N failed, N skipped`.
 * Each suite leaves its count in a file; a suite that left none did not run to its end, and counts as one failure.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./fresh.ts";

export type Tally = { readonly passed: number; readonly failed: number; readonly skipped: number };

export const cache = (name: string): string => join(root, ".cache", name);

export const none: Tally = { passed: 0, failed: 0, skipped: 0 };

export const sum = (tallies: readonly Tally[]): Tally =>
  tallies.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
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
  return readJson<Tally>(cache(`tally-${suite}.json`)) ?? { ...none, failed: 1 };
}

type VitestReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
};

/** A test file that could not even be loaded is one failure, and so is an exit code that no test explains. */
export function tallyOfVitest(file: string, exitCode: number): Tally {
  const report = readJson<VitestReport>(file);
  if (report === undefined) return { ...none, failed: 1 };
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  );
  const failed = report.numFailedTests + unloaded.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined; // not written: the caller says what that means
  }
}
