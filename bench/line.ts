/** A line of the table: what was measured beside what, what was wanted, and whether that was met. */
export type Unit = "ms" | "MiB" | "/s" | "us" | "";

/** Something to compare with. `quoted`: not measured here but taken over from where the targets were set. */
export type Other = { readonly what: string; readonly value: number; readonly quoted?: boolean };

/** `ratio`: ours to the floor, pair by pair; `over`: ours less the floor; `ours`: the number itself. */
export type Target = { readonly of: "ratio" | "over" | "ours"; readonly is: "most" | "least"; readonly limit: number };

export type Line = {
  /** The name by which the row is run alone. */
  readonly row: string;
  readonly what: string;
  readonly unit: Unit;
  readonly floor: Other | null;
  readonly peers: readonly Other[];
  /** Null: not built. */
  readonly ours: number | null;
  readonly ratio: number | null;
  readonly target: Target | null;
  readonly note: string;
};

export type Verdict = "met" | "missed" | "not built" | "no target";

/** A line with its parts filled in that most do not need. */
export const line = (given: Partial<Line> & Pick<Line, "row" | "what" | "unit" | "ours">): Line => ({
  floor: null,
  peers: [],
  ratio: null,
  target: null,
  note: "",
  ...given,
});

export const most = (limit: number, of: Target["of"] = "ours"): Target => ({ of, is: "most", limit });
export const least = (limit: number, of: Target["of"] = "ours"): Target => ({ of, is: "least", limit });
export const quoted = (what: string, value: number): Other => ({ what, value, quoted: true });

/** The number that the target speaks of; undefined where it was not measured. */
function seen({ ours, floor, ratio, target }: Line): number | undefined {
  if (ours === null || target === null) return undefined;
  if (target.of === "ratio") return ratio ?? undefined;
  return target.of === "ours" ? ours : floor === null ? undefined : ours - floor.value;
}

/** Whether the target is met, and by how much (of the limit) it is missed. */
export function judge(line: Line): { verdict: Verdict; missedBy: number | null } {
  if (line.ours === null) return { verdict: "not built", missedBy: null };
  const value = seen(line);
  if (line.target === null || value === undefined) return { verdict: "no target", missedBy: null };
  const { is, limit } = line.target;
  if (is === "most" ? value <= limit : value >= limit) return { verdict: "met", missedBy: null };
  return { verdict: "missed", missedBy: Math.abs(value - limit) };
}
