/** What a command that executed or prepared runs answers: each run in a few lines, then what to do next. */
import { type GateStop, gateStop, readReport, taskStatus } from "../engine/index.ts";
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { readRun, readTaskKey, take } from "../model/index.ts";
import { summaryLines } from "../report/index.ts";
import type { Answer } from "./command.ts";
import type { Context } from "./context.ts";
import { exitOfRun, exitOfRuns } from "./exit-code.ts";
import { nextStep } from "./next-step.ts";
import type { Paint } from "./paint.ts";
import { endOf, signOf } from "./run-words.ts";
import { hint, oneLine } from "./text.ts";

export type Told = { readonly summary: RunSummary; readonly lines: readonly string[] };

/** The run with the lines that say how it ended: those of its report, or why there is none. */
export async function tell(context: Context, summary: RunSummary): Promise<Told> {
  const { world, cwd } = context;
  const ref = readRun(summary.id);
  if (summary.report !== null) {
    const [, ...lines] = summaryLines(take(await readReport(world, cwd, ref)), summary.report.markdown);
    return { summary, lines };
  }
  const { message = "", remedy = "" } = summary.failure ?? {};
  const why = [message, remedy === "" ? "" : `To go on: ${remedy}`].filter((line) => line !== "");
  return { summary, lines: [...why, `Folder: ${summary.runDir}`] };
}

/** `✓ <run>: completed`, and its lines below. */
export function toldLines({ summary, lines }: Told, paint: Paint): string[] {
  return [
    `${signOf(summary, paint)} ${paint.strong(oneLine(summary.id))}: ${endOf(summary)}`,
    ...lines.map((line) => `  ${oneLine(line)}`),
  ];
}

type Standing = {
  /** What to do next; undefined when nothing is left to do. */
  readonly next: string | undefined;
  /** With --unattended: what a person has to decide before anything can go on. */
  readonly decision: { readonly decision: GateStop | null } | Record<never, never>;
};

/** Where the task stands after these runs of it. */
async function standing(context: Context, taskKey: string, last: RunSummary | undefined): Promise<Standing> {
  const { world, cwd, common } = context;
  const status = take(await taskStatus(world, cwd, readTaskKey(taskKey)));
  const decision = common.unattended ? { decision: gateStop(status, last ?? null) } : {};
  return { next: nextStep(status), decision };
}

/** The answer of a command that executed one run. */
export async function runAnswer(context: Context, summary: RunSummary): Promise<Answer> {
  const told = await tell(context, summary);
  const { next, decision } = await standing(context, summary.taskKey, summary);
  return {
    json: { ...summary, ...decision },
    text: (paint) => [...toldLines(told, paint), ...hint(next, paint)].join("\n"),
    exit: exitOfRun(summary),
  };
}

/** The answer of a command that executed several runs of a task. */
export async function runsAnswer(context: Context, runs: readonly RunSummary[], taskKey: string): Promise<Answer> {
  const told: Told[] = [];
  for (const summary of runs) told.push(await tell(context, summary));
  const { next, decision } = await standing(context, taskKey, runs.at(-1));
  return {
    json: { runs, ...decision },
    text: (paint) => [...told.flatMap((one) => toldLines(one, paint)), ...hint(next, paint)].join("\n"),
    exit: exitOfRuns(runs),
  };
}
