/** The one agent that changes files. What it says it did is kept as a claim. */

import type { PromptPurpose } from "../../briefing/index.ts";
import { checkExecutorResult } from "../../generated/finding.check.js";
import type { ExecutorResult } from "../../model/finding.schema.ts";
import { ask, isAnswered } from "../dispatch.ts";
import { tampered, watchGit } from "../git-guard.ts";
import { executePurpose, promptOf, qaNamesOf } from "../prompts.ts";
import { progress, type Run } from "../run.ts";
import { gaveNothing } from "../steps/quorum.ts";
import { executorScratch } from "../subject.ts";
import type { Blocking } from "./blocking.ts";
import { linkedBefore, linkedDuring } from "./linked.ts";
import { takeQaOut } from "./qa-out.ts";
import type { StageWork } from "./stage-work.ts";
import { refsBefore, straysDuring } from "./strays.ts";

export type ExecuteAsk = {
  readonly purpose: "execute" | "fix";
  /** 0 for the first execution, then the number of the fix round. */
  readonly round: number;
  readonly blocking: readonly Blocking[];
};

/** Its claims. Throws `agent-failed`, `agent-timed-out` or `quota-paused` when it came to no valid result. */
export async function execute(run: Run, work: StageWork, of: ExecuteAsk): Promise<ExecutorResult> {
  const spec = run.manifest.roster.find((one) => one.role === "executor");
  if (spec === undefined) throw new Error(`${run.id} has no executor`);
  await progress(
    run,
    "phase-4-dispatch",
    `worker=${spec.worker} model=${spec.model}${of.round === 0 ? "" : ` fix-round=${of.round}`}`,
  );
  await refsBefore(run, work, of.round);
  await linkedBefore(run, work, of.round);
  const prompt = await promptOf(run, spec, await purposeOf(run, work, of));
  const question = {
    spec,
    fileRole: "executor",
    purpose: of.purpose,
    round: of.round === 0 ? null : of.round,
    writes: true,
    cwd: work.tree,
    prompt,
    check: checkExecutorResult,
    hold: false,
  } as const;
  const watch = { name: "executor", tree: work.tree, commonDir: work.repository.commonDir };
  const watched = isAnswered(run, question)
    ? { tampering: null, value: await ask(run, question) }
    : await watchGit(run, watch, () => ask(run, question));
  if (watched.tampering !== null) throw tampered("The executor", watched.tampering);
  const answer = watched.value;
  const strays = await straysDuring(run, work, of.round);
  await linkedDuring(run, work, of.round);
  await takeQaOut(run, work, of.round);
  await progress(
    run,
    "phase-5-collect",
    `worker=${spec.worker} status=${answer.status}${answer.reason === null ? "" : ` reason=${answer.reason}`}`,
  );
  if (answer.value !== null) return answer.value;
  const kept = `Its work is kept in ${work.tree}. `;
  throw await gaveNothing(run, `The executor ${spec.worker}`, answer, { kept, also: strays.unexplained });
}

/** The first time the whole stage; on a resume, with the commits that a killed attempt left; later only what is open. */
async function purposeOf(run: Run, work: StageWork, of: ExecuteAsk): Promise<PromptPurpose> {
  const { git } = run.world.host;
  const head = (await git.head(work.tree))?.commit ?? work.base;
  const { stage, branch } = work;
  if (of.purpose === "fix") {
    return {
      purpose: "fix",
      round: of.round,
      head,
      openItems: of.blocking,
      stage,
      branch,
      scratch: executorScratch(run.world, run.ref),
      qaNames: qaNamesOf(run.project),
    };
  }
  const left = head === work.base ? [] : await git.commits(work.tree, work.base, head);
  const facts = { facts: run.subject, manifest: run.manifest, stage, carries: work.carries };
  return executePurpose(
    run.world,
    run.project,
    facts,
    left.map((commit) => `${commit.sha.slice(0, 12)} ${commit.subject}`),
  );
}
