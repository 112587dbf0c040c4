/**
 * The plan-body check: the parts of a plan as items, one round of verdicts on them, and the gate that approval waits for.
 *
 * The gate is closed by what is missing as well as by what is said: fewer than two workers that answered (of a roster of one,
 * none), or an item that nobody judged, is `aborted-non-result`.
 */
import type { Plan, Stage, Step } from "../stages/stage-map.schema.ts";
import { isHeld } from "./classify.ts";
import type { CheckedEvidence, PlanBodyState, PlanItem } from "./convergence.schema.ts";
import { compareWith } from "./order.ts";

export type PlanVerdict = {
  readonly item: string;
  readonly verdict: "AGREE" | "DISAGREE" | "SUPPLEMENT";
  readonly reasonCode?: "a" | "b" | "c" | "d" | "e" | undefined;
  readonly reason: string;
  readonly evidence: readonly CheckedEvidence[];
};

/** A worker's answer; any status but `completed` is a failure, and `why` says which. */
export type PlanReply = {
  readonly worker: string;
  readonly family: string;
  readonly status: string;
  readonly verdicts: readonly PlanVerdict[];
  readonly why?: string | undefined;
};

export type PlanPart = { readonly id: string; readonly text: string };

/**
 * The parts that are judged one by one. `n` is the position in its list, for parts of a stage its number, and for steps `n.m`
 * the stage and the position of the step; P-VAL-0 and P-RBK-0 are those of the whole plan.
 */
export function planItems(plan: Plan): PlanPart[] {
  const stages = [...plan.stageMap.stages].sort((a, b) => a.stageNumber - b.stageNumber);
  const part = (id: string, ...lines: readonly string[]): PlanPart => ({
    id,
    text: lines.filter((line) => line !== "").join("\n"),
  });
  return [
    ...plan.options.map((option, at) =>
      part(
        `P-OPT-${at + 1}`,
        `Option ${option.id}: ${option.title}`,
        option.summary,
        list("For", option.pros),
        list("Against", option.cons),
      ),
    ),
    part("P-REC", `Recommended: option ${plan.recommendation.option}`, plan.recommendation.why),
    ...stages.map((stage) => part(`P-STG-${stage.stageNumber}`, ...stageLines(stage))),
    ...stages.flatMap((stage) =>
      stage.steps.map((step, at) => part(`P-STP-${stage.stageNumber}.${at + 1}`, ...stepLines(step))),
    ),
    part("P-VAL-0", "Validation of the whole", ...validationLines(plan.validationChecklist)),
    ...stages.map((stage) =>
      part(
        `P-VAL-${stage.stageNumber}`,
        `Validation of stage ${stage.stageNumber}`,
        ...validationLines(stage.validation),
      ),
    ),
    ...plan.dependencies.map((one, at) =>
      part(`P-DEP-${at + 1}`, one.text, one.mitigation === "" ? "" : `Mitigation: ${one.mitigation}`),
    ),
    part("P-RBK-0", "Rollback of the whole", plan.rollback),
    ...stages.map((stage) =>
      part(
        `P-RBK-${stage.stageNumber}`,
        `Rollback of stage ${stage.stageNumber}: ${stage.rollback.path}`,
        `When: ${stage.rollback.trigger}`,
      ),
    ),
    ...plan.requirementCoverage.map((one, at) =>
      part(
        `P-COV-${at + 1}`,
        `Requirement ${one.requirement} is covered by stages ${one.stages.join(", ") || "none"}`,
        one.note,
      ),
    ),
  ];
}

const list = (label: string, entries: readonly string[]): string =>
  entries.length === 0 ? "" : `${label}: ${entries.join("; ")}`;

const stageLines = (stage: Stage): string[] => [
  `Stage ${stage.stageNumber}: ${stage.title}`,
  `Slice value: ${stage.sliceValue}`,
  list("Acceptance", stage.acceptance),
  stage.dependsOn.length === 0 ? "Depends on no stage" : `Depends on stages ${stage.dependsOn.join(", ")}`,
  list("Files", stage.files),
  list(
    "Conformance",
    stage.conformance.map((one) => `${one.name}: ${one.command}`),
  ),
  `Exit contract: ${stage.exitContract}`,
  stage.tddExemption === undefined ? "" : `TDD exemption: ${stage.tddExemption}`,
];

