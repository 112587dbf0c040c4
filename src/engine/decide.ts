/** What only a person may do: answer, approve, reject. Each refuses when an agent is anywhere above it in the process tree. */
import {
  answerItem,
  approvalProblems,
  contentHash,
  inPresentCycle,
  raiseItems,
  runPaths,
  sentBackBy,
  sentBackQuestion,
} from "../lifecycle/index.ts";
import type { Approval, Clarification, TaskManifest } from "../lifecycle/task.schema.ts";
import { Fault, fault, printKey, readRun, shellWord, take } from "../model/index.ts";
import {
  type FoundProject,
  readClarifications,
  readTaskManifest,
  taskLock,
  withLock,
  writeClarification,
  writeTaskManifest,
} from "../registry/index.ts";
import type { ApprovalMark } from "../report/report.schema.ts";
import { checkStageMap } from "../stages/index.ts";
import { editedFiles } from "./edited-files.ts";
import { asItStands, planText, undecided, undoHalfDecision, writeDecision } from "./plan-marks.ts";
import { givenMarkdown, type PlanReport, readPlanReport } from "./prepare/approved-plan.ts";
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
  return undoHalfDecision(await readPlanReport(world, project.projectRoot, readRun(run.id)));
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
  const unmarked = undecided(plan.data);
  if (await isAsWritten(world, project.projectRoot, { ref: plan.ref, dataText: planText(unmarked) })) {
    const forms = [asItStands(plan), unmarked];
    const [edited] = await editedFiles(world, project.projectRoot, { ref: plan.ref, forms });
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

/** The task remembers which content holds now. */
async function writeApproval(
  world: World,
  project: ProjectPlace,
  of: { plan: PlanReport; mark: ApprovalMark; key: TaskKey },
): Promise<Approved> {
  const { plan, mark } = of;
  const record = await writeDecision(world, project, { plan, mark, decision: "approved", edited: [] });
  const place = placeOf(world, project.projectRoot, of.key);
  const task = take(await readTaskManifest(world.host, place));
  if (task === undefined) throw new Error(`${printKey(of.key)} vanished`);
  const plans = [
    ...task.plans.filter((one) => one.run !== record.run),
    { content: mark.content, run: record.run, approvedAt: mark.time },
  ];
  take(await writeTaskManifest(world.host, place, { ...task, plans, updatedAt: nowOf(world) }));
  return {
    run: record.run,
    content: mark.content,
    record,
    report: runPaths(project.projectRoot, plan.ref).reportMarkdown,
  };
}

/** `marked`: the report says so too. It does not where its data was changed since: a mark would vouch for the change. */
export type SentBack = { readonly item: Clarification; readonly run: string; readonly marked: boolean };

/** Sends the newest plan back: the reason becomes a clarification that the next planning run takes in. */
export async function reject(
  world: World,
  ask: Decision & { readonly reason: string; readonly via: string },
): Promise<SentBack> {
  const { project, task } = await opened(world, ask, "okstra reject");
  const place = placeOf(world, project.projectRoot, ask.key);
  return await withLock(world.host, taskLock(world.home, ask.key), "reject the plan", async () => {
    const plan = await newestPlan(world, project, task);
    const { run } = plan.data;
    const by = { who: await personOf(world, project), time: nowOf(world) };
    const items = take(await readClarifications(world.host, place));
    // From the item on the plan is sent back. One that was killed after it is done again without asking twice.
    const item = toldBefore(items, run, ask.reason) ?? sentBackItem(items, { run, text: ask.reason, ...by });
    take(await writeClarification(world.host, place, item));
    const content = contentHash(plan.data);
    const mark: ApprovalMark = { ...by, via: ask.via, content, note: ask.reason };
    return { item, run, marked: await markSentBack(world, project, plan, mark) };
  });
}

const toldBefore = (items: readonly Clarification[], run: string, reason: string): Clarification | undefined =>
  items.find((item) => item.status === "answered" && item.userInput === reason && sentBackBy([item], run) === item);

type Reason = { readonly run: string; readonly text: string; readonly who: string; readonly time: string };

function sentBackItem(items: readonly Clarification[], { run, ...given }: Reason): Clarification {
  const question = {
    question: sentBackQuestion(run, given.time),
    why: "a person rejected the plan",
    kind: "decision" as const,
    expectedForm: "the next plan takes this reason in",
    blocks: "approval" as const,
  };
  const [raised] = raiseItems(items, [{ question, by: given.who }], { run, time: given.time });
  if (raised === undefined) throw new Error("the rejection raised nothing");
  return take(answerItem(raised, given));
}

async function markSentBack(
  world: World,
  project: ProjectPlace,
  plan: PlanReport,
  mark: ApprovalMark,
): Promise<boolean> {
  const before = undecided(plan.data);
  const { ref } = plan;
  if (!(await isAsWritten(world, project.projectRoot, { ref, dataText: planText(before) }))) return false;
  const edited = await editedFiles(world, project.projectRoot, { ref, forms: [asItStands(plan), before] });
  await writeDecision(world, project, { plan, mark, decision: "rejected", edited });
  return true;
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
