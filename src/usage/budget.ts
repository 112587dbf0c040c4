/**
 * What is left of the budgets, and what a dispatch may take of it. Pure. What must stay true: a dispatch starts only when its
 * projection fits every limit beside all that is used and reserved; so runs that start at the same time cannot pass together.
 */
import type { TokenUse } from "../model/index.ts";
import type { BudgetRow } from "./budget.schema.ts";

/** USD and tokens for a run, a task and a UTC day; null is no limit. As in the settings. */
export type Limits = {
  readonly runUsd: number | null;
  readonly taskUsd: number | null;
  readonly dayUsd: number | null;
  readonly runTokens: number | null;
  readonly taskTokens: number | null;
  readonly dayTokens: number | null;
};

export type Unit = "usd" | "tokens";
const units: readonly Unit[] = ["usd", "tokens"];
const scopes = ["run", "task", "day"] as const;
export type Scope = (typeof scopes)[number];

/** What a dispatch is expected to use. `usd` is null for a model without a price. */
export type Projection = {
  readonly usd: number | null;
  readonly tokens: number;
  /** How many past dispatches it is the mean of; 0: the default of its role. */
  readonly from: number;
};

/** One limit and how it stands. `held`: reserved by dispatches under way. */
export type Standing = {
  readonly scope: Scope;
  readonly unit: Unit;
  readonly limit: number;
  readonly used: number;
  readonly held: number;
};

/** Agent and model null: whoever it will be. */
export type Who = {
  readonly role: string;
  readonly agent: string | null;
  readonly model: string | null;
  /** Whether what it costs in USD will be known. */
  readonly priced: boolean;
};

/** Where nothing like it was ever dispatched. */
const roleDefaults: Readonly<Record<string, { readonly usd: number; readonly tokens: number }>> = {
  analyser: { usd: 1.5, tokens: 300_000 },
  verifier: { usd: 1.5, tokens: 300_000 },
  executor: { usd: 4, tokens: 1_000_000 },
  critic: { usd: 1, tokens: 200_000 },
  "report-writer": { usd: 1, tokens: 150_000 },
  assistant: { usd: 0.3, tokens: 50_000 },
};
const otherDefault = { usd: 1, tokens: 200_000 };

/** So many past dispatches are looked at. */
const memory = 20;

/** The last row of each id. */
function latest(rows: readonly BudgetRow[]): BudgetRow[] {
  const found = new Map<string, BudgetRow>();
  // A row settled twice (by a run that was resumed) is the same row; a reservation never follows its settlement.
  for (const row of rows) if (row.state !== "reserved" || !found.has(row.id)) found.set(row.id, row);
  return [...found.values()];
}

/** The mean of the newest dispatches of the same role, agent and model, else the default of the role. */
export function projectionOf(rows: readonly BudgetRow[], { role, agent, model, priced }: Who): Projection {
  const alike = latest(rows)
    .filter((row) => row.state === "settled" && !row.projected)
    .filter((row) => row.role === role && (agent ?? row.agent) === row.agent && (model ?? row.model) === row.model)
    .slice(-memory);
  const fallback = roleDefaults[role] ?? otherDefault;
  if (alike.length === 0) return { usd: priced ? fallback.usd : null, tokens: fallback.tokens, from: 0 };
  const costs = alike.flatMap((row) => (row.usd === null ? [] : [row.usd]));
  const usd = costs.length > 0 ? mean(costs) : fallback.usd;
  return { usd: priced ? usd : null, tokens: Math.ceil(mean(alike.map((row) => row.tokens))), from: alike.length };
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

export type Place = { readonly run: string | null; readonly task: string; readonly day: string };

/** Every limit that is set, and how it stands. `alive`: whether a reservation still counts. `run` null: a run that is not there yet. */
export function standingsOf(
  rows: readonly BudgetRow[],
  of: { readonly limits: Limits; readonly place: Place; readonly alive: (row: BudgetRow) => boolean },
): Standing[] {
  const { limits, place, alive } = of;
  const counted = latest(rows).filter((row) => row.state === "settled" || (row.state === "reserved" && alive(row)));
  return scopes.flatMap((scope) => {
    const inScope = counted.filter((row) => row[scope] === place[scope]);
    return units.flatMap((unit) => {
      const limit = limits[unit === "usd" ? (`${scope}Usd` as const) : (`${scope}Tokens` as const)];
      if (limit === null) return [];
      const sum = (state: BudgetRow["state"]): number =>
        inScope.reduce((total, row) => total + (row.state === state ? (row[unit] ?? 0) : 0), 0);
      return [{ scope, unit, limit, used: sum("settled"), held: sum("reserved") }];
    });
  });
}

/** Floating point: a hundredth of a cent is nothing. */
const nothing = 1e-4;

export const leftOf = ({ limit, used, held }: Standing): number => Math.max(0, limit - used - held);

/** The limit that the projection fits least, if it fits one not at all. */
export function shortageOf(standings: readonly Standing[], projection: Projection): Standing | undefined {
  const lacking = (standing: Standing): number => (projection[standing.unit] ?? 0) - leftOf(standing);
  return standings
    .filter((standing) => projection[standing.unit] !== null && lacking(standing) > nothing)
    .sort((a, b) => lacking(b) / b.limit - lacking(a) / a.limit)[0];
}

/** What a dispatch may use before it is stopped: all that the others leave. Null is no limit. */
export function allowanceOf(standings: readonly Standing[]): Readonly<Record<Unit, number | null>> {
  const least = (unit: Unit): number | null => {
    const left = standings.filter((standing) => standing.unit === unit).map(leftOf);
    return left.length === 0 ? null : Math.min(...left);
  };
  return { usd: least("usd"), tokens: least("tokens") };
}

export const tokensOf = (use: TokenUse): number =>
  use.input + use.cachedInput + use.cacheWrite + use.output + use.reasoning;

/** The unit in which the use is over the allowance, if it is. */
export function overIn(allowance: Readonly<Record<Unit, number | null>>, use: TokenUse): Unit | undefined {
  const used = { usd: use.costUsd, tokens: tokensOf(use) };
  return units.find((unit) => {
    const [most, now] = [allowance[unit], used[unit]];
    return most !== null && now !== null && now > most + nothing;
  });
}

/** Limits of which 80 or 95 per cent are used. */
export function warningsOf(standings: readonly Standing[]): string[] {
  return standings.flatMap(({ scope, unit, limit, used }) => {
    const part = limit === 0 ? 0 : used / limit;
    const mark = part >= 0.95 ? 95 : part >= 0.8 ? 80 : null;
    return mark === null ? [] : [`${mark} % of the ${scope}'s ${amount(unit, limit)} are used`];
  });
}

/** For people: `$1.50`, `300000 tokens`. Money is rounded up, so that what is asked for is enough. */
export function amount(unit: Unit, value: number): string {
  return unit === "usd" ? `$${cents(value)}` : `${Math.ceil(value)} tokens`;
}

/** As a flag or setting takes it. */
export const plainAmount = (unit: Unit, value: number): string =>
  unit === "usd" ? cents(value) : `${Math.ceil(value)}`;

function cents(value: number): string {
  const text = (Math.ceil(value * 100 - 1e-6) / 100).toFixed(2);
  return text.replace(/\.00$/, "");
}
