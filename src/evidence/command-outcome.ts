/**
 * What a finished command means. An exit code alone is not enough: a test runner that found no test exits 0 in one tool
 * and 1 in another, and in neither case was anything tested. Pure.
 */
export type CommandOutcome = "passed" | "failed" | "did-not-run" | "no-work";

export type Ended = {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** Standard output and standard error, one after the other. */
  readonly output: string;
};

/** `did-not-run` and `no-work` never count as passed, nor as a test that failed. */
export function outcomeOf({ exitCode, timedOut, output }: Ended): CommandOutcome {
  if (timedOut || exitCode === null || endedFromOutside.includes(exitCode)) return "did-not-run";
  if (exitCode === 126 || exitCode === 127) return "did-not-run";
  const plain = output.replace(colour, "");
  if (exitCode === 0) return testsRun(plain) === 0 ? "no-work" : "passed";
  return foundNothing.some(({ exit, says }) => exit === exitCode && says.test(plain)) ? "no-work" : "failed";
}

/** 128 + INT, KILL, TERM: the shell's word for a command that someone else ended. */
const endedFromOutside = [130, 137, 143];

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with the escape character
const colour = /\u001b\[[0-9;]*m/g;

/** Runners that fail when they find no test. */
const foundNothing: readonly { readonly exit: number; readonly says: RegExp }[] = [
  { exit: 5, says: /\bno tests ran\b|\bcollected 0 items\b/i },
  { exit: 1, says: /^No test files found/m },
  { exit: 1, says: /^No tests found, exiting with code 1/m },
  { exit: 1, says: /^Error: No test files found/m },
];

/** How many tests ran, by all summaries that stand in the output; undefined when no known runner spoke. */
function testsRun(output: string): number | undefined {
  const counts = summaries.flatMap(({ line, count }) =>
    [...output.matchAll(line)].map((found) => count(found.groups ?? {})),
  );
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}

type Groups = Readonly<Record<string, string | undefined>>;
type Summary = { readonly line: RegExp; readonly count: (groups: Groups) => number };

const number = (text: string | undefined): number => (text === undefined ? 0 : Number(text));
const named = ({ n }: Groups): number => number(n);

/** Only blanks are crossed, never line ends: the output may be megabytes of anything. */
const summaries: readonly Summary[] = [
  // node --test, TAP and spec form: what passed and what failed, so that a run of skipped tests counts nothing
  { line: /^(?:#|ℹ) (?:pass|fail) (?<n>\d+)$/gm, count: named },
  // vitest: "Tests  3 passed | 1 skipped (4)", "Tests  no tests"
  {
    line: /^[ \t]*Tests\s{2,}(?:(?<n>\d+) failed(?: \| )?)?(?:(?<p>\d+) passed)?.*\(\d+\)$/gm,
    count: ({ n, p }) => number(n) + number(p),
  },
  { line: /^[ \t]*(?:Tests|Test Files)\s{2,}no tests/gm, count: () => 0 },
  { line: /^No test files found/gm, count: () => 0 },
  // jest: "Tests:       1 failed, 2 skipped, 3 passed, 6 total"
  {
    line: /^Tests:\s+(?:(?<n>\d+) failed, )?(?:\d+ (?:skipped|todo), )*(?:(?<p>\d+) passed, )?\d+ total$/gm,
    count: ({ n, p }) => number(n) + number(p),
  },
  { line: /^No tests found, exiting with code 0/gm, count: () => 0 },
  // mocha: "  3 passing (12ms)"
  { line: /^[ \t]+(?<n>\d+) passing(?: \(.*\))?$/gm, count: named },
  // pytest: "==== 3 passed, 1 skipped in 0.01s ===="
  { line: /^=*[ \t]*(?:\d+ \w+, )*(?<n>\d+) passed\b.* in [\d.]+s.*$/gm, count: named },
  { line: /^=*[ \t]*(?:\d+ (?:skipped|deselected|warnings?)(?:, )?)+ in [\d.]+s.*$/gm, count: () => 0 },
  { line: /^=*[ \t]*no tests ran in [\d.]+s.*$/gm, count: () => 0 },
  // python unittest
  { line: /^Ran (?<n>\d+) tests? in [\d.]+s$/gm, count: named },
  { line: /^OK \((?:[a-z ]+=\d+, )*skipped=(?<n>\d+)(?:, [a-z ]+=\d+)*\)$/gm, count: ({ n }) => -number(n) },
  // go test
  { line: /^\?\s+\S+\s+\[no test files\]$/gm, count: () => 0 },
  {
    line: /^ok\s+\S+\s+(?:\(cached\)|[\d.]+s)(?:\s+coverage:.*?)?(?<none>\s+\[no tests to run\])?$/gm,
    count: ({ none }) => (none === undefined ? 1 : 0),
  },
  // cargo test: one line for each binary
  { line: /^running (?<n>\d+) tests?$/gm, count: named },
  // rspec, phpunit
  { line: /^(?<n>\d+) examples?, \d+ failures?/gm, count: named },
  { line: /^No tests executed!$/gm, count: () => 0 },
  { line: /^OK \((?<n>\d+) tests?, \d+ assertions?\)$/gm, count: named },
  // TAP plan of nothing
  { line: /^1\.\.0(?:\s.*)?$/gm, count: () => 0 },
];
