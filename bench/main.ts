/**
 * `npm run bench`: measures every row and writes bench/results.json; `npm run bench -- lock report`: rows whose name begins so.
 * `--large` adds what takes minutes; `--readme` measures nothing and writes the table into README.md. Each row is measured beside
 * its floor and its peers, interleaved, in the same run.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freshen } from "../scripts/fresh.ts";
import { type Bench, openBench, type Row, root } from "./bench.ts";
import { judge, type Line, line, most } from "./line.ts";
import { load, lookAtMachine, type Machine } from "./machine.ts";
import { startAgent, workerDone } from "./rows/agents.ts";
import { convergence } from "./rows/convergence.ts";
import { history } from "./rows/history.ts";
import { durableLocks, locks } from "./rows/locks.ts";
import { prepares } from "./rows/prepare.ts";
import { reads } from "./rows/read.ts";
import { report } from "./rows/report.ts";
import { schedules } from "./rows/schedule.ts";
import { start } from "./rows/start.ts";
import { verification } from "./rows/verification.ts";
import { manyWorktrees, races, worktrees } from "./rows/worktree.ts";
import { machineLine, table } from "./table.ts";

const notBuilt: Row = {
  name: "usage",
  measure: async () =>
    ["1 GB of Claude logs, cold", "the same again, nothing new", "100 MB of Codex logs"].map((what, at) =>
      line({
        row: "usage",
        what: `token usage: ${what}`,
        unit: "ms",
        ours: null,
        target: most([600, 40, 75][at] ?? 0),
      }),
    ),
};
const rows = [
  ...[start, reads, worktrees, manyWorktrees, races, prepares, locks, durableLocks, schedules, workerDone, startAgent],
  ...[report, history, convergence, verification, notBuilt],
];

/** bench/results.json. A row run alone replaces its own lines; each says when, and how busy the machine was. */
type Results = {
  readonly schemaVersion: 1;
  readonly machine: Machine;
  readonly lines: readonly (Line & ReturnType<typeof judge> & { readonly measuredAt: string; readonly load: number })[];
};

const file = join(root, "bench/results.json");
const page = join(root, "README.md");
const options = process.argv.slice(2);
const names = options.filter((option) => !option.startsWith("--"));

// Most rows are about okstra, not about a disk.
if (existsSync("/dev/shm")) process.env["TMPDIR"] = "/dev/shm";
if (options.includes("--readme")) writeTable();
else await measure(rows.filter(({ name }) => names.length === 0 || names.some((wanted) => name.startsWith(wanted))));

async function measure(chosen: readonly Row[]): Promise<void> {
  if (chosen.length === 0) throw new Error(`no such row; there are ${rows.map(({ name }) => name).join(", ")}`);
  freshen();
  await using bench = await openBench(options.includes("--large"));
  const machine = lookAtMachine(bench.folder, bench.disk);
  const busy = load();
  console.log(machineLine(machine, busy));
  if (busy > 1) console.log("WARNING: the machine is busy; trust ratios at most");
  const found: Results["lines"][number][] = [];
  for (const row of chosen) found.push(...(await measured(bench, row)));
  console.log(`\n${table(found)}`);
  const missed = found.filter(({ verdict }) => verdict === "missed").length;
  console.log(`\n${found.length} lines, ${missed} targets missed`);
  const kept = (read()?.lines ?? []).filter((old) => !chosen.some(({ name }) => name === old.row));
  const lines = rows.flatMap(({ name }) => [...kept, ...found].filter((one) => one.row === name));
  writeFileSync(file, `${JSON.stringify({ schemaVersion: 1, machine, lines } satisfies Results, null, 2)}\n`);
}

async function measured(bench: Bench, row: Row): Promise<Results["lines"][number][]> {
  process.stderr.write(`${row.name} ...\n`);
  const [measuredAt, busy] = [new Date().toISOString(), load()];
  return (await row.measure(bench)).map((one) => ({ ...one, ...judge(one), measuredAt, load: busy }));
}

function read(): Results | undefined {
  if (!existsSync(file)) return undefined;
  const found = JSON.parse(readFileSync(file, "utf8")) as Results;
  return found.schemaVersion === 1 ? found : undefined;
}

function writeTable(): void {
  const found = read();
  if (found === undefined) throw new Error("nothing was measured yet: npm run bench");
  const loads = found.lines.map((one) => one.load);
  const [begin, end] = ["<!-- table -->\n", "<!-- end of table -->\n"];
  const text = readFileSync(page, "utf8");
  const [before, after] = [text.slice(0, text.indexOf(begin)), text.slice(text.indexOf(end))];
  const body = `${machineLine(found.machine, Math.max(...loads))}\n\n${table(found.lines)}\n`;
  writeFileSync(page, `${before}${begin}\n${body}\n${after}`);
}
