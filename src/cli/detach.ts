/** What a command answers that lets another process execute: the run, how to look at it, where its log is. */
import { commandDetached, type Detached, resumeDetached, showRun } from "../engine/index.ts";
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { printKey, readRun, type TaskKey, take } from "../model/index.ts";
import type { Answer } from "./command.ts";
import type { Context } from "./context.ts";
import type { Paint } from "./paint.ts";
import { columns, oneLine } from "./text.ts";

/** Goes on with a run in a detached process, with these flags of resume; the run was prepared by this one or earlier. */
export async function detachRun(context: Context, summary: RunSummary, flags: readonly string[] = []): Promise<Answer> {
  const run = readRun(summary.id);
  const detached = take(await resumeDetached(context.world, context.cwd, { run, flags }));
  const now = take(await showRun(context.world, context.cwd, run)).summary;
  return {
    json: { ...now, detached },
    text: (paint) =>
      [`${paint.good("✓")} ${paint.strong(oneLine(summary.id))}: detached`, ...facts(detached)].join("\n"),
    exit: 0,
  };
}

/** Starts this very command line again in a detached process. */
export async function detachCommand(context: Context, key: TaskKey): Promise<Answer> {
  const { world, common, cwd } = context;
  const detached = take(await commandDetached(world, { cwd, key, args: argsAgain(common.argv) }));
  return {
    json: { taskKey: printKey(key), detached },
    text: (paint) => [headOf(common.argv, key, paint), ...facts(detached)].join("\n"),
    exit: 0,
  };
}

const headOf = ([name = ""]: readonly string[], key: TaskKey, paint: Paint): string =>
  `${paint.good("✓")} okstra ${oneLine(name)} ${paint.strong(oneLine(printKey(key)))}: detached`;

function facts({ pid, sessionName, attach, log }: Detached): string[] {
  const rows = [
    ...(sessionName === null ? [] : [["session", sessionName]]),
    ...(pid === null ? [] : [["process", String(pid)]]),
    ["attach", attach],
    ["log", log],
  ];
  return columns(rows.map((row) => row.map(oneLine))).map((line) => `  ${line}`);
}

/** The process starts in the folder that `--cwd` named, and speaks to people. */
function argsAgain(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  const kept: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    const isFlag = end === -1 || at < end;
    if (isFlag && word === "--cwd") at++;
    else if (!isFlag || !(word === "--detach" || word === "--json" || word.startsWith("--cwd="))) kept.push(word);
  }
  return kept;
}
