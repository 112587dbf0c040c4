/** A worker's result for people: what stands in its JSON, section by section, and none of its text as markup. Pure. */
import { checkExecutorResult, checkWorkerResult } from "../generated/finding.check.js";
import type { Evidence, ExecutorResult, Finding, WorkerResult } from "../model/finding.schema.ts";
import { markdownFence, markdownText, oneLine } from "../report/index.ts";

export type Shown = {
  /** `p:g:t`. */
  readonly task: string;
  readonly taskType: string;
  readonly worker: string;
  readonly role: string;
  readonly modelRequested: string;
  readonly modelServed: string | null;
  readonly value: unknown;
};

export function resultMarkdown(of: Shown): string {
  const title = `${of.worker} ${of.role}`;
  const served = of.modelServed === null ? null : oneLine(of.modelServed);
  const front = {
    ...{ title, id: of.task, taskType: of.taskType, workerId: of.worker, role: of.role },
    ...{ modelRequested: of.modelRequested, modelServed: served, tags: [of.taskType, of.role, of.worker] },
  };
  return [
    "---",
    ...Object.entries(front).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
    "---",
    "",
    `# ${markdownText(title, "within")}`,
    "",
    ...bodyOf(of.value),
    "",
  ].join("\n");
}

function bodyOf(value: unknown): readonly string[] {
  if (checkWorkerResult(value)) return sections(ofWorker(value));
  if (checkExecutorResult(value)) return sections(ofExecutor(value));
  return [markdownFence(JSON.stringify(value, null, 2))];
}

const titles = [
  "Findings",
  "Answers to the brief",
  "Plan or change",
  "Open questions",
  "What was not examined",
] as const;

type Sections = Readonly<Record<(typeof titles)[number], readonly string[]>>;

const sections = (of: Sections): string[] =>
  titles.flatMap((title, at) => [`## ${at + 1} ${title}`, "", ...(of[title].length === 0 ? ["none"] : of[title]), ""]);

const ofWorker = (result: WorkerResult): Sections => ({
  Findings: [
    ...(result.verdict === undefined ? [] : [`Verdict: ${line(result.verdict)}`, ""]),
    ...result.findings.flatMap(findingLines),
  ],
  "Answers to the brief": result.answers.map(({ question, answer }) => `- ${line(question)}: ${line(answer)}`),
  "Plan or change": result.proposal.trim() === "" ? [] : [markdownFence(result.proposal)],
  "Open questions": result.questions.map(
    ({ question, why, blocks }) => `- ${line(question)} (${line(why)}; blocks ${blocks})`,
  ),
  "What was not examined": result.notExamined.map((one) => `- ${line(one)}`),
});

const ofExecutor = (result: ExecutorResult): Sections => ({
  Findings: [],
  "Answers to the brief": [],
  "Plan or change": [
    markdownFence(result.summary),
    "",
    "What it says that it did; the report has what is so.",
    "",
    ...result.commits.map((commit) => `- commit ${line(commit)}`),
    ...result.files.map((path) => `- file ${line(path)}`),
    ...result.testsRun.map(({ command, exitCode }) => `- ran ${line(command)}: exit ${exitCode}`),
    ...result.outOfPlanEdits.map(({ path, reason }) => `- out of plan ${line(path)}: ${line(reason)}`),
    ...result.tddExemptions.map(({ step, reason }) => `- no test first in ${line(step)}: ${line(reason)}`),
  ],
  "Open questions": [],
  "What was not examined": result.notDone.map((one) => `- not done: ${line(one)}`),
});

const findingLines = (finding: Finding): string[] => [
  `### ${line(finding.id)} (${finding.severity}, ${line(finding.category)}): ${line(finding.title)}`,
  "",
  markdownFence(finding.claim),
  "",
  ...finding.evidence.map((piece) => `- ${evidenceText(piece)}`),
  ...(finding.suggestedFix === undefined ? [] : ["", "Suggested:", "", markdownFence(finding.suggestedFix)]),
  "",
];

function evidenceText(piece: Evidence): string {
  switch (piece.kind) {
    case "file":
      return `file ${line(piece.path)}, lines ${piece.lines.start} to ${piece.lines.end}: ${line(piece.quote)}`;
    case "document":
      return `document ${line(piece.file)}: ${line(piece.quote)}`;
    case "check":
      return `command ${line(piece.qa)}, expected exit ${piece.expected.exitCode}`;
    case "search":
      return `search ${line(piece.search.pattern)}, expected ${piece.expected}`;
    case "absence":
      return `search ${line(piece.search.pattern)}, expected none`;
  }
}

const line = (text: string): string => markdownText(text, "within");
