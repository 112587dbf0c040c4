/**
 * The scheduler for large maps: which stage is next, and what a completed one sets free. The graph is laid out once in typed
 * arrays (edges of each stage side by side); completing a stage costs its out-degree and no more. Expects a map that passed S2 to
 * S5, and says so when it did not: a wrong schedule would be worse than none.
 */
import type { Stage } from "./stage-map.schema.ts";

type Node = Pick<Stage, "stageNumber" | "dependsOn">;

export type Schedule = {
  /** The lowest ready stage, which is then no longer offered; undefined when none is ready. */
  readonly next: () => number | undefined;
  /** Marks a stage done. Returns the stages that became ready by it, ascending; they are offered by `next` too. */
  readonly complete: (stage: number) => number[];
  /** Stages that are not done yet. */
  readonly remaining: () => number;
};

/** Builds the schedule of stages 1..N in any order; `done` are those that need no run any more. */
export function schedule(stages: readonly Node[], done: Iterable<number> = []): Schedule {
  const size = stages.length;
  const { starts, edges, waits } = layOut(stages);
  const state = new Uint8Array(size + 1);
  const heap = new Heap(size);
  let remaining = size;
  const finish = (stage: number): number[] => {
    if (!Number.isInteger(stage) || stage < 1 || stage > size)
      throw new Error(`there is no stage ${stage} in a map of ${size}`);
    if (state[stage] === finished) return [];
    state[stage] = finished;
    remaining--;
    const freed: number[] = [];
    const end = starts[stage + 1] ?? 0;
    for (let edge = starts[stage] ?? 0; edge < end; edge++) {
      const other = edges[edge] ?? 0;
      const left = (waits[other] ?? 0) - 1;
      waits[other] = left;
      if (left === 0 && state[other] === open) freed.push(other);
    }
    return freed;
  };
  for (const stage of done) finish(stage);
  for (let stage = 1; stage <= size; stage++) if (waits[stage] === 0 && state[stage] === open) heap.push(stage);
  return {
    next: () => {
      for (let stage = heap.pop(); stage !== undefined; stage = heap.pop()) {
        if (state[stage] !== open) continue;
        state[stage] = offered;
        return stage;
      }
      return undefined;
    },
    complete: (stage) => {
      const freed = finish(stage);
      for (const other of freed) heap.push(other);
      return freed;
    },
    remaining: () => remaining,
  };
}

const open = 0;
const offered = 1;
const finished = 2;

type Layout = {
  /** `edges[starts[n] .. starts[n + 1]]` are the stages that wait for stage n, ascending. */
  readonly starts: Int32Array;
  readonly edges: Int32Array;
  /** How many edges each stage still waits for; a dependency named twice is two edges, which are freed together. */
  readonly waits: Int32Array;
};

function layOut(stages: readonly Node[]): Layout {
  const size = stages.length;
  const needs = inOrder(stages);
  const starts = new Int32Array(size + 2);
  const waits = new Int32Array(size + 1);
  for (let stage = 1; stage <= size; stage++) {
    for (const needed of needs[stage] ?? []) {
      if (!(needed >= 1 && needed < stage))
        throw new Error(`stage ${stage} depends on ${needed}, which is not an earlier stage`);
      starts[needed + 1] = (starts[needed + 1] ?? 0) + 1;
      waits[stage] = (waits[stage] ?? 0) + 1;
    }
  }
  for (let stage = 1; stage <= size + 1; stage++) starts[stage] = (starts[stage] ?? 0) + (starts[stage - 1] ?? 0);
  const edges = new Int32Array(starts[size + 1] ?? 0);
  const cursor = starts.slice();
  for (let stage = 1; stage <= size; stage++) {
    for (const needed of needs[stage] ?? []) {
      const at = cursor[needed] ?? 0;
      edges[at] = stage;
      cursor[needed] = at + 1;
    }
  }
  return { starts, edges, waits };
}

/** What each stage depends on, by its number. */
function inOrder(stages: readonly Node[]): (readonly number[])[] {
  const found = new Array<readonly number[]>(stages.length + 1);
  for (const { stageNumber, dependsOn } of stages) {
    if (!(stageNumber >= 1 && stageNumber <= stages.length) || found[stageNumber] !== undefined) {
      throw new Error(`stages are not numbered 1 to ${stages.length}`);
    }
    found[stageNumber] = dependsOn;
  }
  return found;
}

/** The smallest of a set of numbers, each put in at most once. */
class Heap {
  readonly #items: Int32Array;
  #size = 0;

  constructor(capacity: number) {
    this.#items = new Int32Array(capacity);
  }

  push(item: number): void {
    let at = this.#size++;
    for (let parent = (at - 1) >> 1; at > 0 && this.#at(parent) > item; parent = (at - 1) >> 1) {
      this.#items[at] = this.#at(parent);
      at = parent;
    }
    this.#items[at] = item;
  }

  pop(): number | undefined {
    if (this.#size === 0) return undefined;
    const top = this.#at(0);
    const item = this.#at(--this.#size);
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#at(child + 1) < this.#at(child)) child++;
      if (this.#at(child) >= item) break;
      this.#items[at] = this.#at(child);
      at = child;
    }
    this.#items[at] = item;
    return top;
  }

  #at(index: number): number {
    return this.#items[index] ?? 0;
  }
}
