/** What every worker of a run is told, from the same values at prepare and when it is dispatched. */
import { join, relative } from "node:path";
import { buildPacket, type Known, type PromptSubject } from "../briefing/index.ts";
import { homePaths, runPaths, taskPaths } from "../lifecycle/index.ts";
import type { Clarification, RunManifest, TaskManifest } from "../lifecycle/task.schema.ts";
import { type RunRef, readRun, take } from "../model/index.ts";
import type { Report } from "../report/report.schema.ts";
import type { Stage } from "../stages/stage-map.schema.ts";
import type { ProjectPlace, World } from "./world.ts";

export type SubjectFacts = {
  readonly ref: RunRef;
  readonly task: TaskManifest;
  readonly manifest: RunManifest;
  readonly brief: string;
  /** As they were when the run was prepared. */
  readonly clarifications: readonly Clarification[];
};

export function subjectOf(project: ProjectPlace, facts: SubjectFacts): PromptSubject {
  const paths = taskPaths(project.projectRoot, facts.ref.key);
  return {
    taskKey: facts.task.key,
    taskType: facts.ref.taskType,
    title: facts.task.title,
    language: project.settings.language ?? facts.task.language,
    brief: { text: facts.brief, path: paths.brief },
    directive: directiveOf(facts.manifest),
    clarifications: facts.clarifications,
    packetPath: paths.packet(facts.ref.taskType, facts.ref.stage),
    reviewedCommit: facts.manifest.reviewedCommit,
  };
}

/** What the fix cycle is for comes before what was asked for this run. */
function directiveOf({ cycle, fixCycle, invocation }: RunManifest): string | null {
  if (fixCycle === undefined) return invocation.directive;
  const opened = `Fix cycle ${cycle}, which reopens ${fixCycle.reopens}: ${fixCycle.reason}`;
  return invocation.directive === null ? opened : `${opened}\n\n${invocation.directive}`;
}

/** The text of the one file that workers read for what is known of the task. */
export async function packetOf(
  world: World,
  project: ProjectPlace,
  facts: SubjectFacts,
  stage: Stage | null,
): Promise<string> {
  const { packetPath: _, language: __, ...subject } = subjectOf(project, facts);
  const known = await knownOf(world, project, facts.task);
  return take(
    await buildPacket(world.host, world.host.machine.packageRoot, { ...subject, expectations: null, known, stage }),
  );
}

/** What earlier phases came to, from their report data, oldest first. */
async function knownOf(world: World, project: ProjectPlace, task: TaskManifest): Promise<Known[]> {
  const known: Known[] = [];
  for (const run of task.runs.filter((one) => one.report !== null)) {
    const path = runPaths(project.projectRoot, readRun(run.id)).reportData;
    const text = await world.host.files.readText(path);
    if (text === undefined) continue;
    const report = JSON.parse(text) as Report;
    known.push({
      run: run.id,
      taskType: run.taskType,
      conclusion: report.verdictCard.finalConclusion,
      summary: report.summary,
      items: report.items.map(({ id, title, class: itemClass, severity }) => ({
        id,
        title,
        class: itemClass,
        severity,
      })),
      details: detailsOf(report),
      report: relative(project.projectRoot, path),
    });
  }
  return known;
}

/**
 * What discovery and analysis found out, for the phases after them; a plan reaches its phases as a whole, and one that a person did not
 * want is known as such.
 */
function detailsOf(report: Report): string[] {
  if ("sentBack" in report && report.sentBack !== undefined)
    return [`A person sent this plan back: ${report.sentBack.note}`];
  if ("discovery" in report && report.discovery !== null) {
    const { category, routing, missingInputs } = report.discovery;
    return [
      `Category: ${category}`,
      `Sent to ${routing.taskType}: ${routing.why}`,
      ...missingInputs.map((text) => `Missing: ${text}`),
    ];
  }
  if (!("analysis" in report) || report.analysis === null) return [];
  const { symptoms, triggers, hypotheses, reproduction, validationPath } = report.analysis;
  return [
    ...symptoms.map((text) => `Symptom: ${text}`),
    ...triggers.map((text) => `Trigger: ${text}`),
    ...hypotheses.map(
      ({ text, likelihood, items }) => `Cause (${likelihood}; ${items.join(", ") || "no item"}): ${text}`,
    ),
    `Reproduction: ${reproduction}`,
    `How to validate: ${validationPath}`,
  ];
}

/** A folder outside every worktree, for what an executor makes that is no source. */
export const executorScratch = (world: World, ref: RunRef): string =>
  join(homePaths(world.home).scratch(ref), "executor");
