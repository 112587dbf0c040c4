/**
 * The count of what passed, of one suite or of several together, as one line: `N passed, N failed, N skipped`.
 * Each suite leaves its count in a file, with what failed and why, so that the end of a long output tells it all; a suite
 * that left none did not run to its end, and counts as one failure.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "./fresh.ts";

export type Tally = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, each with the first lines of its reason. */
  readonly failures: readonly string[];
  /** How many were skipped for each reason that their names give (`(skipped: why)`). */
  readonly reasons: Readonly<Record<string, number>>;
  /** Tests with the real agent programs: how many ran and how many were skipped; also counted above. */
  readonly real: { readonly ran: number; readonly skipped: number };
};

export const cache = (name: string): string => join(root, ".cache", name);

export const none: Tally = {
  passed: 0,
  failed: 0,
  skipped: 0,
  failures: [],
  reasons: {},
  real: { ran: 0, skipped: 0 },
};

export const sum = (tallies: readonly Tally[]): Tally =>
  tallies.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
      failures: [...all.failures, ...one.failures],
      reasons: added(all.reasons, one.reasons),
      real: { ran: all.real.ran + one.real.ran, skipped: all.real.skipped + one.real.skipped },
    }),
    none,
  );

const added = (a: Tally["reasons"], b: Tally["reasons"]): Tally["reasons"] => ({
  ...a,
  ...Object.fromEntries(Object.entries(b).map(([why, count]) => [why, (a[why] ?? 0) + count])),
});

/** What is said above the line that counts: whether the real agents were there, and what was skipped for which reason. */
export const remarks = ({ real, reasons }: Tally): readonly string[] => [
  ...(real.ran + real.skipped === 0 ? [] : [`real agents: ${real.ran} tests ran, ${real.skipped} skipped`]),
  ...Object.entries(reasons).map(([why, count]) => `skipped ${count}: ${why}`),
];

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
  const ones = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((one) => ({ ...one, real: basename(name).startsWith("real-") })),
  );
  const left = ones.filter(({ status }) => unrun.has(status));
  const real = {
    ran: ones.filter((one) => one.real && !unrun.has(one.status)).length,
    skipped: left.filter((one) => one.real).length,
  };
  const reasons = left.map(({ fullName }) => ({ [reasonIn(fullName)]: 1 })).reduce(added, {});
  const unexplained = failed.length === 0 && exitCode !== 0;
  return sum([
    { ...none, passed: report.numPassedTests, skipped: report.numPendingTests + report.numTodoTests, reasons, real },
    ...(unexplained ? [failure("vitest", `ended with exit code ${exitCode} though no test failed`)] : failed),
  ]);
}

const unrun: ReadonlySet<string> = new Set(["pending", "skipped", "todo", "disabled"]);

/** A reason may hold parentheses of its own, not nested ones. */
const reasonIn = (name: string): string =>
  /\(skipped: ((?:[^()]|\([^()]*\))*)\)/.exec(name)?.[1] ?? `no reason given: ${name}`;

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined; // not written: the caller says what that means
  }
}
