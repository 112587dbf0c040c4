/**
 * Whether a run's report holds together: its data fits the schema of its type, Markdown and page are what the data gives, ids are
 * unique, and whatever names an item names one that is there. Looks only; with `fix` it makes
 * Markdown and page anew.
 */
import { createHash } from "node:crypto";
import { checkOfReport } from "../engine/index.ts";
import type { Host } from "../host/index.ts";
import { runPaths } from "../lifecycle/index.ts";
import { doorSync, parseJson, printRun } from "../model/index.ts";
import { render } from "../report/index.ts";
import type { Report } from "../report/report.schema.ts";
import type { Check, CheckList } from "./checks.schema.ts";
import { counted, failed, failedAs, listOf, passed, warned } from "./rows.ts";
import type { ValidateRunAsk } from "./validate-run.ts";
import { changedData, makeAnew, makeBoth, unnotedPage, writtenReport } from "./written-report.ts";

export type ValidateReportAsk = ValidateRunAsk & {
  /** Makes Markdown and page anew where the data is proven to be what okstra wrote, and they would be as they were then. */
  readonly fix?: boolean;
};

/** Rows about a run's report; one row where there is none. Writes with `fix` only. */
export async function validateReport(host: Host, ask: ValidateReportAsk): Promise<CheckList> {
  const paths = runPaths(ask.projectRoot, ask.run);
  const about = { id: "report:data", where: paths.reportData };
  const text = await host.files.readText(paths.reportData);
  if (text === undefined) return listOf([warned(about, `${printRun(ask.run)} has no report`, "")]);
  const read = doorSync(() => parseJson(checkOfReport(ask.run.taskType), text, "report", paths.reportData))();
  if (!read.ok) return listOf([failedAs(about, read.error)]);
  const report = read.value;
  const { markdown, html } = render(report);
  const written = await writtenReport(host, ask);
  const dataIsProven = written.data === sha256(text);
  const same = async (id: string, where: string, of: Rendered): Promise<Check> => {
    const { fresh, wrote } = of;
    const found = await host.files.readText(where);
    if (found === fresh) return passed({ id, where }, "as its data gives it");
    if (ask.fix === true && dataIsProven && wrote === sha256(fresh)) {
      await host.files.replaceFile(where, fresh, { durable: true });
      return passed({ id, where }, `${found === undefined ? "was missing" : "was another"}; made anew from its data`);
    }
    const remedy = dataIsProven && wrote === sha256(fresh) ? makeBoth(ask.run) : restore;
    if (found === undefined) return failed({ id, where }, "is missing", remedy);
    // Another version of okstra may have rendered it. Of data that was changed since it is no rendering.
    if (wrote === sha256(found) && dataIsProven) return passed({ id, where }, "as it was written");
    if (where === paths.reportHtml && written.pageUnnoted && dataIsProven)
      return failed({ id, where }, unnotedPage, makeAnew(ask.run));
    return failed({ id, where }, "does not agree with its data", remedy);
  };
  return listOf([
    dataRow(about, { run: report.run, ask, isChanged: written.data !== undefined && !dataIsProven }),
    await same("report:markdown", paths.reportMarkdown, { fresh: markdown, wrote: written.markdown }),
    await same("report:page", paths.reportHtml, { fresh: html, wrote: written.html }),
    ...uniqueRows(report, paths.reportData),
    ...referenceRows(report, paths.reportData),
  ]);
}

/** What the data gives now, and the hash of what was written. */
type Rendered = { readonly fresh: string; readonly wrote: string | undefined };

type DataFacts = { readonly run: string; readonly ask: ValidateReportAsk; readonly isChanged: boolean };

function dataRow(about: { readonly id: string; readonly where: string }, { run, ask, isChanged }: DataFacts): Check {
  if (run !== printRun(ask.run)) return failed(about, `says it is of ${run}`, restore);
  return isChanged ? failed(about, changedData, restore) : passed(about, run);
}

const restore = "Restore the report's files from a copy";
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function uniqueRows(report: Report, where: string): Check[] {
  const lists: Readonly<Record<string, readonly string[]>> = {
    items: report.items.map(({ id }) => id),
    clarifications: report.clarifications.map(({ id }) => id),
    followUps: report.followUps.map(({ suggestedId }) => suggestedId),
  };
  const twice = Object.entries(lists).flatMap(([name, ids]) =>
    [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))].map((id) => `${name} has ${id} twice`),
  );
  const about = { id: "report:ids", where };
  return twice.length === 0 ? [passed(about, "unique")] : twice.map((message) => failed(about, message, restore));
}

/** Everything in a report that names an item. */
function referenceRows(report: Report, where: string): Check[] {
  const named: (readonly [string, string])[] = [
    ...report.dissent.map(({ item }) => ["dissent", item] as const),
    ...report.evidence.map(({ item }) => ["evidence", item] as const),
  ];
  if (report.taskType === "error-analysis")
    named.push(
      ...(report.analysis?.hypotheses ?? []).flatMap(({ items }) => items.map((id) => ["a hypothesis", id] as const)),
    );
  if ("discovery" in report)
    named.push(
      ...(report.discovery?.fanOut ?? []).flatMap(({ items }) => (items ?? []).map((id) => ["fanOut", id] as const)),
    );
  const known = new Set(report.items.map(({ id }) => id));
  const lost = named.filter(([, id]) => !known.has(id));
  const about = { id: "report:references", where };
  if (lost.length === 0) return [passed(about, `${counted(named.length, "name")} of items, all there`)];
  return lost.map(([who, id]) => failed(about, `${who} names ${id}, which is no item of the report`, restore));
}
