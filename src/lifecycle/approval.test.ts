import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { planning as report } from "../../test/fixtures/report/index.ts";
import type { ReportImplementationPlanning } from "../report/report.schema.ts";
import { type ApprovalFacts, approvalProblems, contentHash, sentBackQuestion, shortContent } from "./approval.ts";
import { raiseItem } from "./clarifications.ts";
import type { Approval, Clarification } from "./task.schema.ts";

const item: Clarification = raiseItem({
  id: "C-001",
  question: "Which store?",
  why: "it decides",
  kind: "decision",
  expectedForm: "one word",
  blocks: "approval",
  raisedBy: ["claude"],
  raisedIn: "r",
  time: "2026-01-02T03:04:05Z",
});
const resolved: Clarification = {
  ...item,
  status: "resolved",
  userInput: "pg",
  answeredBy: "Ada",
  resolvedIn: "r2",
  time: "2026-03-02T03:04:05Z",
};
const data: ReportImplementationPlanning = { ...report, approval: null, clarifications: [item] };
const markdown = "# Plan\n\n## 1 Clarification Items\n\nnone\n";
const dataText = JSON.stringify(data);
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hash = contentHash(data);
const record: Approval = {
  schemaVersion: 1,
  run: data.run,
  content: hash,
  decision: "approved",
  who: "Ada",
  via: "cli",
  note: "",
  time: "2026-01-02T03:04:05Z",
  before: { data: "", markdown: "" },
  after: { data: sha256(dataText), markdown: sha256(markdown) },
};
const facts: ApprovalFacts = {
  data,
  dataText,
  fileMarkdown: markdown,
  freshMarkdown: markdown,
  record: null,
  clarifications: [resolved],
  given: shortContent(hash),
  purpose: "approve",
};
const use: ApprovalFacts = { ...facts, record, given: hash, purpose: "use" };
const reasons = (change: Partial<ApprovalFacts>, base = facts) =>
  approvalProblems({ ...base, ...change }).map((problem) => problem.reason);

describe("the content hash", () => {
  test("is 64 hex characters and does not know the order of keys", () => {
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const turned = Object.fromEntries(Object.entries(data).reverse()) as ReportImplementationPlanning;
    expect(contentHash(turned)).toBe(hash);
  });
  test("leaves out the approval and what answering changes", () => {
    const approval = { who: "Ada", via: "cli", time: "t", content: hash, note: "" };
    expect(contentHash({ ...data, approval, clarifications: [resolved] })).toBe(hash);
  });
  test("changes with the plan, a question and the gate", () => {
    const { plan } = data;
    if (plan === null) throw new Error("the fixture has no plan");
    expect(contentHash({ ...data, plan: { ...plan, rollback: "other" } })).not.toBe(hash);
    expect(contentHash({ ...data, clarifications: [{ ...item, question: "Which port?" }] })).not.toBe(hash);
    expect(contentHash({ ...data, clarifications: [] })).not.toBe(hash);
    expect(contentHash(data, "passed")).not.toBe(contentHash(data, null));
  });
});

test("a plan that may be approved, and one that may be built, have no problems", () => {
  expect(approvalProblems(facts)).toEqual([]);
  expect(approvalProblems({ ...facts, given: hash.toUpperCase() })).toEqual([]);
  expect(approvalProblems({ ...facts, given: undefined })).toEqual([]);
  expect(approvalProblems(use)).toEqual([]);
});

