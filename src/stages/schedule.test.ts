import fc from "fast-check";
import { expect, test } from "vitest";
import { schedule } from "./schedule.ts";

type Node = { stageNumber: number; dependsOn: number[] };

const maps = fc.array(fc.array(fc.nat(1_000), { maxLength: 4 }), { maxLength: 30 }).chain((needs) => {
  const nodes = needs.map(
    (all, at): Node => ({ stageNumber: at + 1, dependsOn: at === 0 ? [] : all.map((n) => (n % at) + 1) }),
  );
  return fc.shuffledSubarray(nodes, { minLength: nodes.length });
});

const readyIn = (nodes: readonly Node[], done: ReadonlySet<number>): number[] =>
  nodes
    .filter((node) => !done.has(node.stageNumber) && node.dependsOn.every((other) => done.has(other)))
    .map((node) => node.stageNumber)
    .sort((a, b) => a - b);

test("equals a model that looks at the whole list after each completion", () => {
  fc.assert(
    fc.property(
      maps,
      fc.infiniteStream(fc.nat(1_000)),
      fc.array(fc.nat(1_000), { maxLength: 5 }),
      (nodes, picks, before) => {
        const done = new Set(nodes.length === 0 ? [] : before.map((n) => (n % nodes.length) + 1));
        const made = schedule(nodes, done);
        const offered = new Set<number>();
        while (done.size < nodes.length) {
          const waiting = readyIn(nodes, done).filter((stage) => !offered.has(stage));
          const isNext = waiting.length > 0 && (offered.size === 0 || (picks.next().value ?? 0) % 2 === 0);
          if (isNext) {
            expect(made.next()).toBe(waiting[0]);
            offered.add(waiting[0] ?? 0);
            continue;
          }
          const running = [...offered].filter((stage) => !done.has(stage));
          const stage = running[(picks.next().value ?? 0) % running.length] ?? 0;
          const ready = new Set(readyIn(nodes, done));
          done.add(stage);
          expect(made.complete(stage)).toEqual(readyIn(nodes, done).filter((other) => !ready.has(other)));
          expect(made.complete(stage)).toEqual([]);
          offered.delete(stage);
          expect(made.remaining()).toBe(nodes.length - done.size);
        }
        expect(made.next()).toBeUndefined();
      },
    ),
  );
});

test("a stage completed out of turn is never offered", () => {
  const made = schedule([
    { stageNumber: 1, dependsOn: [] },
    { stageNumber: 2, dependsOn: [1] },
    { stageNumber: 3, dependsOn: [2] },
  ]);
  expect(made.complete(2)).toEqual([3]);
  expect(made.complete(1)).toEqual([]);
  expect([made.next(), made.next(), made.remaining()]).toEqual([3, undefined, 1]);
});

test("a hundred thousand stages in one chain, and all side by side", () => {
  const size = 100_000;
  const chain = schedule(
    Array.from({ length: size }, (_, at) => ({ stageNumber: at + 1, dependsOn: at === 0 ? [] : [at] })),
  );
  const flat = schedule(Array.from({ length: size }, (_, at) => ({ stageNumber: size - at, dependsOn: [] })));
  for (const made of [chain, flat]) {
    let last = 0;
    for (let stage = made.next(); stage !== undefined; stage = made.next()) {
      if (stage !== last + 1) throw new Error(`stage ${stage} came after ${last}`);
      last = stage;
      made.complete(stage);
    }
    expect(last).toBe(size);
  }
});

test.each<[string, Node[]]>([
  ["a gap", [{ stageNumber: 2, dependsOn: [] }]],
  [
    "a repeat",
    [
      { stageNumber: 1, dependsOn: [] },
      { stageNumber: 1, dependsOn: [] },
    ],
  ],
  [
    "a later dependency",
    [
      { stageNumber: 1, dependsOn: [2] },
      { stageNumber: 2, dependsOn: [] },
    ],
  ],
  ["itself", [{ stageNumber: 1, dependsOn: [1] }]],
  ["stage 0", [{ stageNumber: 1, dependsOn: [0] }]],
])("refuses a map that S2 to S5 would refuse: %s", (_name, nodes) => {
  expect(() => schedule(nodes)).toThrow(/stage/);
});

test("completing a stage that is not there is a bug", () => {
  expect(() => schedule([]).complete(1)).toThrow("there is no stage 1");
});
