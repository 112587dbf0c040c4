/**
 * A person takes the residual risks of the newest verification of the whole task. The report is rendered again with who took them and
 * why; a record beside it, whose hash the home keeps, proves that. Without the record nothing is accepted.
 */
import { checkReportFinalVerification } from "../generated/report.check.js";
import { inPresentCycle, riskHash, runPaths, shortContent } from "../lifecycle/index.ts";
import type { Approval, TaskManifest } from "../lifecycle/task.schema.ts";
import { type Fault, fault, parseJson, type RunRef, readRun, shellWord, take } from "../model/index.ts";
import { saveApprovalHead, taskLock, withLock } from "../registry/index.ts";
import { render } from "../report/index.ts";
import type { ReportFinalVerification } from "../report/report.schema.ts";
import { type Approved, type Decision, opened, personOf } from "./decide.ts";
import { editedFiles } from "./edited-files.ts";
import { sha256 } from "./prepare/task.ts";
import { isAsWritten } from "./sealed.ts";
import { nowOf, type ProjectPlace, type World } from "./world.ts";

export type Accepting = Decision & {
  /** The first characters of the hash as the report prints it; null when none was given. */
  readonly content: string | null;
  readonly reason: string;
  readonly via: string;
};

/** Throws `not-accepted` where no risks are to be taken, `content-mismatch` where others than those that were read. */
export async function accept(world: World, ask: Accepting): Promise<Approved> {
  const { project, task } = await opened(world, ask, "okstra accept");
  return await withLock(world.host, taskLock(world.home, ask.key), "take the residual risks", async () => {
    const ref = newestVerification(task);
    const data = await asItEnded(world, project, ref);
    if (data === undefined) {
      throw refused(task, `the report of ${printed(task, ref)} is not what okstra wrote`, verifyAgain(task));
    }
    if (data.verdict !== "conditional-accept") throw noRisks(task, data);
    const standing = await asItStands(world, project, ref);
    const [edited] = await editedFiles(world, project.projectRoot, { ref, forms: [data, standing] });
    if (edited !== undefined) throw editedPage(task, data, edited);
    const content = riskHash(data);
    requireRead(task, { given: ask.content, content });
    const who = await personOf(world, project);
    const mark = { who, via: ask.via, time: nowOf(world), content, note: ask.reason };
    return await write(world, project, { ref, data, mark, isMarked: standing.acceptance !== undefined });
  });
}

const verifyAgain = (task: TaskManifest): string =>
  `Verify it again: okstra run --task-key ${shellWord(task.key)} --task-type final-verification`;

const refused = (task: TaskManifest, why: string, remedy: string): Fault =>
  fault("not-accepted", `Nothing of ${task.key} can be accepted: ${why}`, remedy, { key: task.key, why });

const printed = (task: TaskManifest, ref: RunRef): string =>
  task.runs.find((run) => readRun(run.id).seq === ref.seq && run.taskType === ref.taskType)?.id ?? task.key;

function newestVerification(task: TaskManifest): RunRef {
  const newest = inPresentCycle(task).runs.findLast(
    (run) => run.taskType === "final-verification" && run.scope === "task" && run.report !== null,
  );
  if (newest !== undefined) return readRun(newest.id);
  throw refused(task, "the whole task was not verified", `okstra status ${shellWord(task.key)} says what comes next`);
}

function noRisks(task: TaskManifest, { verdict }: ReportFinalVerification): Fault {
  if (verdict === "accepted")
    return refused(
      task,
      "it is accepted as it is",
      `Hand it over: okstra handoff ${shellWord(task.key)} --action commit-only`,
    );
  return refused(
    task,
    "the verdict is blocked, and blockers are no risks to take",
    `Reopen the task to fix them (okstra report ${shellWord(task.key)} lists them): okstra fixcycle open ${shellWord(task.key)} --reason "..."`,
  );
}

