/** Executes a prepared run, or goes on with one. */
import { resume as resumeRun } from "../../engine/index.ts";
import { take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { Context } from "../context.ts";
import { runAnswer } from "../run-answer.ts";
import type { RunSubject } from "../subject.ts";

export async function resume(context: Context, { run }: RunSubject): Promise<Answer> {
  return await runAnswer(context, take(await resumeRun(context.world, context.cwd, run)));
}
