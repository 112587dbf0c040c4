/** A map of many stages, each with up to three dependencies, scheduled to its end in three ways. */
import { schedule } from "../../src/stages/index.ts";
import { chance, interleave } from "../numbers.ts";

export type ScheduleAsk = { readonly stages: number; readonly rounds: number; readonly rescan: boolean };
/** Milliseconds. `draining`: ours without the layout. */
export type Scheduled = {
  readonly floor: readonly number[];
  readonly ours: readonly number[];
  readonly draining: readonly number[];
  readonly rescan: number | null;
};

type Stage = { readonly stageNumber: number; readonly dependsOn: number[] };

const ask = JSON.parse(process.argv[2] ?? "") as ScheduleAsk;
const stages = mapOf(ask.stages);
const draining: number[] = [];
const found = await interleave(ask.rounds, { floor: () => timed(plain), ours });
const rescan = ask.rescan ? timed(rescanned) : null;
process.stdout.write(JSON.stringify({ ...found, draining, rescan } satisfies Scheduled));

function mapOf(size: number): Stage[] {
  const random = chance(7);
  return Array.from({ length: size }, (_, at) => {
    const wanted = at === 0 ? 0 : Math.floor(random() * 4);
    const dependsOn = Array.from({ length: wanted }, () => 1 + Math.floor(random() * at));
    return { stageNumber: at + 1, dependsOn: [...new Set(dependsOn)] };
  });
}

function timed(body: () => number): number {
  const begun = performance.now();
  const done = body();
  const ms = performance.now() - begun;
  if (done !== ask.stages) throw new Error(`${done} of ${ask.stages} stages were done`);
  return ms;
}

function ours(): number {
  return timed(() => {
    const all = schedule(stages);
    const begun = performance.now();
    let done = 0;
    for (let stage = all.next(); stage !== undefined; stage = all.next()) {
      all.complete(stage);
      done += 1;
    }
    draining.push(performance.now() - begun);
    return done;
  });
}

/** The floor: counts and edges in typed arrays, first freed first done; no checks, no order. */
function plain(): number {
  const size = stages.length;
  const starts = new Int32Array(size + 2);
  const waits = new Int32Array(size + 1);
  for (const { stageNumber, dependsOn } of stages) {
    waits[stageNumber] = dependsOn.length;
    for (const needed of dependsOn) starts[needed + 1] = (starts[needed + 1] ?? 0) + 1;
  }
  for (let at = 1; at <= size + 1; at += 1) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
  const edges = new Int32Array(starts[size + 1] ?? 0);
  const cursor = starts.slice();
  for (const { stageNumber, dependsOn } of stages) {
    for (const needed of dependsOn) {
      const at = cursor[needed] ?? 0;
      edges[at] = stageNumber;
      cursor[needed] = at + 1;
    }
  }
  const queue = new Int32Array(size);
  let last = 0;
  for (let stage = 1; stage <= size; stage += 1) if (waits[stage] === 0) queue[last++] = stage;
  let done = 0;
  for (; done < last; done += 1) {
    const stage = queue[done] ?? 0;
    for (let edge = starts[stage] ?? 0; edge < (starts[stage + 1] ?? 0); edge += 1) {
      const other = edges[edge] ?? 0;
      waits[other] = (waits[other] ?? 0) - 1;
      if (waits[other] === 0) queue[last++] = other;
    }
  }
  return done;
}

/** What one would write first: look through the whole list for the lowest ready stage each time. */
function rescanned(): number {
  const done = new Set<number>();
  for (;;) {
    const next = stages.find((one) => !done.has(one.stageNumber) && one.dependsOn.every((needed) => done.has(needed)));
    if (next === undefined) return done.size;
    done.add(next.stageNumber);
  }
}
