/** Builds one stage, or all. */
import { implementAll, prepare, type RunRequest, start } from "../../engine/index.ts";
import { printKey, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { ImplementOptions } from "../commands/implement.ts";
import type { Context } from "../context.ts";
import { detachCommand, detachRun } from "../detach.ts";
import { keyOf } from "../key-of.ts";
import { runsAnswer } from "../run-answer.ts";
import { stagesOf } from "../stages-of.ts";
import { watched } from "../watched.ts";
import { dryRun } from "./dry-run.ts";

export async function implement(context: Context, options: ImplementOptions): Promise<Answer> {
  const { stage, parallel, wishes } = options;
  const key = await keyOf(context, options.task);
  const request: RunRequest = { ...wishes, cwd: context.cwd, key, taskType: "implementation", via: context.via };
  if (options.dryRun) return await dryRun(context, { ...request, stage: stage === "all" ? "auto" : stage });
  if (stage === "all") {
    if (options.detach) return await detachCommand(context, key);
    const watch = { title: `implement ${printKey(key)}`, stages: () => stagesOf(context, key) };
    const runs = take(await watched(context, watch, (world) => implementAll(world, { request, parallel })));
    return await runsAnswer(context, runs, printKey(key));
  }
  if (options.detach) return await detachStage(context, { ...request, stage });
  const watch = { title: `implement ${printKey(key)}` };
  const one = take(await watched(context, watch, (world) => start(world, { ...request, stage })));
  return await runsAnswer(context, [one], printKey(key));
}

async function detachStage(context: Context, request: RunRequest): Promise<Answer> {
  const answer = await detachRun(context, take(await prepare(context.world, request)).summary);
  return { ...answer, json: { runs: [answer.json] } };
}
