/** Merges what is built. */
import { integrateStages } from "../../engine/index.ts";
import { printKey, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { IntegrateOptions } from "../commands/integrate.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { runsAnswer } from "../run-answer.ts";
import { watched } from "../watched.ts";

export async function integrate(context: Context, options: IntegrateOptions): Promise<Answer> {
  const { stage, restart, wishes } = options;
  const key = await keyOf(context, options.task);
  const ask = { ...wishes, cwd: context.cwd, key, stage, with: options.with, restart, via: context.via };
  const watch = { title: `integrate ${printKey(key)}` };
  const runs = take(await watched(context, watch, (world) => integrateStages(world, ask)));
  const answer = await runsAnswer(context, runs, printKey(key));
  if (runs.length > 0) return answer;
  return {
    ...answer,
    text: (paint) => ["Nothing is left to merge", answer.text(paint)].filter((line) => line !== "").join("\n"),
  };
}
