/**
 * What a decision leaves on a plan's report: its mark in data, Markdown and page, and the record, whose hashes tell what okstra wrote.
 * Each moment of writing is one that the next decision knows, so that a decision that was killed can be given again.
 */
import { runPaths } from "../lifecycle/index.ts";
import type { Approval } from "../lifecycle/task.schema.ts";
import { take } from "../model/index.ts";
import { saveApprovalHead } from "../registry/index.ts";
import { render, renderMarkdown } from "../report/index.ts";
import type { ApprovalMark, ReportImplementationPlanning } from "../report/report.schema.ts";
import type { PlanReport } from "./prepare/approved-plan.ts";
import { sha256 } from "./prepare/task.ts";
import type { ProjectPlace, World } from "./world.ts";

/** The data as it is kept in its file. */
export const planText = (data: ReportImplementationPlanning): string => `${JSON.stringify(data, null, 2)}\n`;

/** The data as the run wrote it, before anyone decided. */
export function undecided(data: ReportImplementationPlanning): ReportImplementationPlanning {
  const { sentBack: _, ...rest } = data;
  return { ...rest, approval: null };
}

/** With the mark of a decision that may have been killed half-way. It was checked when it was read. */
export const asItStands = ({ dataText }: PlanReport) => JSON.parse(dataText) as ReportImplementationPlanning;

/** A decision that was killed between its two files: data marked, Markdown not yet. It counts as not begun. */
export function undoHalfDecision(plan: PlanReport): PlanReport {
  if (!isDecided(plan.data)) return plan;
  const before = undecided(plan.data);
  return plan.markdown === renderMarkdown(before) ? { ...plan, data: before } : plan;
}

const isDecided = ({ approval, sentBack }: ReportImplementationPlanning): boolean =>
  approval !== null || sentBack !== undefined;

export type PlanDecision = {
  readonly plan: PlanReport;
  readonly decision: "approved" | "rejected";
  readonly mark: ApprovalMark;
  /** Files that someone edited: they stay as they are, and the record tells that they are not okstra's. */
  readonly edited: readonly string[];
};

/** Data and Markdown with the mark first, the record last: without the record nothing is approved. */
export async function writeDecision(
  world: World,
  { projectRoot }: ProjectPlace,
  { plan, decision, mark, edited }: PlanDecision,
): Promise<Approval> {
  const { files } = world.host;
  const paths = runPaths(projectRoot, plan.ref);
  const before = undecided(plan.data);
  const data: ReportImplementationPlanning =
    decision === "approved" ? { ...before, approval: mark } : { ...before, sentBack: mark };
  const page = await files.hash(paths.reportHtml);
  const put = async (path: string, text: string): Promise<void> => {
    if (!edited.includes(path)) await files.replaceFile(path, text, { durable: true });
  };
  const { markdown, html } = render(data);
  const { content, who, via, note, time } = mark;
  const record: Approval = {
    ...{ schemaVersion: 1, run: plan.data.run, content, decision, who, via, note, time },
    before: {
      data: sha256(plan.dataText),
      markdown: sha256(plan.markdown),
      ...(page === undefined ? {} : { html: page }),
    },
    after: { data: sha256(planText(data)), markdown: sha256(markdown), html: sha256(html) },
  };
  if (isDecided(asItStands(plan))) {
    // Another mark goes first, from the end: so no file ever has a mark that the data has not.
    const was = render(before);
    await put(paths.reportHtml, was.html);
    await put(paths.reportMarkdown, was.markdown);
    await put(paths.reportData, planText(before));
  }
  await put(paths.reportData, planText(data));
  await put(paths.reportMarkdown, markdown);
  await put(paths.reportHtml, html);
  const text = `${JSON.stringify(record, null, 2)}\n`;
  await files.replaceFile(paths.approval, text, { durable: true });
  take(await saveApprovalHead(world.host, world.home, plan.ref, sha256(text)));
  return record;
}