const editedPage = (task: TaskManifest, { run }: ReportFinalVerification, path: string): Fault =>
  refused(
    task,
    `what the report shows was edited since okstra wrote it: ${path}`,
    `okstra validate report ${shellWord(run)} --fix makes it anew; read it again, then accept`,
  );

function requireRead(task: TaskManifest, of: { readonly given: string | null; readonly content: string }): void {
  const given = of.given?.toLowerCase() ?? "";
  if (/^[0-9a-f]{12,64}$/.test(given) && of.content.startsWith(given)) return;
  const short = shortContent(of.content);
  throw fault(
    "content-mismatch",
    of.given === null
      ? `--content is missing: it proves that the risks of ${task.key} were read`
      : `The content hash ${of.given} is not that of the risks, which is ${short}`,
    `Read them (okstra report ${shellWord(task.key)}), then: okstra accept ${shellWord(task.key)} --content ${short} --reason "..."`,
    { given: of.given, content: of.content },
  );
}

/**
 * The report as the run left it, whatever an acceptance before this one, or one that was killed half-way, made of it; undefined when
 * the journal's end does not prove it.
 */
async function asItEnded(
  world: World,
  { projectRoot }: ProjectPlace,
  ref: RunRef,
): Promise<ReportFinalVerification | undefined> {
  const text = await world.host.files.readText(runPaths(projectRoot, ref).reportData);
  if (text === undefined) return undefined;
  try {
    const { acceptance: _, ...data } = JSON.parse(text) as ReportFinalVerification;
    return (await isAsWritten(world, projectRoot, { ref, dataText: textOf(data) })) ? data : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

/** With the mark of an acceptance that may have been killed half-way. */
async function asItStands(world: World, { projectRoot }: ProjectPlace, ref: RunRef): Promise<ReportFinalVerification> {
  const path = runPaths(projectRoot, ref).reportData;
  const text = (await world.host.files.readText(path)) ?? "";
  return parseJson(checkReportFinalVerification, text, "verification report", path);
}

const textOf = (data: ReportFinalVerification): string => `${JSON.stringify(data, null, 2)}\n`;

type Write = {
  readonly ref: RunRef;
  /** Whether the file has the mark of an acceptance before this one. */
  readonly isMarked: boolean;
  readonly data: ReportFinalVerification;
  readonly mark: NonNullable<ReportFinalVerification["acceptance"]>;
};

/** Data and Markdown with the mark first, the record last. */
async function write(
  world: World,
  { projectRoot }: ProjectPlace,
  { ref, data, mark, isMarked }: Write,
): Promise<Approved> {
  const { files } = world.host;
  const paths = runPaths(projectRoot, ref);
  const marked: ReportFinalVerification = { ...data, acceptance: mark };
  const [was, is] = [render(data), render(marked)];
  const { content, who, via, note, time } = mark;
  const record: Approval = {
    ...{ schemaVersion: 1, run: data.run, content, decision: "accepted", who, via, note, time },
    before: { data: sha256(textOf(data)), markdown: sha256(was.markdown), html: sha256(was.html) },
    after: { data: sha256(textOf(marked)), markdown: sha256(is.markdown), html: sha256(is.html) },
  };
  if (isMarked) {
    // Another mark goes first, from the end: so no file ever has a mark that the data has not.
    await files.replaceFile(paths.reportHtml, was.html, { durable: true });
    await files.replaceFile(paths.reportMarkdown, was.markdown, { durable: true });
    await files.replaceFile(paths.reportData, textOf(data), { durable: true });
  }
  await files.replaceFile(paths.reportData, textOf(marked), { durable: true });
  await files.replaceFile(paths.reportMarkdown, is.markdown, { durable: true });
  await files.replaceFile(paths.reportHtml, is.html, { durable: true });
  const text = `${JSON.stringify(record, null, 2)}\n`;
  await files.replaceFile(paths.approval, text, { durable: true });
  take(await saveApprovalHead(world.host, world.home, ref, sha256(text)));
  return { run: data.run, content, record, report: paths.reportMarkdown };
}
