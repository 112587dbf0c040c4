/** The report of final verification: verdict, blockers, risks, coverage, commands; bound to one commit. */

import type { ConvergenceState } from "../../convergence/convergence.schema.ts";
import type { verificationVerdict } from "../../convergence/index.ts";
import type { Clarification } from "../../lifecycle/task.schema.ts";
import { shellWord } from "../../model/index.ts";
import type { Override } from "../../registry/registry.schema.ts";
import type { CommandRun, Report, ReportFinalVerification } from "../../report/report.schema.ts";
import { degradedBefore } from "../degraded-before.ts";
import type { Risks } from "../implementation/risks.ts";
import { overrideText } from "../overridden.ts";
import type { ApprovedPlan } from "../prepare/approved-plan.ts";
import type { Run } from "../run.ts";
import type { Voice } from "../steps/blind.ts";
import type { Written } from "../steps/write.ts";
import { requirementsIn } from "../verified-range.ts";
import { commonOf } from "./common.ts";

export type VerifiedWork = {
  readonly plan: ApprovedPlan;
  /** The stage that is verified; null for the whole task. */
  readonly stage: number | null;
  readonly verifiedCommit: string;
  readonly base: string;
};

export type VerificationFacts = {
  readonly work: VerifiedWork;
  readonly voices: readonly Voice[];
  readonly state: ConvergenceState;
  readonly written: Written;
  readonly clarifications: readonly Clarification[];
  readonly coverage: ReportFinalVerification["coverage"];
  readonly result: ReturnType<typeof verificationVerdict>;
  /** Items that a person let pass, by id. */
  readonly overridden: ReadonlyMap<string, Override>;
  readonly testsWeakened: Risks["testsWeakened"];
  readonly commands: readonly CommandRun[];
  readonly dbState: ReportFinalVerification["dbState"];
};

/**
 * A requirement is covered when the plan gives it to a stage that is done and no worker that looked denies it, and at least one
 * names an artefact that is there: a file of the verified commit (`files`). What workers say of coverage is a claim; the stages
 * and files are facts.
 */
export function coverageOf(
  work: Pick<VerifiedWork, "plan" | "stage">,
  voices: readonly Voice[],
  files: ReadonlySet<string>,
): ReportFinalVerification["coverage"] {
  return requirementsIn(work.plan.plan, work.stage).map((requirement) => {
    const stages = work.plan.plan.requirementCoverage.find((row) => row.requirement === requirement.id)?.stages ?? [];
    const claims = voices.flatMap(
      ({ answer }) => answer.value?.coverage?.filter((claim) => claim.requirement === requirement.id) ?? [],
    );
    const named = claims
      .filter((claim) => claim.covered && namesFile(claim.artefact, files))
      .map((claim) => claim.artefact);
    const denied = claims.some((claim) => !claim.covered);
    return {
      requirement: requirement.id,
      text: requirement.text,
      covered: stages.length > 0 && named.length > 0 && !denied,
      artefact: [...new Set(named)].sort().join("; "),
      stages: [...stages],
    };
  });
}

/** Whether some word of the text is a file, alone or with a line: `test/a.test.js:12`. */
const namesFile = (artefact: string, files: ReadonlySet<string>): boolean =>
  artefact
    .split(/[\s,;`'"()]+/)
    .some((word) => files.has(word) || files.has(word.replace(/[:.]+$/, "").replace(/:\d+(-\d+)?$/, "")));

export async function verificationReport(run: Run, facts: VerificationFacts): Promise<Report> {
  const { work, result, written } = facts;
  const common = await commonOf(run, {
    outcome: "completed",
    prose: written.prose,
    state: facts.state,
    clarifications: facts.clarifications,
    voices: facts.voices,
    limits: [
      ...(await degradedBefore(run)),
      ...overrideText(facts.state.items, facts.overridden),
      ...facts.testsWeakened.flatMap(({ message, by }) => (by === undefined ? [] : [`${message}: ${by}`])),
      ...(facts.commands.length === 0 ? ["no QA command is configured, so none ran"] : []),
    ],
    verdictCard: {
      finalConclusion: `${work.stage === null ? "" : `Stage ${work.stage}: `}${result.verdict} at ${work.verifiedCommit.slice(0, 12)}`,
      verdictToken: result.verdict,
      direction: written.prose.direction,
      approvalRequired: result.verdict === "conditional-accept",
      nextStep:
        result.verdict === "accepted" && work.stage === null
          ? `okstra handoff ${shellWord(run.task.key)} --action commit-only`
          : `okstra status ${shellWord(run.task.key)}`,
    },
  });
  const risks = "residualRisks" in written.prose ? written.prose.residualRisks : [];
  return {
    ...common,
    taskType: "final-verification",
    scope: run.manifest.scope,
    verifiedCommit: work.verifiedCommit,
    baseCommit: work.base,
    verdict: result.verdict,
    acceptanceBlockers: result.blockers,
    residualRisks: [...result.risks, ...risks],
    coverage: facts.coverage,
    commands: [...facts.commands],
    workerVerdicts: facts.voices.map(({ spec, answer }) => ({
      workerId: spec.worker,
      verdict: answer.value?.verdict ?? answer.status,
    })),
    dbState: facts.dbState,
  };
}
