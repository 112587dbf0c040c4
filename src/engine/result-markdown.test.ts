import { expect, test } from "vitest";
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
  const text = resultMarkdown({ ...about, value });
  const fenced = /^(`{5,})text\n(?:.|\n)*?\n\1$/gm;
  expect(headings(text.replace(fenced, ""))).toHaveLength(6);
  expect(text).not.toContain("<script>");
  expect(text).not.toContain("\u001b");
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
