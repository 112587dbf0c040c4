/**
 * The graph of a Stage Map, by position in `stages[]`, so that it can be asked about even while numbers repeat or edges lead
 * backwards. Nothing recurses: a map may be one chain of thousands of stages.
 */
import type { Stage } from "./stage-map.schema.ts";

export type Graph = {
  readonly numbers: readonly number[];
  /** Positions that each position depends on; names of stages that do not exist are left out. */
  readonly needs: readonly (readonly number[])[];
  /** Position of the first stage with this number. */
  readonly positions: ReadonlyMap<number, number>;
};

export function graphOf(stages: readonly Pick<Stage, "stageNumber" | "dependsOn">[]): Graph {
  const positions = new Map<number, number>();
  stages.forEach((stage, at) => {
    if (!positions.has(stage.stageNumber)) positions.set(stage.stageNumber, at);
  });
  const needs = stages.map((stage) => {
    const found = new Set<number>();
    for (const name of stage.dependsOn) {
      const at = positions.get(name);
      if (at !== undefined) found.add(at);
    }
    return [...found].sort((a, b) => a - b);
  });
  return { numbers: stages.map((stage) => stage.stageNumber), needs, positions };
}

/** Strongly connected components, each after all that it depends on (Tarjan, with the call stack as an array). */
function components(graph: Graph): number[][] {
  const size = graph.needs.length;
  const order = new Int32Array(size).fill(-1);
  const low = new Int32Array(size);
  const open = new Uint8Array(size);
  const cursor = new Int32Array(size);
  const stack: number[] = [];
  const found: number[][] = [];
  let count = 0;
  for (let root = 0; root < size; root++) {
    if (order[root] !== -1) continue;
    const path = [root];
    while (path.length > 0) {
      const at = path[path.length - 1] ?? 0;
      if (order[at] === -1) {
        order[at] = low[at] = count++;
        open[at] = 1;
        stack.push(at);
      }
      const next = graph.needs[at]?.[cursor[at] ?? 0];
      if (next === undefined) {
        path.pop();
        const parent = path[path.length - 1];
        if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[at] ?? 0);
        if (low[at] === order[at]) found.push(closeComponent(stack, open, at));
        continue;
      }
      cursor[at] = (cursor[at] ?? 0) + 1;
      if (order[next] === -1) path.push(next);
      else if (open[next] === 1) low[at] = Math.min(low[at] ?? 0, order[next] ?? 0);
    }
  }
  return found;
}

function closeComponent(stack: number[], open: Uint8Array, root: number): number[] {
  const members: number[] = [];
  for (;;) {
    const member = stack.pop();
    if (member === undefined) throw new Error("the component has no root");
    open[member] = 0;
    members.push(member);
    if (member === root) return members.sort((a, b) => a - b);
  }
}

/** One shortest cycle for each knot of stages that depend on each other, as stage numbers: `[2, 3, 2]`. */
export function cycles(graph: Graph): number[][] {
  const found: number[][] = [];
  for (const members of components(graph)) {
    const start = lowest(graph, members);
    const self = graph.needs[start]?.includes(start) === true;
    if (members.length > 1 || self)
      found.push(shortestCycle(graph, members, start).map((at) => graph.numbers[at] ?? 0));
  }
  return found.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

const lowest = (graph: Graph, members: readonly number[]): number =>
  members.reduce((best, at) => ((graph.numbers[at] ?? 0) < (graph.numbers[best] ?? 0) ? at : best));

function shortestCycle(graph: Graph, members: readonly number[], start: number): number[] {
  const inside = new Set(members);
  const from = new Map<number, number>();
  const queue = [start];
  for (let head = 0; head < queue.length; head++) {
    const at = queue[head] ?? start;
    for (const next of graph.needs[at] ?? []) {
      if (next === start) return [...pathTo(from, start, at), start];
      if (!inside.has(next) || from.has(next)) continue;
      from.set(next, at);
      queue.push(next);
    }
  }
  throw new Error("a component of more than one stage has no cycle");
}

function pathTo(from: ReadonlyMap<number, number>, start: number, end: number): number[] {
  const path = [end];
  for (let at = end; at !== start; ) {
    at = from.get(at) ?? start;
    path.unshift(at);
  }
  return path;
}

/** Says of two positions whether a path of dependencies leads from one to the other, either way: they never run together. */
export function ordered(graph: Graph): (a: number, b: number) => boolean {
  const size = graph.needs.length;
  const words = Math.ceil(size / 32);
  const reach = new Uint32Array(size * words);
  for (const members of components(graph)) {
    const first = members[0] ?? 0;
    for (const at of members) {
      mark(reach, first * words, at);
      for (const next of graph.needs[at] ?? []) {
        for (let word = 0; word < words; word++) {
          const into = first * words + word;
          reach[into] = (reach[into] ?? 0) | (reach[next * words + word] ?? 0);
        }
      }
    }
    for (const at of members) reach.copyWithin(at * words, first * words, (first + 1) * words);
  }
  const reaches = (from: number, to: number): boolean =>
    ((reach[from * words + (to >>> 5)] ?? 0) & (1 << (to & 31))) !== 0;
  return (a, b) => reaches(a, b) || reaches(b, a);
}

function mark(bits: Uint32Array, offset: number, at: number): void {
  const word = offset + (at >>> 5);
  bits[word] = (bits[word] ?? 0) | (1 << (at & 31));
}
