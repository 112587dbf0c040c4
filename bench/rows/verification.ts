/** The simulation of cross-verification; writes the tables of its page. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Row, root } from "../bench.ts";
import { line, most } from "../line.ts";
import { pageOf, simulate } from "../verification/simulate.ts";

const tasks = 100;
const page = join(root, "docs/verification-simulation.md");
const [begin, end] = ["<!-- tables -->\n", "<!-- end of tables -->\n"];

export const verification: Row = {
  name: "verification",
  measure: async () => {
    const begun = performance.now();
    const tables = pageOf(simulate(tasks), tasks);
    const ms = performance.now() - begun;
    const text = readFileSync(page, "utf8");
    const [before, after] = [text.slice(0, text.indexOf(begin)), text.slice(text.indexOf(end))];
    writeFileSync(page, `${before}${begin}\n${tables}\n\n${after}`);
    console.log(`\n${tables}\n`);
    return [
      line({
        row: "verification",
        what: "simulation of verification rules (no measurement of any model)",
        unit: "ms",
        ours: ms,
        target: most(30_000),
        note: "tables in docs/verification-simulation.md",
      }),
    ];
  },
};
