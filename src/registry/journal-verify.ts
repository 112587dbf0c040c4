/** Compares a journal with itself and with what the home knows of it; finds accidents and edits, and changes nothing. */
import type { Host } from "../host/index.ts";
import { homePaths, runPaths } from "../lifecycle/index.ts";
import { Fault, printRun, type RunRef } from "../model/index.ts";
import { readHead } from "./heads.ts";
import { differenceFrom, type JournalScan, scanJournal } from "./journal-lines.ts";
import type { TaskPlace } from "./place.ts";
import type { Head } from "./registry.schema.ts";

/**
 * `missing`: no file. `bad-line`: a line that does not parse or does not follow the one before. `cut`, `changed`: differs from
 * the head in the home. `head-unreadable`: that head is no good. `torn` and `no-head` are what a kill leaves: resuming the run
 * mends the first; the second only means that cuts cannot be found.
 */
export type JournalProblem = {
  readonly kind: "missing" | "bad-line" | "cut" | "changed" | "head-unreadable" | "torn" | "no-head";
  readonly severity: "error" | "warning";
  readonly path: string;
  /** Null where no line is meant. */
  readonly line: number | null;
  readonly message: string;
};

/** Everything wrong with a run's journal, worst first; empty when it is whole. Never throws for what the files hold. */
export async function verifyJournal(host: Host, place: TaskPlace, run: RunRef): Promise<readonly JournalProblem[]> {
  const path = runPaths(place.projectRoot, run).journal;
  const bytes = await host.files.readBytes(path);
  if (bytes === undefined)
    return [{ kind: "missing", severity: "error", path, line: null, message: "there is no journal" }];
  const scan = scanJournal(bytes, printRun(run));
  const inside = scan.bad.map(({ line, why }) => problem("bad-line", path, line, why));
  return [...inside, ...(await againstHome(host, place, { run, path, scan })), ...tornEnd(scan, path)];
}

type Against = { readonly run: RunRef; readonly path: string; readonly scan: JournalScan };

async function againstHome(host: Host, place: TaskPlace, { run, path, scan }: Against): Promise<JournalProblem[]> {
  const headPath = homePaths(place.home).head(run);
  let known: Head | undefined;
  try {
    known = await readHead(host, place.home, run);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return [{ kind: "head-unreadable", severity: "error", path: headPath, line: null, message: thrown.message }];
  }
  if (known === undefined) {
    const message = "the home knows no line count and hash of this journal, so a cut end cannot be told";
    return [{ kind: "no-head", severity: "warning", path: headPath, line: null, message }];
  }
  const difference = differenceFrom(known, scan);
  return difference === undefined ? [] : [problem(difference.kind, path, difference.line, difference.why)];
}

function tornEnd({ torn, rows }: JournalScan, path: string): JournalProblem[] {
  if (rows.length === 0) return [problem("bad-line", path, 1, "no whole line is left")];
  if (torn === null) return [];
  const message = `the last line was not written to its end (${torn.bytes.length} bytes)`;
  return [{ kind: "torn", severity: "warning", path, line: torn.line, message }];
}

const problem = (kind: JournalProblem["kind"], path: string, line: number, message: string): JournalProblem => ({
  kind,
  severity: "error",
  path,
  line,
  message,
});
