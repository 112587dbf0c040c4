/** What only a person may do: answer, approve, reject. Each refuses when an agent is anywhere above it in the process tree. */
import {
  answerItem,
  approvalProblems,
  contentHash,
  inPresentCycle,
  raiseItems,
  runPaths,
  sentBackQuestion,
} from "../lifecycle/index.ts";
import type { Approval, Clarification, TaskManifest } from "../lifecycle/task.schema.ts";
import { Fault, fault, printKey, readRun, shellWord, take } from "../model/index.ts";
import {
  type FoundProject,
  readClarifications,
  readTaskManifest,
  saveApprovalHead,
  taskLock,
  withLock,
  writeClarification,
  writeTaskManifest,
} from "../registry/index.ts";
import { render, renderMarkdown } from "../report/index.ts";
import type { ApprovalMark, ReportImplementationPlanning } from "../report/report.schema.ts";
import { checkStageMap } from "../stages/index.ts";
import { editedFile } from "./edited-files.ts";
import { givenMarkdown, type PlanReport, readPlanReport } from "./prepare/approved-plan.ts";
import { sha256 } from "./prepare/task.ts";
import { openProject } from "./project.ts";
import { refuseAgents } from "./refuse-agents.ts";
import { requireTask } from "./require-task.ts";
import { isAsWritten } from "./sealed.ts";
import { nowOf, type ProjectPlace, placeOf, type TaskKey, type World } from "./world.ts";

export type Decision = { readonly cwd: string; readonly key: TaskKey };

/** What each decision begins with. */
export async function opened(world: World, ask: Decision, command: string): Promise<Opened> {
  await refuseAgents(world, command);
  const project = await openProject(world, ask.cwd, ask.key);
  await requireTask(world, project.projectRoot, ask.key);
  const { settleTask } = await import("./settle.ts");
  await settleTask(world, project, ask.key);
  // Only now: a run that was killed before its record was written is recorded by that.
  return { project, task: await requireTask(world, project.projectRoot, ask.key) };
}

type Opened = { readonly project: OpenedProject; readonly task: TaskManifest };
type OpenedProject = Awaited<ReturnType<typeof openProject>>;

/** `replaced`: the earlier answer, which no run has taken in; null when there was none. */
export type Answered = { readonly item: Clarification; readonly replaced: string | null };

export async function answer(
  world: World,
  ask: Decision & { readonly id: string; readonly text: string },
): Promise<Answered> {
  const { project, task } = await opened(world, ask, "okstra answer");
  const place = placeOf(world, project.projectRoot, ask.key);
  if (ask.text.trim() === "")
    throw fault("usage", "The answer is empty", `okstra answer ${shellWord(task.key)} ${ask.id} "..."`, { id: ask.id });
  return await withLock(world.host, taskLock(world.home, ask.key), `answer ${ask.id}`, async () => {
    const items = take(await readClarifications(world.host, place));
    const by = { who: await personOf(world, project), time: nowOf(world) };
    const answered = answerTo(task, items, { id: ask.id, text: ask.text, ...by });
    const before = items.find(({ id }) => id === answered.id);
    take(await writeClarification(world.host, place, answered));
    return { item: answered, replaced: before?.userInput ?? null };
  });
}

type Given = { readonly id: string; readonly text: string; readonly who: string; readonly time: string };

/** The item with its answer. Throws `unknown-clarification`, `clarification-not-open` or `usage`. */
export function answerTo(task: TaskManifest, items: readonly Clarification[], { id, ...given }: Given): Clarification {
  const item = items.find((one) => one.id.toLowerCase() === id.toLowerCase());
  if (item !== undefined) return take(answerItem(item, given));
  const known = items.map((one) => one.id).join(", ") || "none";
  throw fault(
    "unknown-clarification",
    `${task.key} has no clarification ${id}; it has ${known}`,
    `okstra status ${shellWord(task.key)} shows what is open`,
    { id },
  );
}

export type Approved = {
  readonly run: string;
  readonly content: string;
  readonly record: Approval;
  readonly report: string;
};

