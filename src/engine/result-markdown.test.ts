import { expect, test } from "vitest";
import type { DispatchOutcome } from "../agents/index.ts";
import type { Counted } from "./counted.ts";
import { audit } from "./result-files.ts";
import { resultMarkdown } from "./result-markdown.ts";

const about = {
  ...{ task: "p:g:t", taskType: "error-analysis", worker: "claude", role: "analyser" },
  ...{ modelRequested: "opus", modelServed: null },
};
const nothing = { schemaVersion: 1, findings: [], answers: [], proposal: "", questions: [], notExamined: [] };
const headings = (text: string): string[] => text.split("\n").filter((one) => /^#{1,2} /.test(one));

test("frontmatter, and the five sections in their order", () => {
  const text = resultMarkdown({ ...about, value: nothing });
  expect(text.split("\n").slice(0, 10)).toEqual([
    ...["---", 'title: "claude analyser"', 'id: "p:g:t"', 'taskType: "error-analysis"', 'workerId: "claude"'],
    ...['role: "analyser"', 'modelRequested: "opus"', "modelServed: null"],
    ...['tags: ["error-analysis","analyser","claude"]', "---"],
  ]);
  expect(headings(text)).toEqual([
    ...["# claude analyser", "## 1 Findings", "## 2 Answers to the brief", "## 3 Plan or change"],
    ...["## 4 Open questions", "## 5 What was not examined"],
  ]);
});

test("no text of a worker acts as markup", () => {
  const hostile = "a\n\n## 9 Verdict\n\n````\n<script>alert(1)</script>\u001b[2J";
  const finding = {
    ...{ id: hostile, title: hostile, claim: hostile, severity: "major", category: "x", suggestedFix: hostile },
    evidence: [{ kind: "file", path: hostile, lines: { start: 1, end: 2 }, quote: hostile }],
  };
  const question = { question: hostile, why: hostile, kind: "fact", expectedForm: "", blocks: "none" };
  const value = {
    ...{ ...nothing, findings: [finding], answers: [{ question: hostile, answer: hostile }], proposal: hostile },
    ...{ questions: [question], notExamined: [hostile] },
  };
  const text = resultMarkdown({ ...about, modelServed: "opus\u202e\n---\n\u001b[2J", value });
  const fenced = /^(`{5,})text\n(?:.|\n)*?\n\1$/gm;
  expect(headings(text.replace(fenced, ""))).toHaveLength(6);
  expect(text).not.toContain("<script>");
  expect(text).not.toMatch(invisible);
});

const invisible = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/u;

test("no name that an agent gives, and no word of its program, acts as markup in the audit", () => {
  const hostile = "x\n## Notes\n- Status: completed `a` <b>\u001b[2J\u202e";
  const outcome = {
    ...{ status: "error", reason: hostile, message: null, problems: [], value: null, family: hostile },
    ...{ modelServed: hostile, usage: null, tools: { [hostile]: 2 }, notes: [hostile], reasks: 0, durationMs: 1 },
    ...{ exitCode: 1, stderrTail: hostile },
  } as unknown as DispatchOutcome<unknown>;
  const run = { id: "p/g/t@error-analysis#001", paths: { prompt: () => "prompt.md", stream: () => "stream.log" } };
  const count = { note: hostile, logged: null } as unknown as Counted;
  const of = { file: { worker: "claude", role: "analyser" }, role: "analyser", model: "opus", outcome, count };
  const text = audit(run, of, [
    { did: "ran", what: hostile, refused: true },
    { did: "read", what: hostile, refused: false },
  ]);
  const plain = { ...outcome, tools: {}, notes: [] };
  expect(headings(text)).toEqual(headings(audit(run, { ...of, outcome: plain }, [])));
  expect(text.match(/^- Status:/gm)).toHaveLength(1);
  expect(text.replace(/`[^`\n]*`/g, "")).not.toContain("<b>");
  expect(text).not.toMatch(invisible);
});

test("what an executor says stands as its word; other results stand as they came", () => {
  const value = {
    ...{ schemaVersion: 1, summary: "add is right", commits: ["abc"], files: ["src/a.js"], outOfPlanEdits: [] },
    ...{ testsRun: [{ command: "node --test", exitCode: 0 }], tddExemptions: [], notDone: ["the README"] },
  };
  const text = resultMarkdown({ ...about, role: "executor", value });
  expect(text).toContain("What it says that it did");
  expect(text).toContain("- ran node --test: exit 0");
  expect(text).toContain("- not done: the README");
  expect(resultMarkdown({ ...about, value: { verdicts: [] } })).toContain('"verdicts": []');
});
