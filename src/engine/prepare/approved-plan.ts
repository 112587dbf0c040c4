/** The approved plan of a task, checked afresh each time it is used: data, Markdown, record and hash must agree. */

import { checkReportImplementationPlanning } from "../../generated/report.check.js";
import { checkApproval } from "../../generated/task.check.js";
import { approvalProblems, inPresentCycle, planOfCycle, runPaths } from "../../lifecycle/index.ts";
import type { Approval, TaskManifest } from "../../lifecycle/task.schema.ts";
import {
  Fault,
  fault,
  parseJson,
  printKey,
  printRun,
  type RunRef,
  readRun,
  shellWord,
  take,
} from "../../model/index.ts";
import { readClarifications, readHead } from "../../registry/index.ts";
import { renderMarkdown } from "../../report/index.ts";
import type { ReportImplementationPlanning } from "../../report/report.schema.ts";
import { checkStageMap } from "../../stages/index.ts";
import type { Plan } from "../../stages/stage-map.schema.ts";
import { sealedReport } from "../sealed.ts";
import { placeOf, type TaskKey, type World } from "../world.ts";

export type ApprovedPlan = {
  readonly plan: Plan;
  /** The approved content hash. */
  readonly content: string;
  readonly run: string;
  /** 1 for the first approved plan of the task. */
  readonly number: number;
  readonly cycle: number;
};

export type PlanReport = {
  readonly ref: RunRef;
  readonly data: ReportImplementationPlanning;
  readonly dataText: string;
  readonly markdown: string;
};

/** The plan that may be built. Throws `plan-not-approved`, `plan-unreadable`, `plan-changed`, `stage-map-invalid` ... */
export async function requireApprovedPlan(
  world: World,
  projectRoot: string,
  manifest: TaskManifest,
  key: TaskKey,
): Promise<ApprovedPlan> {
  const newest = planOfCycle(manifest);
  if (newest === undefined) throw notApproved(manifest);
  const report = await readPlanReport(world, projectRoot, readRun(newest.run));
  const record = await readApproval(world, projectRoot, report.ref);
  const problems = approvalProblems({
    data: report.data,
    dataText: report.dataText,
    fileMarkdown: report.markdown,
    freshMarkdown: await givenMarkdown(world, projectRoot, report),
    record: record ?? null,
    clarifications: take(await readClarifications(world.host, placeOf(world, projectRoot, key))),
    given: newest.content,
    purpose: "use",
  });
  const first = problems[0];
  if (first !== undefined) throw new Fault({ ...first, details: { ...first.details, run: newest.run } });
  if (report.data.plan === null) throw unreadable(report.ref, newest.run, "it holds no plan");
  const breaks = checkStageMap(report.data.plan.stageMap, { markdown: report.markdown });
  const broken = breaks[0];
  if (broken !== undefined) {
    throw fault("stage-map-invalid", `${broken.rule}: ${broken.message}`, broken.remedy, { breaks });
  }
  return {
    plan: report.data.plan,
    content: newest.content,
    run: newest.run,
    number: manifest.plans.length,
    cycle: manifest.cycle,
  };
}

/**
 * Said where an approved plan is used while a newer one waits for approval: what is approved goes on, since only a person's decision
 * changes that, but nobody is to take it for the newer one.
 */
export function besideNewer(task: TaskManifest, plan: ApprovedPlan | null): string[] {
  if (plan === null) return [];
  const plans = inPresentCycle(task).runs.filter(
    (run) => run.taskType === "implementation-planning" && run.report !== null,
  );
  const newest = plans.at(-1);
  if (newest === undefined || plans.findLastIndex(({ id }) => id === plan.run) === plans.length - 1) return [];
  return [`the approved plan ${plan.run} holds; the newer plan ${newest.id} is not approved`];
}

function notApproved(task: TaskManifest): Fault {
  const { key } = task;
  const isPlanned = inPresentCycle(task).runs.some(
    (run) => run.taskType === "implementation-planning" && run.report !== null,
  );
  return fault(
    "plan-not-approved",
    `${key} has no ${isPlanned ? "approved plan" : "plan yet"}${task.cycle === 0 ? "" : ` in fix cycle ${task.cycle}`}`,
    isPlanned
      ? `Read the plan (okstra report ${shellWord(key)}); it names the command that approves it`
      : `Make one: okstra run --task-key ${shellWord(key)} --task-type implementation-planning`,
    { key },
  );
}

/** Data and Markdown of a planning run's report. Throws `plan-unreadable`, or `newer-version`. */
export async function readPlanReport(world: World, projectRoot: string, ref: RunRef): Promise<PlanReport> {
  const paths = runPaths(projectRoot, ref);
  const dataText = await world.host.files.readText(paths.reportData);
  const markdown = await world.host.files.readText(paths.reportMarkdown);
  if (dataText === undefined) throw unreadable(ref, paths.reportData, "the file is missing");
  if (markdown === undefined)
    throw unreadable(
      ref,
      paths.reportMarkdown,
      "the file is missing",
      `okstra validate report ${shellWord(printRun(ref))} --fix makes it of the report's data`,
    );
  try {
    const data = parseJson(checkReportImplementationPlanning, dataText, "planning report", paths.reportData);
    return { ref, data, dataText, markdown };
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.failure.reason !== "newer-version")
      throw unreadable(ref, paths.reportData, thrown.message.replace(`${paths.reportData} `, "it "));
    throw thrown;
  }
}

/**
 * The Markdown that the plan's data gives. Of files that are proven to be what okstra wrote it is what stands there: another version may
 * have rendered them, and that is no edit.
 */
export async function givenMarkdown(world: World, projectRoot: string, plan: PlanReport): Promise<string> {
  const sealed = await sealedReport(world, projectRoot, plan.ref);
  const isSealed = sealed?.dataText === plan.dataText && sealed.markdown === plan.markdown;
  return isSealed ? plan.markdown : renderMarkdown(plan.data);
}

/**
 * The approval record of a planning run. Throws `plan-changed` for one that is not the one that the home knows: it was edited since, or
 * written by something else than `okstra approve`, or that was killed before the home knew of it.
 */
export async function readApproval(world: World, projectRoot: string, ref: RunRef): Promise<Approval | undefined> {
  const paths = runPaths(projectRoot, ref);
  const text = await world.host.files.readText(paths.approval);
  if (text === undefined) return undefined;
  const known = take(await readHead(world.host, world.home, ref))?.approvalSha256 ?? null;
  if (known !== (await world.host.files.hash(paths.approval))) {
    throw fault(
      "plan-changed",
      `The approval record ${paths.approval} ${known === null ? "is none that the home knows" : "was changed after it was written"}`,
      `Read the plan again (okstra report ${shellWord(printKey(ref.key))}) and approve it anew: okstra approve ${shellWord(printKey(ref.key))}`,
      {
        path: paths.approval,
      },
    );
  }
  return parseJson(checkApproval, text, "approval record", paths.approval);
}

const unreadable = (ref: RunRef, where: string, why: string, remedy = "Restore the report's files from a copy") =>
  fault(
    "plan-unreadable",
    `The plan cannot be used: ${where}: ${why}`,
    `${remedy}, or plan again: okstra run --task-key ${shellWord(printKey(ref.key))} --task-type implementation-planning`,
    { where, why },
  );