/** Approves the newest plan. `content`: the hash as the report prints it. Throws the first of the approval's problems. */
export async function approve(
  world: World,
  ask: Decision & { readonly content: string; readonly note: string; readonly via: string },
): Promise<Approved> {
  const { project, task } = await opened(world, ask, "okstra approve");
  return await withLock(world.host, taskLock(world.home, ask.key), "approve the plan", async () => {
    const plan = await newestPlan(world, project, task);
    await refuseUnapprovable(world, project, { plan, key: ask.key, given: ask.content });
    const content = contentHash(plan.data);
    const mark: ApprovalMark = {
      who: await personOf(world, project),
      via: ask.via,
      time: nowOf(world),
      content,
      note: ask.note,
    };
    return await writeApproval(world, project, { plan, mark, key: ask.key });
  });
}

/** The newest completed planning run. */
export async function newestPlan(world: World, project: FoundProject, task: TaskManifest): Promise<PlanReport> {
  const { runs } = inPresentCycle(task);
  const run = runs.findLast((one) => one.taskType === "implementation-planning" && one.report !== null);
  if (run === undefined) {
    throw fault(
      "plan-not-approved",
      `${task.key} has no plan yet${task.cycle === 0 ? "" : ` in fix cycle ${task.cycle}`}`,
      `Make one: okstra run --task-key ${shellWord(task.key)} --task-type implementation-planning`,
      { key: task.key },
    );
  }
  return undoHalfApproval(await readPlanReport(world, project.projectRoot, readRun(run.id)));
}

/** An approval that was killed between its two files: data marked, Markdown not yet. It counts as not begun. */
function undoHalfApproval(plan: PlanReport): PlanReport {
  if (plan.data.approval === null) return plan;
  const unmarked: ReportImplementationPlanning = { ...plan.data, approval: null };
  return plan.markdown === renderMarkdown(unmarked) ? { ...plan, data: unmarked } : plan;
}

type Candidate = { readonly plan: PlanReport; readonly key: TaskKey; readonly given: string };

async function refuseUnapprovable(world: World, project: ProjectPlace, of: Candidate): Promise<void> {
  const { plan } = of;
  const problems = approvalProblems({
    data: plan.data,
    dataText: plan.dataText,
    fileMarkdown: plan.markdown,
    freshMarkdown: await givenMarkdown(world, project.projectRoot, plan),
    record: null,
    clarifications: take(await readClarifications(world.host, placeOf(world, project.projectRoot, of.key))),
    given: of.given,
    purpose: "approve",
  });
  const first = problems[0];
  if (first !== undefined) throw new Fault(first);
  const broken = checkStageMap(plan.data.plan?.stageMap, { markdown: plan.markdown })[0];
  if (broken !== undefined)
    throw fault("stage-map-invalid", `${broken.rule}: ${broken.message}`, broken.remedy, { broken });
  // Data and Markdown that agree may both have been edited.
  const unmarked = { ...plan.data, approval: null };
  if (await isAsWritten(world, project.projectRoot, { ref: plan.ref, dataText: asText(unmarked) })) {
    const forms = [asItStands(plan), unmarked];
    const edited = await editedFile(world, project.projectRoot, { ref: plan.ref, forms });
    if (edited !== undefined) throw editedPage(plan, edited);
    return;
  }
  throw fault(
    "plan-unreadable",
    `The plan is not the one with which ${plan.data.run} ended: its files or its journal were changed since`,
    `okstra validate run ${shellWord(plan.data.run)} says what; restore it from a copy, or plan again: okstra run --task-key ${shellWord(printKey(of.key))} --task-type implementation-planning`,
    { run: plan.data.run },
  );
}

const editedPage = (plan: PlanReport, path: string): Fault =>
  fault(
    "plan-unreadable",
    `What the plan shows was edited since okstra wrote it: ${path}`,
    `okstra validate report ${shellWord(plan.data.run)} --fix makes it anew; read it again, then approve`,
    { run: plan.data.run, path },
  );

/** With the mark of an approval that may have been killed half-way. It was checked when it was read. */
const asItStands = ({ dataText }: PlanReport) => JSON.parse(dataText) as ReportImplementationPlanning;

const asText = (data: ReportImplementationPlanning): string => `${JSON.stringify(data, null, 2)}\n`;

