/**
 * With which hashes okstra itself wrote a run's report, as far as the home vouches for it. Another version of okstra renders the same
 * data otherwise, so a Markdown or a page that is not what the data gives now is told by these hashes alone: what has them is as it was
 * written, whoever wrote it; everything else was changed. Each file has its own hash, so that none can stand in another's place.
 */
import { createHash } from "node:crypto";
import { checkOfReport } from "../engine/index.ts";
import { checkApproval } from "../generated/task.check.js";
import type { Host } from "../host/index.ts";
import { type ReportHashes, reportHashes, runPaths } from "../lifecycle/index.ts";
import { fault, parseJson, printRun, type RunRef, shellWord, take } from "../model/index.ts";
import { readHead, readJournal, verifyJournal } from "../registry/index.ts";
import { renderHtml } from "../report/index.ts";
import type { ValidateRunAsk } from "./validate-run.ts";

/** SHA-256 (64 hex) of each file as it was written last; undefined: nothing vouches for one. */
export type WrittenReport = Readonly<ReportHashes> & {
  /** The record has no hash of the page, as those of earlier versions have none: `html` is then what the approved data gives now. */
  readonly pageUnnoted: boolean;
};

const nothing: WrittenReport = { data: undefined, markdown: undefined, html: undefined, pageUnnoted: false };

/** Of a page that is not what the approved data gives, where the record has no hash of it. */
export const unnotedPage =
  "is not the page that the approved data gives: it was changed, or another version of okstra made it, which noted no hash of it";
export const makeAnew = (run: RunRef): string =>
  `okstra validate report ${shellWord(printRun(run))} --fix makes the page anew`;

export const makeBoth = (run: RunRef): string =>
  `okstra validate report ${shellWord(printRun(run))} --fix makes Markdown and page of its data`;

/** Of data that is another than the home vouches for. */
export const changedData = "was changed since okstra wrote it";

/** What the last that wrote the report says of it: the record of an approval or acceptance, else the run's end. */
export async function writtenReport(host: Host, ask: ValidateRunAsk): Promise<WrittenReport> {
  const { home, projectRoot, run } = ask;
  const place = { host, home, projectRoot, key: run.key };
  const problems = await verifyJournal(host, place, run);
  if (!problems.ok || problems.value.some(({ severity }) => severity === "error")) return nothing;
  const approved = (await isVouchedFor(host, ask)) ? await approvedReport(host, ask) : undefined;
  if (approved !== undefined) return approved;
  const journal = await readJournal(host, place, run);
  const ended = journal.ok ? journal.value.events.findLast((event) => event.type === "run.ended") : undefined;
  if (ended?.type !== "run.ended") return nothing;
  return { ...reportHashes(projectRoot, run, ended.data.artifacts), pageUnnoted: false };
}

/** What an approval or acceptance made of the report; undefined where there is none. Throws when the record is not the one that the home knows. */
export async function approvedReport(host: Host, ask: ValidateRunAsk): Promise<WrittenReport | undefined> {
  const paths = runPaths(ask.projectRoot, ask.run);
  const text = await host.files.readText(paths.approval);
  if (!(await isVouchedFor(host, ask))) {
    const known = take(await readHead(host, ask.home, ask.run))?.approvalSha256 ?? null;
    const what = text === undefined ? "is missing" : known === null ? "is none that the home knows" : "was changed";
    throw fault("plan-changed", `the approval record ${what}`, restoreRun, { path: paths.approval });
  }
  if (text === undefined) return undefined;
  const { data, markdown, html } = parseJson(checkApproval, text, "approval record", paths.approval).after;
  if (html !== undefined) return { data, markdown, html, pageUnnoted: false };
  const found = await host.files.readText(paths.reportData);
  const isApproved = found !== undefined && sha256(found) === data;
  const report = isApproved ? parseJson(checkOfReport(ask.run.taskType), found, "report", paths.reportData) : undefined;
  return { data, markdown, html: report && sha256(renderHtml(report)), pageUnnoted: true };
}

/** Whether the record, or that there is none, is what the home knows. */
async function isVouchedFor(host: Host, { home, projectRoot, run }: ValidateRunAsk): Promise<boolean> {
  const known = take(await readHead(host, home, run))?.approvalSha256 ?? null;
  return known === ((await host.files.hash(runPaths(projectRoot, run).approval)) ?? null);
}

export const restoreRun = "Restore the file from a copy; a run whose files were changed proves nothing";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
