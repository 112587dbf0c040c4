/** A report's data file read and checked, its Markdown and HTML written. Given the folder. */
import { readFileSync, writeFileSync } from "node:fs";
import { checkReportErrorAnalysis } from "../../src/generated/report.check.js";
import { parseJson } from "../../src/model/index.ts";
import { render } from "../../src/report/index.ts";

const folder = process.argv[2] ?? "";
const path = `${folder}/report.json`;
const report = parseJson(checkReportErrorAnalysis, readFileSync(path, "utf8"), "report", path);
const { markdown, html } = render(report);
writeFileSync(`${folder}/report.md`, markdown);
writeFileSync(`${folder}/report.html`, html);
