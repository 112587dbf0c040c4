import { expect, test } from "vitest";
import { implementation, planning, planningKo, reports } from "../../test/fixtures/report/index.ts";
import { assertGolden } from "../../test/golden.ts";
import * as checks from "../generated/report.check.js";
import { contentHash, shortContent } from "../lifecycle/index.ts";
import { parse } from "../model/index.ts";
import { checkStageMap } from "../stages/index.ts";
import { renderHtml, renderMarkdown, summaryLines } from "./index.ts";
import { catalogues } from "./labels/labels.ts";
import type { Report } from "./report.schema.ts";

const checkOf = {
  "requirements-discovery": checks.checkReportRequirementsDiscovery,
  "improvement-discovery": checks.checkReportImprovementDiscovery,
  "error-analysis": checks.checkReportErrorAnalysis,
  "implementation-planning": checks.checkReportImplementationPlanning,
  implementation: checks.checkReportImplementation,
  "final-verification": checks.checkReportFinalVerification,
  "release-handoff": checks.checkReportReleaseHandoff,
};

test.each(Object.entries(reports))("%s as Markdown, as a page and in the terminal", (name, report) => {
  parse<Report>(checkOf[report.taskType], report, "report", name);
  assertGolden(`report/${name}.md`, renderMarkdown(report));
  assertGolden(`report/${name}.html`, withoutOwn(renderHtml(report)));
  assertGolden(`report/${name}.txt`, `${summaryLines(report).join("\n")}\n`);
});

/** Style and script are the same on every page. */
const withoutOwn = (page: string): string =>
  page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, "<$1></$1>").replace(/'sha256-[^']*'/g, "'sha256-...'");

test("where the report is, in its language", () => {
  expect(summaryLines(planning, "/a/b.md").at(-1)).toBe("Report: /a/b.md");
  expect(summaryLines(planningKo, "/a/b.md").at(-1)).toBe("보고서: /a/b.md");
});

test.each(Object.entries(reports))("%s needs 5 to 12 lines in the terminal", (_, report) => {
  expect(summaryLines(report).length).toBeGreaterThanOrEqual(5);
  expect(summaryLines(report).length).toBeLessThanOrEqual(12);
});

test.each([
  ["English", planning],
  ["Korean", planningKo],
])("a rendered plan in %s has the headings that the stage rules look for", (_, report) => {
  expect(checkStageMap(report.plan?.stageMap, { markdown: renderMarkdown(report) })).toEqual([]);
});

