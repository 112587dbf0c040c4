/** A report of 500 items from its data to Markdown and HTML, as a whole process. */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { groupFindings } from "../../src/convergence/index.ts";
import type { Report } from "../../src/report/report.schema.ts";
import { reports } from "../../test/fixtures/report/index.ts";
import type { Row } from "../bench.ts";
import { findings } from "../findings.ts";
import { most, quoted } from "../line.ts";
import { besideNode } from "../programs.ts";

export const report: Row = {
  name: "report",
  async measure(bench) {
    const folder = join(bench.folder, "report");
    mkdirSync(folder);
    writeFileSync(join(folder, "report.json"), JSON.stringify(large()));
    const command = [process.execPath, bench.script("report"), folder] as const;
    await bench.time({ command });
    const size = (name: string): string => `${Math.round(statSync(join(folder, name)).size / 1024)} KiB`;
    return await besideNode(bench, [
      {
        row: "report",
        what: "report of 500 items, data to Markdown and HTML",
        order: { command },
        peers: [quoted("rendering alone: nunjucks", 6), quoted("eta", 1.3)],
        target: most(1.3, "ratio"),
        note: `${size("report.json")} to ${size("report.md")} and ${size("report.html")}`,
      },
    ]);
  },
};

function large(): Report {
  const template = reports["error-analysis"];
  if (template === undefined) throw new Error("there is no such fixture");
  // Findings that have nothing in common, so that 500 items come of 500 findings.
  const apart = findings(500).map((stated, at) => ({
    ...stated,
    finding: { ...stated.finding, title: `No ${at}`, claim: words(at) },
  }));
  const items = groupFindings(apart);
  if (items.length !== 500) throw new Error(`${items.length} items`);
  const evidence = items.map(({ id, members: [member] }) => ({
    item: id,
    worker: member?.worker ?? "",
    checked: member?.evidence[0],
  }));
  return { ...template, items, evidence, dissent: [] } as Report;
}

const words = (at: number): string => Array.from({ length: 12 }, (_, word) => `w${at}x${word}`).join(" ");
