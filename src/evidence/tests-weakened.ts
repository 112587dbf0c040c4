/**
 * Whether a change made the tests weaker: test files deleted, tests gone, skipped or outnumbered by one singled out,
 * assertions removed. Counted from the texts at base and head. A test that moved to another file is not gone. Pure.
 */
import { countTests, noTests, type TestCount } from "./count-tests.ts";
import { isTestPath, mayHoldTests } from "./test-paths.ts";

/** A changed file with its text at base and head; null where it does not exist. */
export type ChangedText = { readonly path: string; readonly before: string | null; readonly after: string | null };

export type Weakening = {
  readonly path: string;
  readonly kind: "deleted" | "fewer" | "skipped" | "only" | "assertions";
  /** A sentence for the report. */
  readonly why: string;
};

type Counted = { readonly path: string; readonly before: TestCount; readonly after: TestCount; readonly gone: boolean };

/** Every way in which the change weakens tests, in order of path; empty when it does not. */
export function testsWeakened(changes: readonly ChangedText[]): Weakening[] {
  const counted = changes
    .filter(({ path }) => mayHoldTests(path))
    .map(
      ({ path, before, after }): Counted => ({
        path,
        before: before === null ? noTests : countTests(path, before),
        after: after === null ? noTests : countTests(path, after),
        gone: before !== null && after === null,
      }),
    )
    .filter(({ path, before, after }) => isTestPath(path) || before.tests.length > 0 || after.tests.length > 0)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const moves = movesIn(counted);
  return counted.flatMap((file) => weakeningsOf(file, moves));
}

/** Tests by name: the files that have them at head only, and the files that had them at base only. */
type Moves = {
  readonly came: ReadonlyMap<string, readonly Counted[]>;
  readonly went: ReadonlyMap<string, readonly Counted[]>;
};

function movesIn(counted: readonly Counted[]): Moves {
  const came = new Map<string, Counted[]>();
  const went = new Map<string, Counted[]>();
  for (const file of counted) {
    for (const name of missing(file.after.tests, file.before.tests)) came.set(name, [...(came.get(name) ?? []), file]);
    for (const name of missing(file.before.tests, file.after.tests)) went.set(name, [...(went.get(name) ?? []), file]);
  }
  return { came, went };
}

function weakeningsOf(file: Counted, { came, went }: Moves): Weakening[] {
  const { path, before, after } = file;
  const absent = missing(before.tests, after.tests);
  const lost = absent.filter((name) => !came.has(name));
  const added = missing(after.tests, before.tests);
  // Skip marks and assertions travel with a test, so they are weighed over all files that tests moved between.
  const together = [
    ...new Set([
      file,
      ...absent.flatMap((name) => came.get(name) ?? []),
      ...added.flatMap((name) => went.get(name) ?? []),
    ]),
  ];
  const found: Weakening[] = [];
  const tell = (kind: Weakening["kind"], why: string): void => {
    found.push({ path, kind, why: `${path}: ${why}` });
  };
  const deleted = file.gone && lost.length > 0;
  if (deleted) tell("deleted", `the test file was deleted with ${times(before.tests.length, "test")}${listed(lost)}`);
  else if (after.tests.length < before.tests.length && lost.length > 0) {
    tell("fewer", `${times(before.tests.length, "test")} became ${after.tests.length}${listed(lost)}`);
  }
  const skipped = sum(together, (one) => one.after.skipped - one.before.skipped);
  if (after.skipped > before.skipped && skipped > 0)
    tell("skipped", `${times(skipped, "more test")} skipped or marked as to do`);
  if (after.only > before.only) tell("only", "a test was singled out, so that the others do not run");
  const removed = sum(together, (one) => one.before.assertions - one.after.assertions);
  if (after.assertions < before.assertions && removed > 0 && !deleted) {
    tell(
      "assertions",
      `${times(removed, "assertion")} removed (${before.assertions} at the base, ${after.assertions} now)`,
    );
  }
  return found;
}

/** Names of the first list that the second has not, each as often as it is missing. */
function missing(wanted: readonly string[], there: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const name of there) left.set(name, (left.get(name) ?? 0) + 1);
  return wanted.filter((name) => {
    const count = left.get(name) ?? 0;
    left.set(name, count - 1);
    return count <= 0;
  });
}

const sum = (files: readonly Counted[], of: (file: Counted) => number): number =>
  files.reduce((total, file) => total + of(file), 0);
const times = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
const listed = (names: readonly string[]): string =>
  names.length === 0 ? "" : ` (gone: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", ..." : ""})`;
