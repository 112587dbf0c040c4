/**
 * Clarification items: how they are raised, answered and settled. Pure; each function gives the rows to append.
 *
 *   open --answer--> answered --(the prepare of the next run took it in)--> resolved
 *    |                  '--answer--> answered
 *    '----------------- withdraw (also from answered) --> withdrawn
 */
import type { PlanItem } from "../convergence/convergence.schema.ts";
import type { Question } from "../model/finding.schema.ts";
import { fault } from "../model/index.ts";
import type { Clarification } from "./task.schema.ts";

/** A question with who asked it: a worker, or `engine`, or a person's name. */
export type Raised = { readonly question: Question; readonly by: string };

/** The run in which questions are raised, and now as UTC ISO time. */
export type Raising = { readonly run: string; readonly time: string };

/**
 * The rows that raising these questions adds: one for each new question, and one for each item that stands already and is now
 * asked by more workers or blocks more. The same question of several workers is one item, whatever their order. One that was
 * resolved or withdrawn is not raised again: a person has decided it.
 */
export function raiseItems(
  items: readonly Clarification[],
  raised: readonly Raised[],
  context: Raising,
): Clarification[] {
  const known = new Map(items.map((item) => [sense(item.question), item]));
  const groups = new Map<string, Raised[]>();
  for (const one of [...raised].sort(byText))
    groups.set(sense(one.question.question), [...(groups.get(sense(one.question.question)) ?? []), one]);
  let last = lastNumber(items);
  return [...groups].flatMap(([key, group]) => {
    const before = known.get(key);
    if (before !== undefined) return joined(before, group, context);
    last++;
    return [opened(idOf(last), group, context)];
  });
}

/** What an item is raised with; the rest follows from its being open. */
export type NewItem = Omit<Clarification, "schemaVersion" | "status" | "userInput" | "answeredBy" | "resolvedIn">;

/** A single open item, for a question that stands by itself (the reason of a rejected plan). */
export const raiseItem = (item: NewItem): Clarification => ({
  schemaVersion: 1,
  ...item,
  status: "open",
  userInput: null,
  answeredBy: null,
  resolvedIn: null,
});

/** The item with a person's answer. Faults: `clarification-not-open` when it is settled, `usage` when the answer is empty. */
export function answerItem(
  item: Clarification,
  given: { readonly text: string; readonly who: string; readonly time: string },
): Clarification {
  requireUnsettled(item, "answered");
  if (given.text.trim() === "") {
    throw fault("usage", `The answer to ${item.id} is empty`, `Give it as text: okstra answer TASK ${item.id} "..."`, {
      id: item.id,
    });
  }
  return { ...item, status: "answered", userInput: given.text, answeredBy: given.who, time: given.time };
}

/** The answered items as `resolved`: the run took them in. Items in any other status give no row. */
export const resolveItems = (items: readonly Clarification[], context: Raising): Clarification[] =>
  items
    .filter((item) => item.status === "answered")
    .map((item) => ({ ...item, status: "resolved", resolvedIn: context.run, time: context.time }));

/** The item as no longer asked. Fault: `clarification-not-open` when it is settled. */
export function withdrawItem(item: Clarification, time: string): Clarification {
  requireUnsettled(item, "withdrawn");
  return { ...item, status: "withdrawn", time };
}

/** Each refused part of a plan as a question that blocks approval. */
export const refusedQuestions = (items: readonly PlanItem[]): Question[] =>
  items
    .filter((item) => item.refused)
    .map((item) => ({
      question: `How is ${item.id} to be changed? ${firstLine(item.text)}`,
      why: `The plan check refused it: ${reasonsAgainst(item)}`.slice(0, 20_000),
      kind: "decision",
      expectedForm: "what the plan is to do instead, or why it stands as it is",
      blocks: "approval",
    }));

/** Items that keep the next run from starting. */
export const blockingNextPhase = (items: readonly Clarification[]): Clarification[] =>
  items.filter((item) => item.blocks === "next-phase" && item.status === "open");

/** Items that keep a plan from being approved: also an answered one, since no planning run has taken the answer in. */
export const blockingApproval = (items: readonly Clarification[]): Clarification[] =>
  items.filter((item) => item.blocks === "approval" && (item.status === "open" || item.status === "answered"));

/** A question without what does not change its sense: case, spacing, punctuation. */
const sense = (question: string): string =>
  question
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim() || question.trim();

const byText = (a: Raised, b: Raised): number =>
  compare(JSON.stringify([a.question, a.by]), JSON.stringify([b.question, b.by]));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const idOf = (number: number): string => `C-${String(number).padStart(3, "0")}`;

/** Ids are never used again, so the next follows the highest, whatever became of it. */
const lastNumber = (items: readonly Clarification[]): number =>
  Math.max(0, ...items.map((item) => Number(item.id.slice(2))));

function opened(id: string, group: readonly Raised[], context: Raising): Clarification {
  const [first] = group;
  if (first === undefined) throw new Error("no one raised the question");
  const { question, why, kind, expectedForm } = first.question;
  const blocks = strongest(
    group.map((one) => one.question.blocks),
    context.run,
  );
  const raisedBy = [...new Set(group.map((one) => one.by))].sort();
  return raiseItem({
    id,
    question,
    why,
    kind,
    expectedForm,
    blocks,
    raisedBy,
    raisedIn: context.run,
    time: context.time,
  });
}

function joined(before: Clarification, group: readonly Raised[], context: Raising): Clarification[] {
  if (before.status === "resolved" || before.status === "withdrawn") return [];
  const raisedBy = [...new Set([...before.raisedBy, ...group.map((one) => one.by)])].sort();
  const blocks = strongest([before.blocks, ...group.map((one) => one.question.blocks)], context.run);
  if (blocks === before.blocks && raisedBy.length === before.raisedBy.length) return [];
  return [{ ...before, raisedBy, blocks, time: context.time }];
}

/** In planning the approval is the nearer gate, elsewhere the next phase. */
function strongest(all: readonly Clarification["blocks"][], run: string): Clarification["blocks"] {
  const order = run.includes("@implementation-planning#")
    ? (["approval", "next-phase"] as const)
    : (["next-phase", "approval"] as const);
  return order.find((one) => all.includes(one)) ?? "none";
}

function requireUnsettled(item: Clarification, wanted: string): void {
  if (item.status === "open" || item.status === "answered") return;
  throw fault(
    "clarification-not-open",
    `${item.id} is ${item.status} already and cannot be ${wanted}`,
    "Say what has changed in the directive of the next run: okstra run ... --directive TEXT",
    { id: item.id, status: item.status },
  );
}

const firstLine = (text: string): string => (text.split("\n")[0] ?? "").slice(0, 1_000);

const reasonsAgainst = (item: PlanItem): string =>
  item.verdicts
    .filter((verdict) => verdict.verdict === "DISAGREE")
    .map((verdict) => `${verdict.worker}: ${verdict.reason}`)
    .join("; ");
