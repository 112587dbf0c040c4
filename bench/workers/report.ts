/** A report's data file read and checked, its Markdown and HTML written. Given the folder. */
import { readFileSync, writeFileSync } from "node:fs";
import { checkReportErrorAnalysis } from "../../src/generated/report.check.js";
import { parseJson } from "../../src/model/index.ts";
import { renderHtml, renderMarkdown } from "../../src/report/index.ts";

const folder = process.argv[2] ?? "";
const path = `${folder}/report.json`;
const report = parseJson(checkReportErrorAnalysis, readFileSync(path, "utf8"), "report", path);
writeFileSync(`${folder}/report.md`, renderMarkdown(report));
writeFileSync(`${folder}/report.html`, renderHtml(report));
