/** Executes a prepared run, or goes on with one. */
import { resume as resumeRun, showRun } from "../../engine/index.ts";
import { printRun, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { ResumeOptions } from "../commands/resume.ts";
import type { Context } from "../context.ts";
import { detachRun } from "../detach.ts";
import { runAnswer } from "../run-answer.ts";
import { watched } from "../watched.ts";

export async function resume(context: Context, { run, budget, detach }: ResumeOptions): Promise<Answer> {
  if (detach) {
    const given = Object.entries(budget).flatMap(([unit, most]) =>
      most === null ? [] : [`--budget-${unit}`, `${most}`],
    );
    return await detachRun(context, take(await showRun(context.world, context.cwd, run)).summary, given);
  }
  const watch = { title: `resume ${printRun(run)}` };
  return await runAnswer(
    context,
    take(
      await watched(context, watch, (world) =>
        resumeRun(world, context.cwd, { run, budget: isGiven(budget) ? budget : null }),
      ),
    ),
  );
}

const isGiven = ({ usd, tokens }: ResumeOptions["budget"]): boolean => usd !== null || tokens !== null;
