/**
 * The approval of a plan: what exactly is approved (the content hash), and everything that stands against approving it or
 * building it. Nothing here passes softly: what cannot be read or compared is a problem.
 */

import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { PlanBodyState } from "../convergence/convergence.schema.ts";
import type { Failure, Reason } from "../model/index.ts";
import { shellWord } from "../model/index.ts";
import type { ReportFinalVerification, ReportImplementationPlanning } from "../report/report.schema.ts";
import { blockingApproval } from "./clarifications.ts";
import type { Approval, Clarification } from "./task.schema.ts";

type PlanGate = PlanBodyState["gate"] | null;

/**
 * SHA-256 (64 hex) of the RFC 8785 form of the report's data and the plan-body gate. Left out is what deciding and answering
 * change: `approval`, `sentBack`, and of each clarification its status, answer, who gave it, where it was resolved and when.
 */
export function contentHash(
  data: ReportImplementationPlanning,
  gate: PlanGate = data.planBodyVerification?.gate ?? null,
): string {
  const { approval: _approval, sentBack: _sentBack, clarifications, ...rest } = data;
  const asked = clarifications.map(
    ({ status: _s, userInput: _u, answeredBy: _a, resolvedIn: _r, time: _t, ...question }) => question,
  );
  return canonicalHash({ report: { ...rest, clarifications: asked }, planBodyGate: gate });
}

/** The same of what a person takes with `okstra accept`: the report of a verification without the acceptance itself. */
export function riskHash(data: ReportFinalVerification): string {
  const { acceptance: _, ...report } = data;
  return canonicalHash({ report });
}

function canonicalHash(value: unknown): string {
  const text = canonicalize(wellFormed(value));
  if (text === undefined) throw new Error("the report has no canonical form");
  return sha256(text);
}

