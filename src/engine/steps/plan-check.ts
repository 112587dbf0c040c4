/** The plan-body check: every analyser judges every part of the plan, once; the gate is computed. */

import type { PlanBodyState } from "../../convergence/convergence.schema.ts";
import { type PlanReply, planBodyGate, planItems } from "../../convergence/index.ts";
import { checkPlanCheckResult } from "../../generated/finding.check.js";
import type { WorkerSpec } from "../../lifecycle/task.schema.ts";
import { stopIfOver } from "../budget.ts";
import { checkedEvidence } from "../check-evidence.ts";
import { ask } from "../dispatch.ts";
import { promptOf, qaNamesOf } from "../prompts.ts";
import { guarded } from "../read-only.ts";
import { allOf, fact, progress, type Run } from "../run.ts";
import { analysersOf } from "./blind.ts";
import type { Written } from "./write.ts";

export async function checkPlanBody(run: Run, written: Written, tree: string): Promise<PlanBodyState> {
  if (!("plan" in written.prose)) throw new Error(`${run.id} wrote no plan to check`);
  const items = planItems(written.prose.plan);
  await progress(run, "phase-5.5-convergence", `plan-check items=${items.length}`);
  const specs = analysersOf(run);
  const replies = await guarded(run, { name: "plan-check", tree }, () =>
    allOf(specs.map((spec) => askOne(run, { spec, items, tree }))),
  );
  await stopIfOver(run);
  const state = planBodyGate(items, replies);
  await run.world.host.files.replaceFile(run.paths.planBody, `${JSON.stringify(state, null, 2)}\n`);
  await progress(run, "phase-7-check", `plan-body gate=${state.gate}`);
  return state;
}

type One = { readonly spec: WorkerSpec; readonly items: ReturnType<typeof planItems>; readonly tree: string };

async function askOne(run: Run, of: One): Promise<PlanReply> {
  const { spec, items } = of;
  const ids = new Set(items.map((item) => item.id));
  const answer = await ask(run, {
    spec,
    fileRole: "plan-check",
    purpose: "plan-check",
    round: null,
    writes: false,
    cwd: of.tree,
    prompt: await promptOf(run, spec, {
      purpose: "plan-check",
      planItems: items,
      planPath: null,
      qaNames: qaNamesOf(run.project),
    }),
    check: checkPlanCheckResult,
    hold: false,
    problems: (value) => [
      ...items
        .filter((item) => !value.verdicts.some((verdict) => verdict.item === item.id))
        .map((item) => `no verdict on ${item.id}`),
      ...value.verdicts
        .filter((verdict) => !ids.has(verdict.item))
        .map((verdict) => `${verdict.item} is no part of the plan`),
    ],
  });
  const verdicts: PlanReply["verdicts"][number][] = [];
  for (const [index, verdict] of (answer.value?.verdicts ?? []).entries()) {
    const evidence = await fact(run, `evidence:plan:${spec.worker}:${index}`, () =>
      checkedEvidence(run, verdict.evidence, of.tree),
    );
    verdicts.push({
      item: verdict.item,
      verdict: verdict.verdict,
      reasonCode: verdict.reasonCode,
      reason: verdict.reason,
      evidence,
    });
  }
  return {
    worker: spec.worker,
    family: answer.family,
    status: answer.status,
    why: answer.reason ?? undefined,
    verdicts,
  };
}