const stepLines = (step: Step): string[] => [
  `Step ${step.id}: ${step.action}`,
  list("Files", step.files),
  step.command === undefined ? "" : `Command: ${step.command}`,
  step.expected === undefined ? "" : `Expected: ${step.expected}`,
];

const validationLines = (validation: {
  pre: readonly string[];
  mid: readonly string[];
  post: readonly string[];
}): string[] => [list("Before", validation.pre), list("Meanwhile", validation.mid), list("After", validation.post)];

/** The verdicts by item and the gate they give. Verdicts on items that the plan does not have count for nothing. */
export function planBodyGate(parts: readonly PlanPart[], replies: readonly PlanReply[]): PlanBodyState {
  const known = new Set(parts.map((part) => part.id));
  const heard = [...replies]
    .sort(compareWith((reply) => reply.worker))
    .map((reply) => ({ reply, verdicts: verdictsOf(reply, known) }));
  const answered = heard.filter((one) => one.reply.status === "completed" && one.verdicts.size > 0);
  const items = parts.map((part) => judge(part, answered));
  return {
    schemaVersion: 1,
    gate: gateOf(items, answered.length >= Math.max(1, Math.min(2, replies.length))),
    items,
    answered: answered.map((one) => one.reply.worker),
    skippedWorkers: heard
      .filter((one) => !answered.includes(one))
      .map(({ reply }) => ({ worker: reply.worker, why: whySkipped(reply) })),
  };
}

type Heard = { readonly reply: PlanReply; readonly verdicts: ReadonlyMap<string, PlanVerdict> };

const whySkipped = (reply: PlanReply): string =>
  reply.status === "completed" ? "gave no verdict on the plan" : (reply.why ?? reply.status);

/** One verdict for each item. Where a worker gave several, a DISAGREE stands: a doubt about a plan is not talked away. */
function verdictsOf(reply: PlanReply, known: ReadonlySet<string>): Map<string, PlanVerdict> {
  const found = new Map<string, PlanVerdict>();
  const doubtsFirst = (one: PlanVerdict): string => JSON.stringify([one.verdict === "DISAGREE" ? 0 : 1, one]);
  for (const verdict of [...reply.verdicts].sort(compareWith(doubtsFirst))) {
    if (known.has(verdict.item) && !found.has(verdict.item)) found.set(verdict.item, verdict);
  }
  return found;
}

function judge(part: PlanPart, answered: readonly Heard[]): PlanItem {
  const verdicts = answered.flatMap(({ reply, verdicts: given }): PlanItem["verdicts"] => {
    const one = given.get(part.id);
    if (one === undefined) return [];
    const evidence = [...one.evidence].sort(compareWith((piece) => JSON.stringify(piece)));
    const reasonCode = one.verdict === "DISAGREE" ? (one.reasonCode ?? null) : null;
    return [
      { worker: reply.worker, family: reply.family, verdict: one.verdict, reasonCode, reason: one.reason, evidence },
    ];
  });
  return { id: part.id, text: part.text, verdicts, refused: isRefused(verdicts) };
}

/**
 * Refused when more than half of the families that answered disagree; when no more agree than disagree, only if a disagreement
 * cites evidence that held. A family that disagrees with itself has answered and abstains.
 */
function isRefused(verdicts: PlanItem["verdicts"]): boolean {
  const families = new Map<string, PlanItem["verdicts"]>();
  for (const verdict of verdicts) families.set(verdict.family, [...(families.get(verdict.family) ?? []), verdict]);
  const votes = [...families.values()];
  const against = votes.filter((own) => own.every((verdict) => verdict.verdict === "DISAGREE"));
  const inFavour = votes.filter((own) => own.every((verdict) => verdict.verdict !== "DISAGREE")).length;
  if (2 * against.length > votes.length) return true;
  const isTie = against.length > 0 && against.length >= inFavour;
  return isTie && against.some((own) => own.some((verdict) => verdict.evidence.some(isHeld)));
}

function gateOf(items: readonly PlanItem[], isQuorate: boolean): PlanBodyState["gate"] {
  if (!isQuorate || items.some((item) => item.verdicts.length === 0)) return "aborted-non-result";
  if (items.some((item) => item.refused)) return "blocked-by-disagreement";
  return items.some((item) => item.verdicts.some((verdict) => verdict.verdict === "DISAGREE"))
    ? "passed-with-dissent"
    : "passed";
}