/** A model may write half a surrogate pair, which RFC 8785 refuses: each is hashed as its escape. */
const wellFormed = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === "string" ? inner.replace(/\p{Cs}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`) : inner,
  );

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The first 12 hex characters of a content hash: what a person types. */
export const shortContent = (hash: string): string => hash.slice(0, 12);

export type ApprovalFacts = {
  /** The plan's report; undefined when its file is missing or does not fit its schema. */
  readonly data: ReportImplementationPlanning | undefined;
  /** The data file as it stands. */
  readonly dataText: string;
  /** The Markdown file as it stands; undefined when it is missing. */
  readonly fileMarkdown: string | undefined;
  /** The Markdown that the data gives now; undefined when it cannot be rendered. */
  readonly freshMarkdown: string | undefined;
  readonly record: Approval | null;
  /** The task's items as they stand; one that the report shows and this list lacks counts as the report has it. */
  readonly clarifications: readonly Clarification[];
  /** approve: the hash (12 or more hex characters) that the person gave; use: the hash that the task says was approved. */
  readonly given?: string | undefined;
  /** `approve`: may a person approve it now? `use`: may it be built? */
  readonly purpose: "approve" | "use";
};

/** What stands against the approval, or against building by it; empty when nothing does. The first is the one to name. */
export function approvalProblems(facts: ApprovalFacts): Failure[] {
  const { data } = facts;
  if (data === undefined) return [unreadable("its data is missing or does not fit its schema", facts)];
  const hash = contentHash(data);
  const decision = facts.purpose === "approve" ? givenProblems(facts, hash) : recordProblems(facts, hash);
  const body = [...gateProblems(data), ...clarificationProblems(data, facts)];
  const sentBack = sentBackProblems(data, facts);
  return [
    ...markdownProblems(facts),
    ...(data.plan === null ? [unreadable("the report holds no plan", facts)] : []),
    ...inOrder(facts, { decision, body, sentBack }),
  ];
}

type Problems = Readonly<Record<"decision" | "body" | "sentBack", readonly Failure[]>>;

function inOrder({ purpose, record }: ApprovalFacts, { decision, body, sentBack }: Problems): readonly Failure[] {
  // Who sent it back settled all that was said of it.
  if (purpose === "approve") return [...decision, ...sentBack, ...body];
  if (sentBack.length > 0) return [...sentBack, ...body];
  // Where nobody approved yet, what makes an approval impossible comes first: it is what a person settles first.
  return record === null ? [...body, ...decision] : [...decision, ...body];
}

/** The question that a rejection leaves. By it a plan that was sent back is known, whatever is approved or planned since. */
export const sentBackQuestion = (run: string, time: string): string =>
  `${sentBackWords(run)}(${time}). What must the next one do differently?`;

const sentBackWords = (run: string): string => `The plan ${run} was sent back `;

/** The item that says so of the plan of this run; undefined: nobody sent it back. */
export const sentBackBy = (items: readonly Clarification[], run: string): Clarification | undefined =>
  items.find(({ question, raisedIn }) => raisedIn === run && question.startsWith(sentBackWords(run)));

/** Who sends a plan back takes its approval back, also once a later planning run has taken the reason in. */
function sentBackProblems(data: ReportImplementationPlanning, facts: ApprovalFacts): Failure[] {
  const reason = sentBackBy(facts.clarifications, data.run);
  if (reason === undefined) return [];
  const again = `lan again: ${planAgain(data)}`;
  const since = facts.purpose === "use" && reason.status !== "answered";
  return [
    problem(
      "plan-not-approved",
      `The plan ${data.run} was sent back (${reason.id})${since ? ", and none is approved since" : ""}`,
      since
        ? `Read the newest plan (okstra report ${shellWord(taskOf(data))}), then: okstra approve ${shellWord(taskOf(data))}; or p${again}`
        : `P${again}`,
      { item: reason.id },
    ),
  ];
}

function unreadable(why: string, facts: ApprovalFacts): Failure {
  return problem(
    "plan-unreadable",
    `The plan cannot be used: ${why}`,
    `Restore the report's files from a copy, or plan again: ${planAgain(facts.data)}`,
    {
      why,
    },
  );
}

function markdownProblems(facts: ApprovalFacts): Failure[] {
  const { fileMarkdown: file, freshMarkdown: fresh } = facts;
  if (file === undefined) return [unreadable("its Markdown file is missing", facts)];
  if (fresh === undefined) return [unreadable("its data cannot be rendered", facts)];
  if (!hasSectionOne(file)) return [unreadable('section "1 Clarification Items" of its Markdown is missing', facts)];
  if (file === fresh) return [];
  const line = firstDifference(file, fresh);
  return [
    problem(
      "plan-unreadable",
      `The plan's Markdown and data do not agree: line ${line} was edited by hand`,
      `Undo the edit${undone(facts.data)}; to have the plan changed: okstra reject ${shellWord(taskOf(facts.data))} --reason "..."`,
      { line },
    ),
  ];
}

/** What tells the edited file, and makes Markdown and page anew of data that is what the run wrote. */
const undone = (data: ReportImplementationPlanning | undefined): string =>
  data === undefined
    ? ""
    : ` (okstra validate report ${shellWord(data.run)} says in which file; with --fix it makes Markdown and page anew)`;

const hasSectionOne = (markdown: string): boolean => /^## 1 Clarification Items(?: \(.*\))?[ \t]*$/m.test(markdown);

function firstDifference(a: string, b: string): number {
  const [left, right] = [a.split("\n"), b.split("\n")];
  const at = left.findIndex((line, index) => line !== right[index]);
  return (at === -1 ? left.length : at) + 1;
}

