/** Prepares and executes one run. */
import { start } from "../../engine/index.ts";
import { take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { RunOptions } from "../commands/run.ts";
import type { Context } from "../context.ts";
import { requestOf } from "../request.ts";
import { runAnswer } from "../run-answer.ts";
import { prepare } from "./prepare.ts";

export async function run(context: Context, { ask, renderOnly }: RunOptions): Promise<Answer> {
  if (renderOnly) return await prepare(context, { ask });
  return await runAnswer(context, take(await start(context.world, await requestOf(context, ask))));
}
