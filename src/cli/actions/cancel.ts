/** Ends a run for good. */
import { cancel as cancelRun } from "../../engine/index.ts";
import { take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { Context } from "../context.ts";
import { runAnswer } from "../run-answer.ts";
import type { RunSubject } from "../subject.ts";

/** Cancelling is what was asked: it ends with 0, though the run's own outcome is `cancelled`. */
export async function cancel(context: Context, { run }: RunSubject): Promise<Answer> {
  return { ...(await runAnswer(context, take(await cancelRun(context.world, context.cwd, run)))), exit: 0 };
}
