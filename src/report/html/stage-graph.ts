/**
 * The Stage Map as a picture: a row for each depth, an edge from a stage to each that waits for it, each stage a link to its section.
 * Deterministic, and total: a map that breaks the rules (cycles, unknown stages) is drawn as far as it makes sense.
 */
import type { Graph, GraphNode } from "../document.ts";
import { shortened } from "../visible.ts";
import { type Html, html } from "./escape.ts";

const size = { width: 190, height: 48, across: 26, down: 56, margin: 14 };
/** More than this helps nobody, and the table has it all. */
export const mostNodes = 200;

type Placed = { readonly node: GraphNode; readonly row: number; readonly x: number; readonly y: number };

export function stageGraph({ nodes, anchor }: Pick<Graph, "nodes" | "anchor">): Html {
  const placed = place(nodes);
  const edges = [...placed.values()].flatMap((child) =>
    child.node.dependsOn.flatMap((number) => {
      const parent = placed.get(number);
      return parent === undefined || parent.row >= child.row ? [] : [edge(parent, child)];
    }),
  );
  const all = [...placed.values()];
  const width = Math.max(...all.map(({ x }) => x + size.width)) + size.margin;
  const height = Math.max(...all.map(({ y }) => y + size.height)) + size.margin;
  return html`<svg class="graph" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>
<g class="edges">${edges}</g>
<g class="nodes">${all.map((one) => box(one, anchor))}</g>
</svg>`;
}

/** Rows by depth, centred; inside a row by where the parents stand, then by number. */
function place(nodes: readonly GraphNode[]): Map<number, Placed> {
  const depth = depths(nodes);
  const rows = Array.from({ length: 1 + Math.max(0, ...depth.values()) }, (_, row) =>
    nodes.filter((node) => depth.get(node.number) === row),
  );
  const widest = Math.max(1, ...rows.map((row) => row.length));
  const column = new Map<number, number>();
  const placed = new Map<number, Placed>();
  for (const [row, members] of rows.entries()) {
    const ordered = [...members].sort((a, b) => wish(a, column) - wish(b, column) || a.number - b.number);
    for (const [at, node] of ordered.entries()) {
      const center = at + (widest - members.length) / 2;
      column.set(node.number, center);
      const x = size.margin + center * (size.width + size.across);
      placed.set(node.number, { node, row, x, y: size.margin + row * (size.height + size.down) });
    }
  }
  return placed;
}

function wish(node: GraphNode, column: ReadonlyMap<number, number>): number {
  const parents = node.dependsOn.flatMap((number) => column.get(number) ?? []);
  return parents.length === 0 ? 0 : parents.reduce((sum, at) => sum + at, 0) / parents.length;
}

/** Longest way from a stage without dependencies. Stages on a cycle come below all others. */
function depths(nodes: readonly GraphNode[]): Map<number, number> {
  const known = new Set(nodes.map(({ number }) => number));
  const depth = new Map<number, number>();
  let waiting = [...nodes];
  for (let row = 0; waiting.length > 0; row++) {
    const free = waiting.filter(({ dependsOn }) =>
      dependsOn.every((number) => !known.has(number) || depth.has(number)),
    );
    const next = free.length > 0 ? free : waiting;
    for (const { number } of next) depth.set(number, row);
    waiting = waiting.filter(({ number }) => !depth.has(number));
  }
  return depth;
}

/** Straight down to the next row; past other rows beside the boxes, so that no box hides the line. */
function edge(from: Placed, to: Placed): Html {
  const [x1, y1, x2, y2] = [from.x + size.width / 2, from.y + size.height, to.x + size.width / 2, to.y];
  const aside = to.row - from.row > 1 ? size.width * 0.75 : 0;
  const bend = (y2 - y1) / 2;
  return html`<path d="M${x1} ${y1}C${x1 + aside} ${y1 + bend} ${x2 + aside} ${y2 - bend} ${x2} ${y2}" marker-end="url(#arrow)"/>`;
}

const box = (
  { node, x, y }: Placed,
  anchor: string,
): Html => html`<a href="#${anchor}-${node.number}"><title>${node.number} ${node.title}</title>
<rect x="${x}" y="${y}" width="${size.width}" height="${size.height}" rx="6"/>
<text x="${x + 10}" y="${y + 20}" class="number">${node.number}</text>
<text x="${x + 10}" y="${y + 38}">${fitted(node.title)}</text></a>`;

/** About 25 narrow or 13 wide characters fit into a box. */
function fitted(title: string): string {
  const wide = [...title].some((letter) => (letter.codePointAt(0) ?? 0) > 0x1100);
  return shortened(title, wide ? 13 : 25);
}
