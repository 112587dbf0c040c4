/** Whole programs beside `node -e 0`, which nothing written for Node can beat: time and memory. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, root } from "./bench.ts";
import { type Line, line, type Other, type Target } from "./line.ts";
import { interleave, median, ratioOf } from "./numbers.ts";
import type { Order } from "./workers/timer.ts";

export const nothing: Order["command"] = [process.execPath, "-e", "0"];

export type Program = {
  readonly row: string;
  readonly what: string;
  readonly order: Order;
  readonly target: Target | null;
  readonly peers?: readonly Other[];
  readonly note?: string;
};

/** A line for each program: its time against that of `node -e 0`. */
export async function besideNode(bench: Bench, programs: readonly Program[], rounds = 31): Promise<Line[]> {
  const ways = Object.fromEntries(programs.map(({ what, order }) => [what, () => bench.time(order)]));
  const env = programs[0]?.order.env;
  const found = await interleave(rounds, { floor: () => bench.time({ command: nothing, env }), ...ways });
  return programs.map(({ row, what, target, peers = [], note = "" }) => {
    const own = found[what as "floor"];
    const floor = { what: "node -e 0", value: median(found.floor) };
    const ratio = ratioOf(own, found.floor);
    return line({ row, what, unit: "ms", floor, peers, ours: median(own), ratio, target, note });
  });
}

/** The most memory the program had, in MiB: the median of some runs. */
export async function memoryOf(bench: Bench, order: Order): Promise<number> {
  const file = join(bench.folder, "memory");
  const env = {
    ...order.env,
    NODE_OPTIONS: `--require "${join(root, "bench/workers/memory.cjs")}"`,
    BENCH_MEMORY: file,
  };
  const seen: number[] = [];
  for (let at = 0; at < 9; at += 1) {
    await bench.time({ ...order, env });
    seen.push(Number(readFileSync(file, "utf8")));
  }
  return median(seen);
}
