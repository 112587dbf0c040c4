import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { planning } from "../../../test/fixtures/report/index.ts";
import type { Stage } from "../../stages/stage-map.schema.ts";
import { renderHtml } from "../index.ts";
import { mostNodes, stageGraph } from "./stage-graph.ts";

test("the policy of the page allows its own style sheet and script, and nothing else", () => {
  const page = renderHtml(planning);
  const hash = (name: string): string => {
    const [own, more] = [...page.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, "g"))];
    expect(more).toBeUndefined();
    return `'sha256-${createHash("sha256")
      .update(own?.[1] ?? "")
      .digest("base64")}'`;
  };
  expect(page).toContain(
    `content="default-src 'none'; style-src ${hash("style")}; script-src ${hash("script")}; base-uri 'none'; form-action 'none'"`,
  );
  expect(page).not.toMatch(/ style=|<script |<link|https?:|url\((?!#)| on[a-z]+="/);
});

test("every entry of the index leads somewhere", () => {
  const page = renderHtml(planning);
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(targets).toHaveLength(26);
  for (const id of targets) expect(page.split(`id="${id}"`)).toHaveLength(2);
});

const nodes = fc
  .array(fc.record({ title: fc.string(), dependsOn: fc.array(fc.integer({ min: -1, max: 14 }), { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((all) => all.map((node, at) => ({ ...node, number: at + 1 })));

test("any map is drawn: each stage once, no two boxes in one place, edges downwards only", () => {
  fc.assert(
    fc.property(nodes, (all) => {
      const { markup } = stageGraph({ nodes: all, anchor: "s" });
      const boxes = [...markup.matchAll(/<rect x="([\d.]+)" y="([\d.]+)"/g)].map(
        ([, x, y]) => [Number(x), Number(y)] as const,
      );
      expect(boxes).toHaveLength(all.length);
      for (const [x, y] of boxes) {
        expect(boxes.filter(([otherX, otherY]) => otherY === y && Math.abs(otherX - x) < 190)).toHaveLength(1);
      }
      const edges = [...markup.matchAll(/<path d="M[\d.]+ ([\d.]+)C.* ([\d.]+)" marker/g)];
      for (const [, from, to] of edges) expect(Number(to)).toBeGreaterThan(Number(from));
      expect(stageGraph({ nodes: all, anchor: "s" }).markup).toBe(markup);
    }),
  );
});

test("a chain is drawn from top to bottom with an edge for each dependency", () => {
  const chain = [1, 2, 3].map((number) => ({ number, title: "", dependsOn: number === 1 ? [] : [number - 1] }));
  const { markup } = stageGraph({ nodes: chain, anchor: "s" });
  expect([...markup.matchAll(/<rect x="([\d.]+)" y="([\d.]+)"/g)].map(([, x, y]) => [x, y])).toEqual([
    ["14", "14"],
    ["14", "118"],
    ["14", "222"],
  ]);
  expect(markup.match(/marker-end/g)).toHaveLength(2);
});

test("a very large map is told, not drawn", () => {
  const plan = planning.plan;
  const first = plan?.stageMap.stages[0] as Stage;
  if (plan === null) throw new Error("the fixture has no plan");
  const stages = Array.from({ length: mostNodes + 1 }, (_, at) => ({ ...first, stageNumber: at + 1 }));
  const page = renderHtml({ ...planning, plan: { ...plan, stageMap: { stages } } });
  expect(page).toContain("A graph of 201 stages is not drawn");
  expect(page).not.toContain('<svg class="graph"');
});
