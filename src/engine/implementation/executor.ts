/** The one agent that changes files. What it says it did is kept as a claim. */
import { checkExecutorResult } from "../../generated/finding.check.js";
import type { ExecutorResult } from "../../model/finding.schema.ts";
import { fault } from "../../model/index.ts";
import { ask } from "../dispatch.ts";
import { promptOf } from "../prompts.ts";
import { progress, type Run } from "../run.ts";
import type { Blocking } from "./blocking.ts";
import type { StageWork } from "./stage-work.ts";

export type ExecuteAsk = {
  readonly purpose: "execute" | "fix";
  /** 0 for the first execution, then the number of the fix round. */
  readonly round: number;
  readonly blocking: readonly Blocking[];
};

/** Its claims. Throws `agent-failed` or `agent-timed-out` when it came to no valid result. */
export async function execute(run: Run, work: StageWork, of: ExecuteAsk): Promise<ExecutorResult> {
  const spec = run.manifest.roster.find((one) => one.role === "executor");
  if (spec === undefined) throw new Error(`${run.id} has no executor`);
  await progress(run, "phase-4-dispatch", `worker=${spec.worker} model=${spec.model}${of.round === 0 ? "" : ` fix-round=${of.round}`}`);
  const answer = await ask(run, {
    spec,
    fileRole: "executor",
    purpose: of.purpose,
    round: of.round === 0 ? null : of.round,
    writes: true,
    cwd: work.tree,
    prompt: await promptOf(run, { spec, purpose: of.purpose, work, blocking: of.blocking }),
    check: checkExecutorResult,
    schema: "executor-result",
    hold: false,
  });
  await progress(run, "phase-5-collect", `worker=${spec.worker} status=${answer.status}${answer.reason === null ? "" : ` reason=${answer.reason}`}`);
  if (answer.value !== null) return answer.value;
  throw fault(
    answer.status === "timeout" ? "agent-timed-out" : "agent-failed",
    `The executor ${spec.worker} gave no usable result: ${answer.reason ?? answer.status}`,
    `Its work is kept in ${work.tree}; see okstra show '${run.id}', then prepare the stage again`,
    { worker: spec.worker, status: answer.status },
  );
}
