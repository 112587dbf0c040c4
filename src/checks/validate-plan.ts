/**
 * Whether a plan holds together: its report readable and rendered from its data, the headings that readers look for, the rules of
 * the Stage Map, options to choose from, every requirement covered, and approved as it stands. Looks only.
 */
import { createHash } from "node:crypto";
import { checkReportImplementationPlanning } from "../generated/report.check.js";
import { checkApproval } from "../generated/task.check.js";
import type { Host } from "../host/index.ts";
import { approvalProblems, contentHash, runPaths, shortContent } from "../lifecycle/index.ts";
import type { Approval } from "../lifecycle/task.schema.ts";
import { doorSync, Fault, parseJson, printKey, printRun, type RunRef, shellWord, take } from "../model/index.ts";
import { readClarifications, readHead } from "../registry/index.ts";
import { renderMarkdown } from "../report/index.ts";
import type { ReportImplementationPlanning } from "../report/report.schema.ts";
import { checkStageMap } from "../stages/index.ts";
import type { Plan } from "../stages/stage-map.schema.ts";
import type { Check, CheckList } from "./checks.schema.ts";
import { counted, failed, failedAs, listOf, passed, warned } from "./rows.ts";
import { changedData, makeBoth, type WrittenReport, writtenReport } from "./written-report.ts";

export type ValidatePlanAsk = { readonly home: string; readonly projectRoot: string; readonly run: RunRef };

type Looked = ValidatePlanAsk & {
  readonly data: ReportImplementationPlanning;
  readonly dataText: string;
  readonly markdown: string;
  readonly paths: ReturnType<typeof runPaths>;
};

