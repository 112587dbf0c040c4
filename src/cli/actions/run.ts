/** Prepares and executes one run. */
import { prepare as prepareRun, start } from "../../engine/index.ts";
import { printKey, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { RunOptions } from "../commands/run.ts";
import type { Context } from "../context.ts";
import { detachRun } from "../detach.ts";
import { requestOf } from "../request.ts";
import { runAnswer } from "../run-answer.ts";
import { watched } from "../watched.ts";
import { dryRun } from "./dry-run.ts";
import { prepare } from "./prepare.ts";

export async function run(context: Context, options: RunOptions): Promise<Answer> {
  const { ask, renderOnly, detach } = options;
  if (renderOnly) return await prepare(context, options);
  const request = await requestOf(context, ask);
  if (options.dryRun) return await dryRun(context, request);
  if (detach) return await detachRun(context, take(await prepareRun(context.world, request)).summary);
  const watch = { title: `${request.taskType} ${printKey(request.key)}` };
  return await runAnswer(context, take(await watched(context, watch, (world) => start(world, request))));
}
