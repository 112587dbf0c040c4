/** What a Korean report leaves in English of what the engine itself wrote into it. */
import type { Report } from "../../src/report/report.schema.ts";
import { inItsLanguage } from "../../src/report/said.ts";

/** Each sentence of the engine with its field, as the report would show it in Korean, that has no Korean in it. */
export function englishLeft(given: Report): string[] {
  const report = inItsLanguage({ ...given, language: "ko" });
  const all: Record<string, readonly (string | null | undefined)[]> = {
    reason: report.roster.map(({ reason }) => reason),
    timeline: report.timeline.map(({ outcome }) => (outcome.startsWith("skipped: ") ? outcome : null)),
    evidence: report.evidence.map(({ checked }) => checked.note),
    skipped: report.convergence.skippedWorkers.map(({ why }) => why),
    // What a worker did not examine begins with its name.
    limits: report.limits.filter((limit) => !report.roster.some(({ workerId }) => limit.startsWith(`${workerId}: `))),
  };
  if (report.taskType === "implementation") {
    all["tdd"] = report.tddEvidence.map(({ note }) => note);
    all["checks"] = report.checks.map(({ message }) => message);
    all["discrepancies"] = report.discrepancies;
    all["integration"] = [report.integration.note];
  }
  if (report.taskType === "final-verification") all["blockers"] = report.acceptanceBlockers;
  if (report.taskType === "release-handoff") all["probe"] = [report.conflictProbe];
  if ("verdict" in report || report.taskType === "implementation" || report.taskType === "release-handoff")
    all["conclusion"] = [report.verdictCard.finalConclusion];
  return Object.entries(all).flatMap(([field, texts]) =>
    texts
      .filter((text) => text != null && /[a-z]{2,} [a-z]{2,}/.test(text) && !/[가-힣]/.test(text))
      .map((text) => `${field}: ${text}`),
  );
}
