/**
 * What a worker that only reads wants to be run or looked up (`checks` of its result): the engine does it at the commit that the worker
 * judges, and says in the same conversation what came of it. The worker names a declared command or a search, never a command line; a
 * command runs confined in a throwaway worktree like all that the engine runs.
 */
import { loadChecked, setIn } from "../briefing/index.ts";
import { runSearch } from "../evidence/index.ts";
import type { Search, WantedCheck, WorkerResult } from "../model/finding.schema.ts";
import { Fault, take } from "../model/index.ts";
import { oneLine, shortened } from "../report/index.ts";
import { ranOnce } from "./check-evidence.ts";
import type { Ask } from "./dispatch.ts";
import { progress, type Run } from "./run.ts";

type Of = { readonly worker: string; readonly commit: string | null; readonly tree: string };

/** How much of a line that was found; in generated files one line may be all of it. */
const shownText = 400;

/** How much of a command's output a worker gets to see, from its end. */
const shownBytes = 6_000;

export async function wantedChecks(run: Run, of: Of): Promise<NonNullable<Ask<WorkerResult>["goOn"]>> {
  const say = take(await loadChecked(run.world.host, run.world.host.machine.packageRoot));
  return async ({ checks = [] }, nth) => {
    if (checks.length === 0) return undefined;
    const lines: string[] = [];
    for (const check of checks) lines.push(await outcomeOf(run, of, check));
    const names = checks.map((check) => ("qa" in check ? `qa:${nameOf(check.qa)}` : "search")).join(",");
    await progress(run, "phase-5-checks", `worker=${of.worker} checks=${names}`);
    return say(lines, nth);
  };
}

const nameOf = (qa: string): string => qa.replace(/^qa:/, "");

const outcomeOf = (run: Run, of: Of, check: WantedCheck): Promise<string> =>
  "qa" in check ? command(run, of, nameOf(check.qa)) : search(run, of, check.search);

async function command(run: Run, { commit }: Of, name: string): Promise<string> {
  const { qaCommands } = run.project.settings;
  const declared = Object.hasOwn(qaCommands, name) ? qaCommands[name] : undefined;
  if (declared === undefined) return `qa:${name}: no QA command is called that`;
  if (commit === null) return `qa:${name}: could not be run, there is no commit`;
  try {
    const done = await ranOnce(run, { name, command: declared, commit });
    const tail = await run.world.host.files.readTail(done.log, shownBytes);
    return `qa:${name} ${done.outcome}, exit code ${done.exitCode ?? "none"}:\n  ${setIn(new TextDecoder().decode(tail))}`;
  } catch (thrown) {
    if (thrown instanceof Fault && couldNotRun.has(thrown.failure.reason))
      return `qa:${name}: could not be run: ${thrown.failure.message}`;
    throw thrown;
  }
}

const couldNotRun: ReadonlySet<string> = new Set(["setup-failed", "git-failed", "not-a-repository", "path-taken"]);

async function search(run: Run, { commit, tree }: Of, wanted: Search): Promise<string> {
  const what = `search ${JSON.stringify(wanted)}`;
  if (commit === null) return `${what}: could not be made, there is no commit`;
  const place = { repository: tree, commit, roots: [tree, run.project.projectRoot] };
  const seen = take(await runSearch(run.world.host, place, wanted));
  if (!seen.ran) return `${what}: could not be made: ${seen.why}`;
  if (seen.hits.length === 0) return `${what}: found nothing`;
  return [
    `${what}: found`,
    ...seen.hits.map(({ path, line, text }) => `  ${oneLine(path)}:${line}: ${shortened(text, shownText)}`),
  ].join("\n");
}
