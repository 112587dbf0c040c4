/** The rounds in which workers check each other's findings: dispatch and evidence around the pure machine of convergence/. */

import type { ConvergenceConfig, ConvergenceState, Item } from "../../convergence/convergence.schema.ts";
import { closeRound, nextRound, openConvergence, type Reply, recognise } from "../../convergence/index.ts";
import { checkRoundResult } from "../../generated/finding.check.js";
import type { WorkerSpec } from "../../lifecycle/task.schema.ts";
import type { RoundResult } from "../../model/finding.schema.ts";
import { stopIfOver } from "../budget.ts";
import { checkedEvidence } from "../check-evidence.ts";
import { type Answer, ask } from "../dispatch.ts";
import { rememberedItems } from "../known-items.ts";
import { forTask } from "../prepare/for-task.ts";
import { promptOf, qaNamesOf } from "../prompts.ts";
import { guarded } from "../read-only.ts";
import { allOf, fact, progress, type Run } from "../run.ts";
import { questionOf } from "../verified-range.ts";
import { analysersOf, type CheckedFinding, type Voice } from "./blind.ts";
import { groupedItems } from "./group.ts";

export async function converge(
  run: Run,
  voices: readonly Voice[],
  findings: readonly CheckedFinding[],
  tree: string,
): Promise<ConvergenceState> {
  const known = await rememberedItems(run);
  const answered = voices.filter(({ answer }) => answer.value !== null).map(({ spec }) => spec.worker);
  const config = configOf(run, voices.length);
  const { items: grouped, grouping } = await groupedItems(run, findings, { name: "grouping", round: null, tree });
  const { items, resolved } = recognise(known, { taskType: questionOf(run.manifest), answered, items: grouped });
  const workers = voices.map(({ spec, answer }) => ({
    worker: spec.worker,
    family: answer.family,
    status: answer.status,
    reason: answer.reason,
  }));
  let state = openConvergence(config, workers, items);
  if (grouping !== undefined) state = { ...state, grouping };
  if (resolved.length > 0) state = { ...state, resolved };
  for (let due = nextRound(state); due !== undefined; due = nextRound(state)) {
    const { round, asked } = due;
    await progress(run, "phase-5.5-convergence", `round=${round} queue=${new Set(Object.values(asked).flat()).size}`);
    const before = state;
    const replies = await guarded(run, { name: `round-${round}`, tree }, () =>
      askRound(run, { state: before, round, asked, tree, name: `r${round}`, fileRole: "analyser" }),
    );
    await stopIfOver(run);
    state = closeRound(state, due, replies);
  }
  await keepState(run, state);
  return state;
}

export const keepState = (run: Run, state: ConvergenceState): Promise<void> =>
  run.world.host.files.replaceFile(run.paths.convergence, `${JSON.stringify(state, null, 2)}\n`);

/** `name` is what facts of this asking are remembered by. */
type RoundAsk = {
  readonly state: ConvergenceState;
  readonly round: number;
  readonly asked: Readonly<Record<string, readonly string[]>>;
  readonly tree: string;
  readonly name: string;
  readonly fileRole: "analyser" | "critic-check";
};

async function askRound(run: Run, of: RoundAsk): Promise<Reply[]> {
  const specs = analysersOf(run).filter((spec) => (of.asked[spec.worker] ?? []).length > 0);
  return await allOf(specs.map((spec) => askOne(run, of, spec)));
}

const stanceOf = ({ adversarial, verificationMode }: ConvergenceConfig) =>
  adversarial ? "adversarial" : verificationMode === "full-reanalysis" ? "full" : "plain";

export async function askOne(run: Run, of: RoundAsk, spec: WorkerSpec): Promise<Reply> {
  const ids = of.asked[spec.worker] ?? [];
  const items = of.state.items.filter((item) => ids.includes(item.id));
  const answer = await ask(run, {
    spec,
    fileRole: of.fileRole,
    purpose: "round",
    round: of.fileRole === "analyser" ? of.round : null,
    writes: false,
    cwd: of.tree,
    prompt: await promptOf(run, spec, {
      purpose: "round",
      round: of.round,
      stance: stanceOf(of.state.config),
      items,
      qaNames: qaNamesOf(run.project),
      itemsPath: null,
    }),
    check: checkRoundResult,
    hold: false,
    problems: (value) => missingVerdicts(value, items),
  });
  return {
    worker: spec.worker,
    family: answer.family,
    status: answer.status,
    why: answer.reason ?? undefined,
    verdicts: await verdictsOf(run, of, spec, answer),
  };
}

async function verdictsOf(
  run: Run,
  of: RoundAsk,
  spec: WorkerSpec,
  answer: Answer<RoundResult>,
): Promise<Reply["verdicts"]> {
  const verdicts: Reply["verdicts"][number][] = [];
  for (const [index, verdict] of (answer.value?.verdicts ?? []).entries()) {
    const key = `evidence:${of.name}:${spec.worker}:${index}`;
    const evidence = await fact(run, key, () => checkedEvidence(run, verdict.evidence, of.tree));
    verdicts.push({
      item: verdict.item,
      verdict: verdict.verdict,
      disagreeBasis: verdict.disagreeBasis,
      reason: verdict.reason,
      evidence,
    });
  }
  return verdicts;
}

function missingVerdicts(value: RoundResult, items: readonly Item[]): string[] {
  const given = new Set(value.verdicts.map((verdict) => verdict.item));
  return items.filter((item) => !given.has(item.id)).map((item) => `no verdict on ${item.id}`);
}

function configOf(run: Run, analysers: number): ConvergenceConfig {
  const { convergence } = run.profile;
  const chosen = forTask(run.project, run.task).settings.convergence;
  const adversarial = chosen.adversarial ?? convergence.adversarial;
  return {
    enabled: convergence.on && (chosen.enabled ?? true) && analysers >= 2,
    maxRounds: run.manifest.invocation.maxRounds ?? chosen.maxRounds ?? convergence.maxRounds,
    verificationMode: adversarial ? "full-reanalysis" : (chosen.verificationMode ?? "lightweight"),
    adversarial,
    severityFloor: chosen.severityFloor ?? "minor",
  };
}