describe("refused", () => {
  const planBody = data.planBodyVerification;
  const gated = (gate: "passed" | "blocked-by-disagreement" | "aborted-non-result") => ({
    ...data,
    planBodyVerification: planBody === null ? null : { ...planBody, gate },
  });
  test.each<[string, Partial<ApprovalFacts>, string[]]>([
    ["data missing", { data: undefined }, ["plan-unreadable"]],
    ["Markdown missing", { fileMarkdown: undefined }, ["plan-unreadable"]],
    ["data that cannot be rendered", { freshMarkdown: undefined }, ["plan-unreadable"]],
    ["a hand-edited line", { fileMarkdown: markdown.replace("none", "no one") }, ["plan-unreadable"]],
    ["a line at the end", { fileMarkdown: `${markdown}\nx` }, ["plan-unreadable"]],
    ["no section 1", { fileMarkdown: markdown.replace("## 1", "## 9") }, ["plan-unreadable"]],
    ["no plan in it", { data: { ...data, plan: null }, given: undefined }, ["plan-unreadable"]],
    ["another hash", { given: "0123456789ab" }, ["content-mismatch"]],
    ["a hash that is too short", { given: hash.slice(0, 11) }, ["content-mismatch"]],
    ["an empty hash", { given: "" }, ["content-mismatch"]],
    ["refused parts", { data: gated("blocked-by-disagreement"), given: undefined }, ["plan-gate-closed"]],
    ["no result of the check", { data: gated("aborted-non-result"), given: undefined }, ["plan-gate-closed"]],
    ["no check", { data: { ...data, planBodyVerification: null }, given: undefined }, ["plan-gate-closed"]],
    ["an open question", { clarifications: [item] }, ["clarifications-open"]],
    [
      "an answered question that no run took in",
      { clarifications: [{ ...resolved, status: "answered" }] },
      ["clarifications-open"],
    ],
    ["a question that only the report knows", { clarifications: [] }, ["clarifications-open"]],
    ["several at once", { clarifications: [item], given: "x" }, ["content-mismatch", "clarifications-open"]],
  ])("%s", (_name, change, wanted) => {
    expect(reasons(change)).toEqual(wanted);
    for (const problem of approvalProblems({ ...facts, ...change })) expect(problem.remedy).not.toBe("");
  });
  test("a question that blocks something else does not block approval", () => {
    expect(reasons({ clarifications: [{ ...item, blocks: "next-phase" }] })).toEqual([]);
  });
});

describe("not to be built", () => {
  test.each<[string, Partial<ApprovalFacts>, string]>([
    ["no record", { record: null }, "plan-not-approved"],
    ["a rejection", { record: { ...record, decision: "rejected" } }, "plan-not-approved"],
    ["a record of another content", { record: { ...record, content: "0".repeat(64) } }, "plan-changed"],
    ["a task that remembers another content", { given: "0".repeat(64) }, "plan-changed"],
    ["another name under the approval, in data and Markdown alike", { dataText: `${dataText} ` }, "plan-changed"],
    [
      "Markdown rendered from such data",
      { fileMarkdown: `${markdown}x`, freshMarkdown: `${markdown}x` },
      "plan-changed",
    ],
    ["data that changed since", { data: { ...data, summary: "other" } }, "plan-changed"],
    ["a question raised since", { clarifications: [resolved, { ...item, id: "C-002" }] }, "clarifications-open"],
  ])("%s", (_name, change, wanted) => expect(reasons(change, use)).toEqual([wanted]));
});

test("where nobody approved yet, what an approval would be refused for comes first", () => {
  const never = { record: null, clarifications: [item] };
  expect(reasons(never, use)).toEqual(["clarifications-open", "plan-not-approved"]);
});

test("messages name the line, the items and the commands", () => {
  const [edited] = approvalProblems({ ...facts, fileMarkdown: markdown.replace("none", "no one") });
  expect(edited?.message).toContain("line 5");
  const [open] = approvalProblems({ ...facts, clarifications: [item] });
  expect(open).toMatchObject({
    message: expect.stringContaining("C-001 (open)"),
    remedy: expect.stringContaining(`okstra answer ${data.taskKey} C-001`),
  });
  const [unapproved] = approvalProblems({ ...use, record: null });
  expect(unapproved?.remedy).toContain(`okstra approve ${data.taskKey} --content ${shortContent(hash)}`);
});

test("a plan that was sent back is not built, also once the reason was taken in", () => {
  const of = (run: string): Clarification => ({
    ...resolved,
    question: sentBackQuestion(run, record.time),
    raisedIn: run,
  });
  expect(reasons({ clarifications: [of(data.run)] }, use)).toEqual(["plan-not-approved"]);
  expect(reasons({ clarifications: [of(`${data.run}9`)] }, use)).toEqual([]);
  // Whoever only repeats it in a question of another run sent nothing back.
  expect(reasons({ clarifications: [{ ...of(data.run), raisedIn: "r" }] }, use)).toEqual([]);
});