/** Rows about the plan of a planning run; also when its files are broken. */
export async function validatePlan(host: Host, ask: ValidatePlanAsk): Promise<CheckList> {
  const paths = runPaths(ask.projectRoot, ask.run);
  const about = { id: "plan:data", where: paths.reportData };
  const text = await host.files.readText(paths.reportData);
  if (text === undefined) return listOf([failed(about, "there is no report", planAgain(ask.run))]);
  const read = doorSync(() => parseJson(checkReportImplementationPlanning, text, "planning report", paths.reportData));
  const data = read();
  if (!data.ok) return listOf([failedAs(about, data.error)]);
  const markdown = await host.files.readText(paths.reportMarkdown);
  const of = { ...ask, paths, data: data.value, dataText: text, markdown: markdown ?? "" };
  const written = await writtenReport(host, ask);
  return listOf([
    dataRow(about, of, written),
    await markdownRow(host, of, { markdown, written }),
    ...headingRows(of),
    ...planRows(of),
    ...(await approvalRows(host, of)),
  ]);
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const restore = "Restore the report's files from a copy";
const planAgain = (run: RunRef): string =>
  `Plan again: okstra run --task-key ${shellWord(printKey(run.key))} --task-type implementation-planning`;
const reject = (run: RunRef): string =>
  `Send the plan back: okstra reject ${shellWord(printKey(run.key))} --reason "..."`;

function dataRow(about: { readonly id: string; readonly where: string }, of: Looked, written: WrittenReport): Check {
  const { data, dataText, run } = of;
  if (data.run !== printRun(run)) return failed(about, `says it is of ${data.run}`, restore);
  const isChanged = written.data !== undefined && written.data !== sha256(dataText);
  return isChanged ? failed(about, changedData, restore) : passed(about, data.run);
}

type Files = { readonly markdown: string | undefined; readonly written: WrittenReport };

async function markdownRow(host: Host, of: Looked, { markdown, written }: Files): Promise<Check> {
  const { paths, data, dataText, run } = of;
  const about = { id: "plan:markdown", where: paths.reportMarkdown };
  const fresh = renderMarkdown(data);
  const dataIsProven = written.data === sha256(dataText);
  const remedy = dataIsProven && written.markdown === sha256(fresh) ? makeBoth(run) : restore;
  if (markdown === undefined) return failed(about, "the Markdown is missing", remedy);
  if (markdown === fresh) return passed(about, "as its data gives it");
  // Another version of okstra may have rendered it. Of data that was changed since it is no rendering.
  if (dataIsProven && written.markdown === (await host.files.hash(paths.reportMarkdown)))
    return passed(about, "as it was written");
  const lines = fresh.split("\n");
  const at = markdown.split("\n").findIndex((line, index) => line !== lines[index]);
  return failed(
    { ...about, where: `${about.where}:${(at === -1 ? lines.length : at) + 1}` },
    "does not agree with its data",
    remedy,
  );
}

/** What readers and tools look for, in every language. */
const keywords = [
  "Requirements",
  "Option Candidates",
  "Trade-off",
  "Recommended Option",
  "Dependency",
  "Validation Checklist",
  "Rollback",
  "Requirement Coverage",
  "Stage Map",
  "Plan Body Verification",
] as const;

function headingRows({ paths, markdown, run }: Looked): Check[] {
  const about = { id: "plan:headings", where: paths.reportMarkdown };
  const headings = [...markdown.matchAll(/^#{2,3} (?:\d+(?:\.\d+)* )?(.*)$/gm)].map((found) => found[1] ?? "");
  const missing = keywords.filter((word) => !headings.some((heading) => heading.startsWith(word)));
  if (missing.length === 0) return [passed(about, `all ${keywords.length} headings are there`)];
  return missing.map((word) => failed(about, `the heading "${word}" is missing`, `${restore}, or ${planAgain(run)}`));
}

function planRows(of: Looked): Check[] {
  const { plan } = of.data;
  const where = of.paths.reportData;
  if (plan === null) return [failed({ id: "plan:body", where }, "the report holds no plan", planAgain(of.run))];
  return [...stageMapRows(of, plan), optionsRow(of, plan), recommendationRow(of, plan), ...coverageRows(of, plan)];
}

const rules = ["S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10"] as const;

/** A row for each rule that holds, a row for each break of one that does not. */
function stageMapRows({ paths, markdown }: Looked, plan: Plan): Check[] {
  const breaks = checkStageMap(plan.stageMap, { markdown });
  return rules.flatMap((rule) => {
    const broken = breaks.filter((one) => one.rule === rule);
    const about = { id: `plan:${rule}`, where: paths.reportData };
    if (broken.length === 0) return [passed(about, `${plan.stageMap.stages.length} stages keep it`)];
    return broken.map(({ message, remedy }) => failed(about, message, remedy));
  });
}

function optionsRow({ paths, run }: Looked, { options }: Plan): Check {
  const about = { id: "plan:options", where: paths.reportData };
  const distinct = new Set(options.map(({ id }) => id)).size;
  if (options.length >= 2 && distinct === options.length) return passed(about, `${options.length} options`);
  const what = options.length < 2 ? `only ${options.length} of at least two options` : "two options have the same id";
  return failed(about, what, reject(run));
}

function recommendationRow({ paths, run }: Looked, { recommendation, options }: Plan): Check {
  const about = { id: "plan:recommendation", where: paths.reportData };
  if (options.some(({ id }) => id === recommendation.option)) return passed(about, recommendation.option);
  return failed(about, `recommends ${recommendation.option}, which is none of its options`, reject(run));
}

/** Each requirement is met by a stage that is there; nothing is covered that nobody asked for. */
function coverageRows({ paths, run }: Looked, plan: Plan): Check[] {
  const about = { id: "plan:coverage", where: paths.reportData };
  const stages = new Set(plan.stageMap.stages.map(({ stageNumber }) => stageNumber));
  const asked = new Set(plan.requirements.map(({ id }) => id));
  const covered = new Map(plan.requirementCoverage.map((row) => [row.requirement, row.stages]));
  const problems = [
    ...plan.requirements
      .filter(({ id }) => (covered.get(id) ?? []).length === 0)
      .map(({ id }) => `requirement ${id} is covered by no stage`),
    ...plan.requirementCoverage
      .filter(({ requirement }) => !asked.has(requirement))
      .map(({ requirement }) => `coverage names ${requirement}, which is no requirement`),
    ...plan.requirementCoverage.flatMap(({ requirement, stages: named }) =>
      named
        .filter((stage) => !stages.has(stage))
        .map((stage) => `coverage of ${requirement} names stage ${stage}, which is not in the map`),
    ),
  ];
  if (problems.length === 0) return [passed(about, `${counted(asked.size, "requirement")}, all covered`)];
  return problems.map((message) => failed(about, message, reject(run)));
}

/** An approved plan must still be what was approved; for one that is not, what stands against it is no fault. */
async function approvalRows(host: Host, of: Looked): Promise<Check[]> {
  const about = { id: "plan:approval", where: of.paths.approval };
  try {
    const record = await recordOf(host, of);
    // Its files are held to the record's hashes by their own rows.
    if (record?.decision === "rejected")
      return [passed(about, `sent back by ${record.who}, content ${shortContent(record.content)}: ${record.note}`)];
    const problems = approvalProblems({
      data: of.data,
      dataText: of.dataText,
      fileMarkdown: of.markdown,
      freshMarkdown: renderMarkdown(of.data),
      record: record ?? null,
      clarifications: take(
        await readClarifications(host, { host, home: of.home, projectRoot: of.projectRoot, key: of.run.key }),
      ),
      purpose: record === undefined ? "approve" : "use",
    }).filter(({ reason }) => reason !== "plan-unreadable");
    if (record === undefined)
      return [
        passed(about, `not approved; its content is ${shortContent(contentHash(of.data))}`),
        ...problems.map((problem) => warned(about, problem.message, problem.remedy)),
      ];
    if (problems.length > 0) return problems.map((problem) => failedAs(about, problem));
    return [passed(about, `approved by ${record.who} as ${shortContent(record.content)}`)];
  } catch (thrown) {
    if (thrown instanceof Fault) return [failedAs(about, thrown.failure)];
    throw thrown;
  }
}

async function recordOf(host: Host, { home, run, paths }: Looked): Promise<Approval | undefined> {
  const text = await host.files.readText(paths.approval);
  if (text === undefined) return undefined;
  const known = take(await readHead(host, home, run))?.approvalSha256 ?? null;
  if (known !== (await host.files.hash(paths.approval))) {
    throw new Fault({
      reason: "plan-changed",
      message: `the approval record ${known === null ? "is none that the home knows" : "was changed after it was written"}`,
      remedy: `Read the plan again and approve it anew: okstra approve ${shellWord(printKey(run.key))}`,
    });
  }
  return parseJson(checkApproval, text, "approval record", paths.approval);
}
