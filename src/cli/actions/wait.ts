/** Waits for the end of a run. */
import { followRun } from "../../engine/index.ts";
import type { RunSummary } from "../../lifecycle/task.schema.ts";
import { type ExitCode, fault, type Outcome, printRun, shellWord, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { WaitOptions } from "../commands/wait.ts";
import type { Context } from "../context.ts";
import { exitOfRun } from "../exit-code.ts";
import { runAnswer } from "../run-answer.ts";

export async function wait(context: Context, { run, until }: WaitOptions): Promise<Answer> {
  const { world, cwd } = context;
  const { state, end } = take(await followRun(world, { cwd, run, hear: () => undefined, settled: true }));
  const { summary } = state;
  if (end === "idle" && (until === null || summary.outcome !== until)) {
    const id = printRun(run);
    throw fault(
      "run-not-executed",
      `${id} ${summary.outcome === "prepared" ? "was not started yet" : "is interrupted"}: no process executes it`,
      `To go on: okstra resume ${shellWord(id)}`,
      { run: id, outcome: summary.outcome },
    );
  }
  return { ...(await runAnswer(context, summary)), exit: exitOfWait(summary, until) };
}

/** An outcome that was waited for is success, whatever it is; another one is none. */
export function exitOfWait(summary: RunSummary, until: Outcome | null): ExitCode {
  const own = exitOfRun(summary);
  if (until === null) return own;
  return summary.outcome === until ? 0 : own === 0 ? 1 : own;
}
