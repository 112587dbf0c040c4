/**
 * The blind pass: every analyser answers for itself, none sees another's result (results wait in the home until the pass closes).
 * Then the engine checks each piece of evidence, before any model sees another's finding.
 */

import type { CheckedEvidence } from "../../convergence/convergence.schema.ts";
import { checkWorkerResult } from "../../generated/finding.check.js";
import type { WorkerSpec } from "../../lifecycle/task.schema.ts";
import type { Finding, WorkerResult } from "../../model/finding.schema.ts";
import { checkedEvidence } from "../check-evidence.ts";
import { type Answer, ask } from "../dispatch.ts";
import { closeHolding } from "../holding.ts";
import type { ApprovedPlan } from "../prepare/approved-plan.ts";
import { blindPurpose, promptOf } from "../prompts.ts";
import { guarded } from "../read-only.ts";
import { allOf, fact, progress, type Run } from "../run.ts";
import { wantedChecks } from "../wanted-checks.ts";
import { requireNoPause } from "./quorum.ts";

export type Voice = {
  readonly spec: WorkerSpec;
  readonly answer: Answer<WorkerResult>;
};

export const analysersOf = (run: Run): readonly WorkerSpec[] =>
  run.manifest.roster.filter((spec) => spec.role === "analyser");

/** Asks every analyser; a worker that fails is an outcome with a name, not an error. */
export async function blindPass(run: Run, cwd: string, plan: ApprovedPlan | null = null): Promise<readonly Voice[]> {
  const analysers = analysersOf(run);
  const purpose = await blindPurpose(run.world, run.project, { manifest: run.manifest, plan });
  const voices = await guarded(run, { name: "blind", tree: cwd }, () =>
    allOf(
      analysers.map(async (spec): Promise<Voice> => {
        await progress(run, "phase-4-dispatch", `worker=${spec.worker} model=${spec.model}`);
        const answer = await ask(run, {
          spec,
          fileRole: "analyser",
          purpose: "blind",
          round: null,
          writes: false,
          cwd,
          prompt: await promptOf(run, spec, purpose),
          check: checkWorkerResult,
          hold: true,
          goOn: await wantedChecks(run, { worker: spec.worker, commit: run.manifest.reviewedCommit, tree: cwd }),
        });
        return { spec, answer };
      }),
    ),
  );
  await requireNoPause(run, voices);
  await closeHolding(run);
  return voices;
}

export type CheckedFinding = {
  readonly worker: string;
  readonly family: string;
  readonly finding: Finding;
  readonly evidence: readonly CheckedEvidence[];
};

/** Every finding of every answer with its evidence checked at the reviewed commit. */
export async function collectFindings(
  run: Run,
  voices: readonly Voice[],
  tree: string,
): Promise<readonly CheckedFinding[]> {
  const checked: CheckedFinding[] = [];
  for (const { spec, answer } of voices) {
    await progress(
      run,
      "phase-5-collect",
      `worker=${spec.worker} status=${answer.status}${answer.reason === null ? "" : ` reason=${answer.reason}`}`,
    );
    if (answer.value === null) continue;
    for (const finding of uniqueIds(answer.value.findings)) {
      const evidence = await fact(run, `evidence:${spec.worker}:${finding.id}`, () =>
        checkedEvidence(run, finding.evidence, tree),
      );
      checked.push({ worker: spec.worker, family: answer.family, finding, evidence });
    }
  }
  return checked;
}

/** A worker that gives two findings one id keeps both; the second gets a suffix. */
function uniqueIds(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const count = (seen.get(finding.id) ?? 0) + 1;
    seen.set(finding.id, count);
    return count === 1 ? finding : { ...finding, id: `${finding.id}~${count}` };
  });
}
