/** What a verification looks at: the whole task, or one stage at the head at which it was done. */
import type { RunManifest } from "../lifecycle/task.schema.ts";
import { fault, readRun, shellWord, take } from "../model/index.ts";
import { readCarry } from "../registry/index.ts";
import type { Plan } from "../stages/stage-map.schema.ts";
import { placeOf, type World } from "./world.ts";

/** The stage that a run of final verification is of; null for one of the whole task. */
export function stageOfScope({ scope }: Pick<RunManifest, "scope">): number | null {
  const number = /^stage-(\d+)$/.exec(scope)?.[1];
  return number === undefined ? null : Number(number);
}

/** Where the verified difference begins: the task's base, or the commit that the stage was built on. Throws `run-changed`. */
export async function verifiedBase(
  world: World,
  { projectRoot }: { readonly projectRoot: string },
  manifest: RunManifest,
): Promise<string | null> {
  const stage = stageOfScope(manifest);
  if (stage === null) return manifest.worktree.baseCommit;
  const carry = take(await readCarry(world.host, placeOf(world, projectRoot, readRun(manifest.id).key), stage));
  if (carry !== undefined && carry.stageCommitRange.head === manifest.reviewedCommit)
    return carry.stageCommitRange.base;
  throw fault(
    "run-changed",
    `Stage ${stage} is not what ${manifest.id} was prepared to verify: ${carry === undefined ? "its carry is gone" : "it was built again"}`,
    `Verify it again: okstra run --task-key ${shellWord(manifest.taskKey)} --task-type final-verification --stage ${stage}`,
    { run: manifest.id, stage },
  );
}

/** What was to be delivered: every requirement of the plan, or those that it gives to the stage. */
export function requirementsIn(plan: Plan, stage: number | null): Plan["requirements"] {
  if (stage === null) return plan.requirements;
  const own = plan.requirementCoverage.filter(({ stages }) => stages.includes(stage));
  return plan.requirements.filter(({ id }) => own.some(({ requirement }) => requirement === id));
}

/** What a run asks about, as the identity of items over runs has it: another stage's verification is another question. */
export const questionOf = ({ taskType, scope }: Pick<RunManifest, "taskType" | "scope">): string =>
  scope === "task" ? taskType : `${taskType} ${scope}`;
