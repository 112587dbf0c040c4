/** A report of 500 items from its data to Markdown and HTML, as a whole process; the page of 5,000 items in a browser. */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { groupFindings } from "../../src/convergence/index.ts";
import { renderHtml } from "../../src/report/index.ts";
import type { Report } from "../../src/report/report.schema.ts";
import { reports } from "../../test/fixtures/report/index.ts";
import { noBrowser, openBrowser } from "../../test/rig/browser.ts";
import type { Row } from "../bench.ts";
import { findings } from "../findings.ts";
import { type Line, line, most, quoted } from "../line.ts";
import { median } from "../numbers.ts";
import { besideNode } from "../programs.ts";

export const report: Row = {
  name: "report",
  async measure(bench) {
    const folder = join(bench.folder, "report");
    mkdirSync(folder);
    writeFileSync(join(folder, "report.json"), JSON.stringify(large(500)));
    const command = [process.execPath, bench.script("report"), folder] as const;
    await bench.time({ command });
    const size = (name: string): string => `${Math.round(statSync(join(folder, name)).size / 1024)} KiB`;
    const rendered = await besideNode(bench, [
      {
        row: "report",
        what: "report of 500 items, data to Markdown and HTML",
        order: { command },
        peers: [quoted("rendering alone: nunjucks", 6), quoted("eta", 1.3)],
        target: most(1.3, "ratio"),
        note: `${size("report.json")} to ${size("report.md")} and ${size("report.html")}`,
      },
    ]);
    return [...rendered, await pageOfMany(folder)];
  },
};

const many = 5_000;

/** From the call for the page until its filter has answered: a browser that is there already, a new page each time. */
async function pageOfMany(folder: string): Promise<Line> {
  const planned = {
    row: "report",
    what: `page of ${many} items in Chromium, opened and filtered`,
    unit: "ms" as const,
  };
  const target = most(2_000);
  if (noBrowser !== "") return line({ ...planned, ours: null, target, note: "no Chromium is here" });
  const file = join(folder, "many.html");
  writeFileSync(file, renderHtml(large(many)));
  await using browser = await openBrowser();
  const seen: number[] = [];
  for (let at = 0; at < 5; at += 1) {
    const began = performance.now();
    await using opened = await browser.open(file);
    // By selector: to look a role up takes the driver longer than the page takes.
    await opened.page.locator("input[type=search]").fill(`No ${many - 1}`);
    await opened.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    seen.push(performance.now() - began);
  }
  return line({ ...planned, ours: median(seen), target, note: `${Math.round(statSync(file).size / 1024)} KiB` });
}

function large(count: number): Report {
  const template = reports["error-analysis"];
  if (template === undefined) throw new Error("there is no such fixture");
  // Findings that have nothing in common, so that each finding is an item.
  const apart = findings(count).map((stated, at) => ({
    ...stated,
    finding: { ...stated.finding, title: `No ${at}`, claim: words(at) },
  }));
  const items = groupFindings(apart);
  if (items.length !== count) throw new Error(`${items.length} items`);
  const evidence = items.map(({ id, members: [member] }) => ({
    item: id,
    worker: member?.worker ?? "",
    checked: member?.evidence[0],
  }));
  return { ...template, items, evidence, dissent: [] } as Report;
}

const words = (at: number): string => Array.from({ length: 12 }, (_, word) => `w${at}x${word}`).join(" ");