/** Data and Markdown with the mark first, the record last: without the record nothing is approved. */
async function writeApproval(
  world: World,
  project: ProjectPlace,
  of: { plan: PlanReport; mark: ApprovalMark; key: TaskKey },
): Promise<Approved> {
  const { plan, mark } = of;
  const { files } = world.host;
  const paths = runPaths(project.projectRoot, plan.ref);
  const data: ReportImplementationPlanning = { ...plan.data, approval: mark };
  const dataText = asText(data);
  const { markdown, html } = render(data);
  const page = await files.hash(paths.reportHtml);
  const record: Approval = {
    schemaVersion: 1,
    run: plan.data.run,
    content: mark.content,
    decision: "approved",
    who: mark.who,
    via: mark.via,
    note: mark.note,
    time: mark.time,
    before: {
      data: sha256(plan.dataText),
      markdown: sha256(plan.markdown),
      ...(page === undefined ? {} : { html: page }),
    },
    after: { data: sha256(dataText), markdown: sha256(markdown), html: sha256(html) },
  };
  if (asItStands(plan).approval !== null) {
    // Another mark goes first, from the end: so no file ever has a mark that the data has not.
    const unmarked: ReportImplementationPlanning = { ...plan.data, approval: null };
    const before = render(unmarked);
    await files.replaceFile(paths.reportHtml, before.html, { durable: true });
    await files.replaceFile(paths.reportMarkdown, before.markdown, { durable: true });
    await files.replaceFile(paths.reportData, asText(unmarked), { durable: true });
  }
  await files.replaceFile(paths.reportData, dataText, { durable: true });
  await files.replaceFile(paths.reportMarkdown, markdown, { durable: true });
  await files.replaceFile(paths.reportHtml, html, { durable: true });
  const text = `${JSON.stringify(record, null, 2)}\n`;
  await files.replaceFile(paths.approval, text, { durable: true });
  take(await saveApprovalHead(world.host, world.home, plan.ref, sha256(text)));
  const place = placeOf(world, project.projectRoot, of.key);
  const task = take(await readTaskManifest(world.host, place));
  if (task === undefined) throw new Error(`${printKey(of.key)} vanished`);
  const plans = [
    ...task.plans.filter((one) => one.run !== record.run),
    { content: mark.content, run: record.run, approvedAt: mark.time },
  ];
  take(await writeTaskManifest(world.host, place, { ...task, plans, updatedAt: nowOf(world) }));
  return { run: record.run, content: mark.content, record, report: paths.reportMarkdown };
}

/** Sends the newest plan back: the reason becomes a clarification that the next planning run takes in. */
export async function reject(
  world: World,
  ask: Decision & { readonly reason: string; readonly via: string },
): Promise<Clarification> {
  const { project, task } = await opened(world, ask, "okstra reject");
  const place = placeOf(world, project.projectRoot, ask.key);
  return await withLock(world.host, taskLock(world.home, ask.key), "reject the plan", async () => {
    const plan = await newestPlan(world, project, task);
    const items = take(await readClarifications(world.host, place));
    const who = await personOf(world, project);
    const question = {
      question: sentBackQuestion(plan.data.run, nowOf(world)),
      why: "a person rejected the plan",
      kind: "decision" as const,
      expectedForm: "the next plan takes this reason in",
      blocks: "approval" as const,
    };
    const [raised] = raiseItems(items, [{ question, by: who }], { run: plan.data.run, time: nowOf(world) });
    if (raised === undefined) throw new Error("the rejection raised nothing");
    const item = take(answerItem(raised, { text: ask.reason, who, time: nowOf(world) }));
    take(await writeClarification(world.host, place, item));
    return item;
  });
}

/** The name that the repository's git knows the person by; else the user's. */
export async function personOf(world: World, project: ProjectPlace): Promise<string> {
  const repository = await world.host.git.repository(project.projectRoot);
  if (repository !== undefined) {
    const identity = await world.host.git.identity(repository.mainRoot);
    if (identity.own) return `${identity.name} <${identity.email}>`;
  }
  return world.host.machine.env["USER"] ?? world.host.machine.env["LOGNAME"] ?? "unknown";
}