test("a rendered plan has its ten heading keywords in every language", () => {
  const keywords =
    "Requirements|Option Candidates|Trade-off|Recommended Option|Dependency|Validation Checklist|Rollback|Requirement Coverage|Stage Map|Plan Body Verification";
  for (const report of [planning, planningKo]) {
    const headings = renderMarkdown(report).match(/^##.*$/gm) ?? [];
    for (const keyword of keywords.split("|")) expect(headings.some((line) => line.includes(keyword))).toBe(true);
  }
});

test("the Korean catalogue is whole and has words of its own; headings begin with the English keyword", () => {
  const { en, ko } = catalogues;
  const leaves = (value: unknown, path: string): (readonly [string, unknown])[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, `${path}.${name}`))
      : [[path, value]];
  const korean = new Map(leaves(ko, ""));
  expect([...korean.keys()].sort()).toEqual(
    leaves(en, "")
      .map(([path]) => path)
      .sort(),
  );
  const same = leaves(en, "").flatMap(([path, word]) =>
    typeof word === "string" && korean.get(path) === word ? [path] : [],
  );
  expect(same).toEqual([".fields.okstra", ".values.nothing"]);
  for (const [path, word] of korean) expect(word, path).not.toBe("");
  const english = renderMarkdown(planning).match(/^##.*$/gm) ?? [];
  const translated = renderMarkdown(planningKo).match(/^##.*$/gm) ?? [];
  for (const [at, heading] of english.entries()) {
    const keyword = heading.replace(/ \\\[.*$/, "");
    expect(translated[at]?.startsWith(keyword), `${translated[at]} for ${heading}`).toBe(true);
  }
});

/** Sentences are of models and of the engine's facts; what is left are the words of the catalogue, ids, names and paths. */
const withoutSentences = (report: Report): Report =>
  JSON.parse(JSON.stringify({ ...report, language: "ko" }), (key, value: unknown) =>
    typeof value === "string" && /\s/.test(value) && !value.startsWith("skipped: ") && key !== "nextStep"
      ? "문장"
      : value,
  ) as Report;

const wordsOf = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(wordsOf)
      : [];

test("no status, role, class or unit stands in English in a Korean report", () => {
  const { units, nothing: _, ...values } = catalogues.en.values;
  const english = new Set(wordsOf(values).filter((word) => word !== "report-writer" && /^[a-zA-Z-]{3,}/.test(word)));
  for (const unit of Object.values(units)) english.add(`1${unit}`);
  expect(english.size).toBeGreaterThan(80);
  for (const [name, report] of Object.entries(reports)) {
    const visible = renderMarkdown(withoutSentences(report))
      .replace(/^---\n[\s\S]*?\n---\n/, "")
      .replace(/^#.*$/gm, "")
      .replace(/^\s*- \[.*$/gm, "")
      .replace(/```[\s\S]*?```|`[^`]*`|(?:error-analysis|implementation-planning)\b/g, "")
      .replace(/\\(?=[^\w\s])/g, "")
      .replace(/\d+(?= (?:ms|s|min|h)\b)/g, "1");
    const found = [...english].filter((word) =>
      new RegExp(`(?<![\\w./-])${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w./-])`).test(visible),
    );
    expect(found, name).toEqual([]);
  }
});

test("usage that nobody knows is called unknown, never 0", () => {
  const unknown = {
    ...planning.usage.all,
    inputTokens: 0,
    outputTokens: 0,
    cachedInputTokens: 0,
    totalTokens: 0,
    unknown: 2,
  };
  const report = {
    ...planning,
    usage: { all: unknown, byWorker: [{ workerId: "w", role: "analyser", usage: unknown }] },
  };
  const rows = renderMarkdown(report).match(/^\| (w|workers|all) .*$/gm) ?? [];
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row).not.toContain("0");
  expect(summaryLines(report).join("\n")).toContain("unknown tokens (2 dispatches of unknown size), cost unknown");
});

test("of a plan that was sent back stands who sent it back and why, beside the verdict, and no way to approve it", () => {
  const sentBack = {
    ...{ who: "Ada <ada@example.test>", via: "cli", time: "2026-01-02T03:04:05.678Z", content: "" },
    note: "Keep *the* interface",
  };
  const report = { ...planning, sentBack };
  const text = renderMarkdown(report);
  expect(renderMarkdown(planning)).toContain("okstra approve");
  expect(text).not.toContain("okstra approve");
  expect(text).toContain("approved: false\nsent-back: true\n");
  const said = "by Ada &lt;ada@example.test&gt; at 2026-01-02 03:04:05 UTC: Keep *the* interface";
  expect(renderHtml(report)).toContain(`<dd>${said}</dd>`);
  expect(text).toMatch(/\*\*Verdict:\*\* .*\n- \*\*Sent back:\*\* by Ada/);
  expect(text).toContain(
    "- **Next step:** `okstra run --task-key shop/checkout/wrong-total --task-type implementation-",
  );
  expect(renderMarkdown({ ...planningKo, sentBack })).toContain("**반려:** Ada");
});

test("of a plan that only waits for its approval the next step is that, with the hash; decided, nothing is required", () => {
  const waiting = {
    ...planning,
    verdictCard: { ...planning.verdictCard, nextStep: "okstra approve shop/checkout/wrong-total" },
  };
  const exact = `okstra approve shop/checkout/wrong-total --content ${shortContent(contentHash(waiting))}`;
  const text = renderMarkdown(waiting);
  expect(text).toContain(`- **Next step:** \`${exact}\`\n`);
  expect(text).not.toContain("To approve");
  expect(text).toContain("**Approval required:** yes");
  expect(summaryLines(waiting).join("\n")).toContain(`Next: ${exact}`);
  // The hash is of what is kept, whatever language it is shown in.
  expect(summaryLines({ ...waiting, language: "ko" }).join("\n")).toContain(
    shortContent(contentHash({ ...waiting, language: "ko" })),
  );
  const mark = { who: "Ada", via: "cli", time: "2026-01-02T03:04:05.678Z", content: "", note: "" };
  expect(renderMarkdown({ ...waiting, approval: mark })).not.toContain("Approval required");
});

test("a command that comes next is one to copy, whoever's it is", () => {
  const report = reports["release-handoff"];
  if (report === undefined) throw new Error("no hand-off");
  for (const nextStep of ["okstra go a/b/c", "git push origin x", "gh pr create --title 'Add *x*' --body-file b.md"])
    expect(renderMarkdown({ ...report, verdictCard: { ...report.verdictCard, nextStep } })).toContain(
      `- **Next step:** \`${nextStep}\``,
    );
});

test("the log of a command is named from the task's folder", () => {
  const [first] = implementation.validation;
  if (first === undefined) throw new Error("no command");
  const log = "/home/ada/shop/.okstra/tasks/checkout/wrong-total/runs/implementation/stage-1/state/logs-001/a-1.log";
  const text = renderMarkdown({ ...implementation, validation: [{ ...first, log }] });
  expect(text).toContain("`runs/implementation/stage-1/state/logs-001/a-1.log`");
  expect(text).not.toContain("/home/ada");
});

test("the chart of tokens draws the counts that the table has, which are disjoint", () => {
  const counts = { inputTokens: 200, cacheWriteTokens: 100, cachedInputTokens: 600, outputTokens: 60 };
  const used = { ...planning.usage.all, ...counts, reasoningTokens: 40, totalTokens: 1_000, unknown: 0 };
  const usage = { all: used, byWorker: [{ workerId: "w", role: "analyser", usage: used }] };
  const page = renderHtml({ ...planning, usage });
  const [, bars = ""] = /Tokens by worker[\s\S]*?<svg[^>]*>(.*?)<\/svg>/.exec(page) ?? [];
  expect([...bars.matchAll(/class="(s\d)" x="(\d+)" y="0" width="(\d+)"/g)].map(([, ...bar]) => bar)).toEqual([
    ["s0", "0", "300"],
    ["s1", "300", "600"],
    ["s2", "900", "100"],
  ]);
});

test("scripted agents are called scripted everywhere", () => {
  expect(renderMarkdown(implementation)).toContain("The agents of this run were scripted");
  expect(renderMarkdown(implementation)).toContain("| claude | analyser | anthropic | scripted (opus -> opus-4-8) |");
  expect(renderHtml(implementation)).toContain("The agents of this run were scripted");
  expect(summaryLines(implementation).join("\n")).toContain("(scripted)");
  expect(renderMarkdown(planning)).not.toContain("scripted");
});
