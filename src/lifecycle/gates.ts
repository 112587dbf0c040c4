/** The gates of a task as `status` shows them (lifecycle.md, Gates): open or not, and what each still needs, with the command. */

import type { Failure } from "../model/index.ts";
import { shellWord } from "../model/index.ts";
import { blockingNextPhase } from "./clarifications.ts";
import type { Clarification } from "./task.schema.ts";

export type GateName =
  | "clarifications"
  | "plan approval"
  | "stage dependencies"
  | "whole-task verification"
  | "acceptance"
  | "hand-off"
  | "budget";

export type Gate = { readonly name: GateName; readonly open: boolean; readonly needs: readonly string[] };

export type GateFacts = {
  /** The task's key as printed. */
  readonly task: string;
  readonly clarifications: readonly Clarification[];
  /** What stands against building the newest plan (approvalProblems, purpose `use`); null when there is no plan. */
  readonly planProblems: readonly Failure[] | null;
  /** The stages of the approved plan; empty while none is approved. */
  readonly stages: readonly {
    readonly stageNumber: number;
    readonly state: string;
    readonly waitsFor: readonly number[];
    /** Whether a done stage is in the task branch. */
    readonly merged?: boolean | null;
  }[];
  /** The newest verification of the whole task; null when there is none. */
  readonly verification:
    | {
        readonly proven: true;
        readonly verdict: "accepted" | "conditional-accept" | "blocked";
        readonly verifiedCommit: string;
        readonly dbState: "not-touched" | "verified" | "db-unverified";
        /** A person took its residual risks. */
        readonly risksTaken: boolean;
      }
    /** Report or journal are not what okstra wrote: whatever they say counts for nothing. */
    | { readonly proven: false; readonly run: string }
    | null;
  /** Head of the task branch; null without a repository, or while nothing is verified. */
  readonly taskHead: string | null;
  /** Verified stages that could be handed off as a group: their verified heads are their done heads. */
  readonly verifiedGroup: readonly number[];
  /** Both in the same unit. Null where no budget binds: then there is no such gate. */
  readonly budget: {
    readonly left: number;
    readonly projected: number;
    readonly unit: "usd" | "tokens";
    readonly scope: "run" | "task" | "day";
    /** A limit that would be enough. */
    readonly enough: number;
  } | null;
};

/** Every gate in the order of the lifecycle. A gate is open exactly when it needs nothing. */
export function gates(facts: GateFacts): Gate[] {
  const acceptance = acceptanceNeeds(facts);
  return [
    gate("clarifications", clarificationNeeds(facts)),
    gate("plan approval", approvalNeeds(facts)),
    gate("stage dependencies", dependencyNeeds(facts)),
    gate("whole-task verification", wholeTaskNeeds(facts)),
    gate("acceptance", acceptance),
    gate("hand-off", handoffNeeds(facts, acceptance)),
    ...(facts.budget === null ? [] : [gate("budget", budgetNeeds(facts.budget, facts))]),
  ];
}

const gate = (name: GateName, needs: readonly string[]): Gate => ({ name, open: needs.length === 0, needs });

const clarificationNeeds = ({ task, clarifications }: GateFacts): string[] =>
  blockingNextPhase(clarifications).map(
    (item) => `Answer ${item.id} (${oneLine(item.question)}): okstra answer ${shellWord(task)} ${item.id} "..."`,
  );

function approvalNeeds({ task, planProblems }: GateFacts): string[] {
  if (planProblems === null)
    return [`Make a plan: okstra run --task-key ${shellWord(task)} --task-type implementation-planning`];
  return planProblems.map((problem) => `${problem.message}. ${problem.remedy}`);
}

function dependencyNeeds({ task, stages }: GateFacts): string[] {
  if (stages.length === 0) return [noStages];
  return stages.flatMap((stage) => {
    if (stage.state === "merge-conflict")
      return [
        `Stage ${stage.stageNumber} is done but not merged: okstra integrate ${shellWord(task)} --stage ${stage.stageNumber}`,
      ];
    if (stage.state !== "blocked") return [];
    return [
      `Stage ${stage.stageNumber} waits for ${named(stage.waitsFor)}: okstra implement ${shellWord(task)} --stage auto`,
    ];
  });
}

function wholeTaskNeeds({ task, stages }: GateFacts): string[] {
  if (stages.length === 0) return [noStages];
  const unmerged = stages
    .filter((stage) => stage.state === "merge-conflict" || stage.merged === false)
    .map((stage) => stage.stageNumber);
  const undone = stages
    .filter((stage) => !["done", "verified", "merge-conflict"].includes(stage.state))
    .map((stage) => stage.stageNumber);
  return [
    ...(unmerged.length === 0 ? [] : [`Merge ${named(unmerged)}: okstra integrate ${shellWord(task)}`]),
    ...(undone.length === 0 ? [] : [`Finish ${named(undone)}: okstra implement ${shellWord(task)} --stage all`]),
  ];
}

function acceptanceNeeds({ task, verification }: GateFacts): string[] {
  const verify = `okstra run --task-key ${shellWord(task)} --task-type final-verification`;
  if (verification === null) return [`Verify the whole task: ${verify}`];
  if (!verification.proven)
    return [
      `The report or the journal of ${verification.run} is not what okstra wrote (okstra validate run ${shellWord(verification.run)} says what); verify again: ${verify}`,
    ];
  if (verification.dbState === "db-unverified")
    return [`Run the change against a real store, then verify again: ${verify}`];
  if (verification.verdict === "accepted") return [];
  if (verification.verdict === "blocked")
    return [
      `Reopen the task to fix the acceptance blockers (okstra report ${shellWord(task)} lists them): okstra fixcycle open ${shellWord(task)} --reason "..."; once they are settled otherwise, verify again: ${verify}`,
    ];
  return verification.risksTaken
    ? []
    : [
        `Take the residual risks with the command that the report prints (okstra report ${shellWord(task)}), or settle them and verify again: ${verify}`,
      ];
}

function handoffNeeds(
  { task, verification, taskHead, verifiedGroup }: GateFacts,
  acceptance: readonly string[],
): string[] {
  if (verifiedGroup.length > 0) return [];
  if (acceptance.length > 0) return ["The verified work is not accepted yet; see the gate acceptance"];
  const verified = verification?.proven ? verification.verifiedCommit : undefined;
  if (taskHead !== null && verified === taskHead) return [];
  return [
    `The task branch is at ${taskHead?.slice(0, 12) ?? "no commit"}, verified was ${verified?.slice(0, 12) ?? "nothing"}; verify again: okstra run --task-key ${shellWord(task)} --task-type final-verification`,
  ];
}

function budgetNeeds(budget: NonNullable<GateFacts["budget"]>, { task }: GateFacts): string[] {
  const { projected, left, unit, scope, enough } = budget;
  if (projected <= left) return [];
  const key = `budgets.${scope}${unit === "usd" ? "Usd" : "Tokens"}`;
  const raise =
    scope === "run"
      ? `raise the budget: okstra run --task-key ${shellWord(task)} --budget-${unit} ${enough}`
      : `set ${key} to ${enough} or more in .okstra/project.json`;
  return [`The next dispatch is projected at ${projected} ${unit}, ${left} are left of the ${scope}'s; ${raise}`];
}

const noStages = "No approved plan says which stages there are; see the gate plan approval";

const named = (stages: readonly number[]): string => `${stages.length === 1 ? "stage" : "stages"} ${stages.join(", ")}`;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