/** The hash that a person gave must be of this very content; they read it in the report that they read. */
function givenProblems({ given, data }: ApprovalFacts, hash: string): Failure[] {
  if (given === undefined) return [];
  const text = given.toLowerCase();
  if (/^[0-9a-f]{12,64}$/.test(text) && hash.startsWith(text)) return [];
  return [
    problem(
      "content-mismatch",
      `The content hash ${given} is not that of the plan, which is ${shortContent(hash)}`,
      `Read the plan again (okstra report ${shellWord(taskOf(data))}), then: okstra approve ${shellWord(taskOf(data))} --content ${shortContent(hash)}`,
      { given, content: hash },
    ),
  ];
}

function recordProblems({ record, given, data, dataText, fileMarkdown }: ApprovalFacts, hash: string): Failure[] {
  const approve = `Read the plan (okstra report ${shellWord(taskOf(data))}), then: okstra approve ${shellWord(taskOf(data))} --content ${shortContent(hash)}`;
  if (record === null) return [problem("plan-not-approved", "The plan is not approved", approve, { content: hash })];
  if (record.decision === "rejected") {
    return [
      problem("plan-not-approved", `The plan was rejected by ${record.who}`, `Plan again: ${planAgain(data)}`, {
        content: hash,
      }),
    ];
  }
  const changed = [record.content, given ?? hash].find((approved) => approved !== hash);
  if (changed === undefined) {
    // What the content hash leaves out (who approved, what was answered) is not to be changed either.
    const { data: dataHash, markdown } = record.after;
    if (dataHash === sha256(dataText) && markdown === sha256(fileMarkdown ?? "")) return [];
    return [problem("plan-changed", "The plan's report was changed after it was approved", approve, { content: hash })];
  }
  return [
    problem(
      "plan-changed",
      `The plan was changed after it was approved: approved was ${shortContent(changed)}, now it is ${shortContent(hash)}`,
      approve,
      {
        approved: changed,
        content: hash,
      },
    ),
  ];
}

function gateProblems(data: ReportImplementationPlanning): Failure[] {
  const gate = data.planBodyVerification?.gate ?? null;
  if (gate === "passed" || gate === "passed-with-dissent") return [];
  const refused = data.planBodyVerification?.items.filter((item) => item.refused).map((item) => item.id) ?? [];
  const why = {
    "blocked-by-disagreement": `workers refused ${refused.join(", ")}`,
    "aborted-non-result": "too few workers answered, or some part was judged by nobody",
    none: "it was not made",
  }[gate ?? "none"];
  return [
    problem("plan-gate-closed", `The plan check does not allow approval: ${why}`, `Plan again: ${planAgain(data)}`, {
      gate,
      refused,
    }),
  ];
}

function clarificationProblems(data: ReportImplementationPlanning, facts: ApprovalFacts): Failure[] {
  const known = new Set(facts.clarifications.map((item) => item.id));
  const all = [...facts.clarifications, ...data.clarifications.filter((item) => !known.has(item.id))];
  const blocking = blockingApproval(all).sort((a, b) => (a.id < b.id ? -1 : 1));
  const open = blocking.filter((item) => item.status === "open").map((item) => item.id);
  if (blocking.length === 0) return [];
  const ids = blocking.map((item) => `${item.id} (${item.status})`).join(", ");
  const [first] = open;
  const remedy =
    first === undefined
      ? `Let a planning run take the answers in: ${planAgain(data)}`
      : `Answer them, beginning with: okstra answer ${shellWord(taskOf(data))} ${first} "..."`;
  return [
    problem("clarifications-open", `Questions that block approval are not settled: ${ids}`, remedy, {
      items: blocking.map((item) => item.id),
      open,
    }),
  ];
}

const taskOf = (data: ReportImplementationPlanning | undefined): string => data?.taskKey ?? "TASK";

const planAgain = (data: ReportImplementationPlanning | undefined): string =>
  `okstra run --task-key ${shellWord(taskOf(data))} --task-type implementation-planning`;

const problem = (reason: Reason, message: string, remedy: string, details: Record<string, unknown>): Failure => ({
  reason,
  message,
  remedy,
  details,
});
