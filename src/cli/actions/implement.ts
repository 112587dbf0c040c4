/** Builds one stage, or all. */
import { implementAll, type RunRequest, start } from "../../engine/index.ts";
import { printKey, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { ImplementOptions } from "../commands/implement.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { runsAnswer } from "../run-answer.ts";

export async function implement(context: Context, options: ImplementOptions): Promise<Answer> {
  const { stage, parallel, wishes } = options;
  const key = await keyOf(context, options.task);
  const request: RunRequest = { ...wishes, cwd: context.cwd, key, taskType: "implementation", via: context.via };
  const runs =
    stage === "all"
      ? take(await implementAll(context.world, { request, parallel }))
      : [take(await start(context.world, { ...request, stage }))];
  return await runsAnswer(context, runs, printKey(key));
}
