/** The report of one stage. */

import { shellWord } from "../../model/index.ts";
import type { WrittenCarry } from "../../registry/index.ts";
import { oneLine } from "../../report/index.ts";
import type { Report } from "../../report/report.schema.ts";
import { blockingText } from "../implementation/blocking.ts";
import type { Loop } from "../implementation/fix-loop.ts";
import type { StageIntegration } from "../implementation/integration.ts";
import { linkedChanges } from "../implementation/linked.ts";
import { qaTaken } from "../implementation/qa-out.ts";
import type { StageWork } from "../implementation/stage-work.ts";
import { overrideText } from "../overridden.ts";
import type { Run } from "../run.ts";
import type { Written } from "../steps/write.ts";
import { commonOf, evidenceOf } from "./common.ts";

export type StageFacts = {
  readonly work: StageWork;
  readonly loop: Loop;
  readonly written: Written;
  readonly integration: StageIntegration;
  readonly carry: WrittenCarry | null;
};

export async function implementationReport(run: Run, facts: StageFacts): Promise<Report> {
  const { work, loop, integration } = facts;
  const { examination } = loop.last;
  const stuck = integration.state === "merge-conflict" || integration.state === "merge-blocked";
  const common = await commonOf(run, {
    outcome: loop.settled && integration.state !== "merge-blocked" ? "completed" : "blocked",
    prose: facts.written.prose,
    state: null,
    clarifications: [],
    voices: [],
    limits: [
      ...(work.stage.conformance.length === 0 ? [] : ["conformance checks of the plan run at final verification"]),
      ...overrideText(loop.last.items, loop.last.overridden),
      ...loop.broughtByFixes,
      ...linkedChanges(run, loop.fixRounds),
      ...qaTaken(run, loop.fixRounds),
    ],
    verdictCard: {
      finalConclusion: conclusionOf(facts),
      verdictToken: loop.settled ? integration.state : "FAIL",
      direction: facts.written.prose.direction,
      approvalRequired: false,
      nextStep:
        loop.settled && !stuck ? `okstra go ${shellWord(run.task.key)}` : `okstra status ${shellWord(run.task.key)}`,
    },
  });
  return {
    ...common,
    taskType: "implementation",
    items: [...loop.last.items],
    evidence: evidenceOf(loop.last.items),
    stageSpec: work.stage,
    base: work.base,
    head: examination.head,
    branch: work.branch,
    commits: [...examination.commits],
    files: [...examination.files],
    tddEvidence: [...examination.tdd],
    validation: [...examination.validation, ...integration.validation],
    outOfPlanEdits: [...examination.outOfPlanEdits],
    checks: [...examination.checks],
    discrepancies: [...examination.discrepancies],
    verifierVerdicts: loop.rounds.flatMap((round) =>
      round.verdicts.map((verdict) => ({ ...verdict, blocking: [...verdict.blocking] })),
    ),
    fixRounds: loop.fixRounds,
    loop: loop.shape,
    carry: facts.carry?.path ?? null,
    integration: {
      state: integration.state,
      commit: integration.commit,
      files: [...integration.files],
      note: integration.note,
    },
  };
}

function conclusionOf({ work, loop, integration }: StageFacts): string {
  const { stageNumber, title } = work.stage;
  if (!loop.settled)
    return `Stage ${stageNumber} (${title}) is not done: ${loop.last.blocking.map(blockingText).join("; ")}`;
  const commits = loop.last.examination.commits.length;
  return `Stage ${stageNumber} (${title}) is done in ${commits} commits and ${integration.state}${integration.note === "" ? "" : ` (${integration.note})`}`;
}

/** What the writer is told of the stage: the engine's facts as text. */
export function implementationFacts(work: StageWork, loop: Loop): string {
  const { examination, verdicts, blocking } = loop.last;
  return [
    `Stage ${work.stage.stageNumber}: ${oneLine(work.stage.title)}`,
    `Base ${work.base}, head ${examination.head}, ${examination.commits.length} commits:`,
    ...examination.commits.map((commit) => `- ${commit.sha.slice(0, 12)} ${commit.subject}`),
    "Files changed:",
    ...examination.files.map(
      (file) =>
        `- ${oneLine(file.path)}${file.planned ? "" : ` (not in the plan: ${oneLine(file.reason ?? "no reason")})`}`,
    ),
    "Commands that the engine ran:",
    ...examination.validation.map((one) => `- ${oneLine(one.command)}: ${one.outcome}`),
    "TDD evidence:",
    ...examination.tdd.map(
      (one) => `- step ${oneLine(one.step)}: ${one.holds ? "holds" : "does not hold"} (${oneLine(one.note)})`,
    ),
    "Verifiers:",
    ...verdicts.map((one) => `- ${one.workerId}: ${one.verdict}`),
    `Blocking now: ${blocking.length === 0 ? "nothing" : blocking.map(blockingText).map(oneLine).join("; ")}`,
  ].join("\n");
}
