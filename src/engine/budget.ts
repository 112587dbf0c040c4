/**
 * Budgets around each dispatch (usage.md): what it is projected at must fit what is left, and is reserved; while it works it may use
 * all that others leave, no more; then what it used is settled. A dispatch that does not fit, or went over, ends the run as
 * `budget-exceeded`; `okstra resume` goes on with it once there is more.
 */
import { type Driver, driverFor } from "../agents/index.ts";
import type { RunManifest, WorkerSpec } from "../lifecycle/task.schema.ts";
import { type Fault, fault, shellWord, type TokenUse, take } from "../model/index.ts";
import {
  amount,
  type BudgetPlace,
  hasPrice,
  type Limits,
  leftOf,
  lookAtBudget,
  overIn,
  type Projection,
  plainAmount,
  pricedAtLeast,
  reserve,
  type Standing,
  settle,
  shortageOf,
  taskRows,
  tokensOf,
  type Unit,
  type Who,
  warningsOf,
} from "../usage/index.ts";
import { placedOf } from "./prepare/roster.ts";
import { type OpenRun, progress, type Run } from "./run.ts";
import type { ProjectPlace, World } from "./world.ts";

/** What a person gave with --budget-usd and --budget-tokens; null where nothing. */
export type GivenBudget = NonNullable<RunManifest["invocation"]["budget"]>;

/** The fact that holds what a person gave when the run was resumed. */
export const budgetFact = "budget";

/** The limits of a run: those of the settings, the run's own as a person gave it last. */
function limitsOf({ project, manifest, memory }: Pick<OpenRun, "project" | "manifest" | "memory">): Limits {
  const later = memory.facts.get(budgetFact) as GivenBudget | undefined;
  return limitsWith(limitsWith(project.settings.budgets, manifest.invocation.budget), later);
}

export function limitsWith(limits: Limits, given: GivenBudget | undefined): Limits {
  return {
    ...limits,
    runUsd: given?.usd ?? limits.runUsd,
    runTokens: given?.tokens ?? limits.runTokens,
  };
}

/** What a reserved dispatch may do, and what follows it. */
export type Spending = {
  /** Why the agent must stop now, or undefined. */
  readonly over: (use: TokenUse) => string | undefined;
  /** For agents that keep a limit themselves. */
  readonly usd: number | null;
  /** Puts what was used into the ledger; where that is not known, what it was at least. */
  readonly settle: (use: TokenUse | null, atLeast: TokenUse | null) => Promise<void>;
};

type Asked = { readonly spec: WorkerSpec; readonly name: string; readonly mark: string };

/** Throws `budget-exceeded` when the projection does not fit, or when nothing bounds a model that has no price. */
export async function spend(run: Run, { spec, name, mark }: Asked): Promise<Spending> {
  const limits = limitsOf(run);
  const who = whoOf(run.project, spec);
  requireBound(run, spec, { who, limits });
  const place = budgetPlaceOf(run);
  const reserved = take(await reserve(place, { id: mark, run: run.id, worker: spec.worker, who, limits }));
  if (!reserved.granted) throw tooLittle(run, name, reserved);
  const { allowance, row } = reserved;
  const price = { model: spec.model, own: run.project.settings.prices };
  return {
    over: (use) => {
      const unit = overIn(allowance, pricedAtLeast(use, price) ?? use);
      const most = unit === undefined ? null : allowance[unit];
      return unit === undefined || most === null
        ? undefined
        : `it used more than the ${amount(unit, most)} that were left`;
    },
    usd: who.priced ? allowance.usd : null,
    settle: async (use, atLeast) => {
      const standings = take(await settle(place, row, { use, atLeast: pricedAtLeast(atLeast, price), limits }));
      const beyond = use === null ? undefined : overshot(allowance, use);
      if (beyond !== undefined) await progress(run, "budget", `${name} ${beyond}${whyBeyond(run.project, spec)}`);
      for (const text of warningsOf(standings)) await progress(run, "budget", text);
    },
  };
}

function overshot(allowance: Readonly<Record<Unit, number | null>>, use: TokenUse): string | undefined {
  const unit = overIn(allowance, use);
  const most = unit === undefined ? null : allowance[unit];
  if (unit === undefined || most === null) return undefined;
  const used = unit === "usd" ? (use.costUsd ?? 0) : tokensOf(use);
  return `used ${amount(unit, used)}, more than the ${amount(unit, most)} that were left`;
}

function whyBeyond(project: ProjectPlace, spec: WorkerSpec): string {
  const { agent } = placedOf(project, spec);
  return mayOvershoot(take(driverFor(agent))) ? `: ${agent} says what it used only when a turn is over` : "";
}

/** Whether it can be stopped only between two turns: it does not say in between what it used, and keeps no limit in money. */
export const mayOvershoot = ({ abilities: { usage, limits } }: Driver): boolean =>
  usage !== "while it works" && !limits.includes("usd");

/** A resumed run's dispatches that were done but not settled when it was killed. */
export async function settleEarlier(run: OpenRun): Promise<void> {
  const done = [...run.memory.done.values()];
  if (done.length === 0) return;
  const place = budgetPlaceOf(run);
  const rows = take(await taskRows(place)).filter((row) => row.run === run.id);
  const settled = new Set(rows.filter((row) => row.state === "settled").map((row) => row.id));
  for (const { name, usage, logged = null } of done) {
    const mark = run.memory.intended.get(name)?.at(-1)?.mark;
    const row = rows.find((one) => one.id === mark);
    if (row === undefined || settled.has(row.id)) continue;
    const price = { model: row.model, own: run.project.settings.prices };
    const atLeast = pricedAtLeast(usage ?? logged, price);
    take(await settle(place, row, { use: usage, atLeast, limits: limitsOf(run) }));
  }
}

/** Called once a group of dispatches is over and looked at: when one was stopped for its budget, the run ends the same way. */
export async function stopIfOver(run: OpenRun): Promise<void> {
  const over = [...run.memory.done.values()].filter(({ cause }) => cause === "budget");
  const [first] = over;
  if (first === undefined) return;
  const { name, reason } = first;
  // Who ended it by its own limit says so in its own words.
  const said = reason?.replace(/^budget: (?:was stopped: )?/, "");
  const why = said === undefined ? " for its budget" : ` because ${said}`;
  const spec = run.manifest.roster.find(({ worker }) => worker === run.memory.intended.get(name)?.at(-1)?.worker);
  const shortage = spec === undefined ? undefined : await shortageNow(run, spec);
  const remedy = `Its work is kept. ${shortage === undefined ? goOn(run) : remedyFor(run, shortage)}`;
  throw fault("budget-exceeded", `${name} was stopped${why}`, remedy, {
    askAgain: over.map((one) => one.name),
  });
}

async function shortageNow(run: OpenRun, spec: WorkerSpec): Promise<Need | undefined> {
  const ask = { run: run.id, who: whoOf(run.project, spec), limits: limitsOf(run) };
  const { standings, projection } = take(await lookAtBudget(budgetPlaceOf(run), ask));
  const shortage = shortageOf(standings, projection);
  if (shortage === undefined) return undefined;
  const { scope, unit, used, held } = shortage;
  return { scope, unit, enough: plainAmount(unit, used + held + (projection[unit] ?? 0)) };
}

const goOn = (run: OpenRun): string => `Go on with okstra resume ${shellWord(run.id)}`;

type TooLittle = { readonly shortage: Standing; readonly projection: Projection };

function tooLittle(run: OpenRun, name: string, { shortage, projection }: TooLittle): Fault {
  const { scope, unit, limit, used, held } = shortage;
  const wanted = projection[unit] ?? 0;
  const parts = [
    `${amount(unit, used)} are used`,
    ...(held === 0 ? [] : [`${amount(unit, held)} held by agents at work`]),
  ];
  const source = projection.from === 0 ? "the default of its role" : `the mean of its last ${projection.from}`;
  const message = `${name} is projected at ${amount(unit, wanted)} (${source}), and ${amount(unit, leftOf(shortage))} are left of the ${scope}'s ${amount(unit, limit)}: ${parts.join(", ")}`;
  const enough = plainAmount(unit, used + held + wanted);
  return fault("budget-exceeded", message, remedyFor(run, { scope, unit, enough }), {
    scope,
    unit,
    limit,
    used,
    held,
    projected: wanted,
    askAgain: [],
  });
}

type Need = { readonly scope: Standing["scope"]; readonly unit: Unit; readonly enough: string };

function remedyFor(run: OpenRun, { scope, unit, enough }: Need): string {
  const again = `okstra resume ${shellWord(run.id)}`;
  if (scope === "run") return `Give the run more, then it goes on: ${again} --budget-${unit} ${enough}`;
  const key = `budgets.${scope}${unit === "usd" ? "Usd" : "Tokens"}`;
  const wait = scope === "day" ? ", or wait for the next day (UTC)" : "";
  return `Set ${key} to ${enough} or more in .okstra/project.json${wait}; then: ${again}`;
}

/** A model without a price counts in tokens alone, so a limit in USD would bound nothing. */
function requireBound(run: OpenRun, spec: WorkerSpec, { who, limits }: { who: Who; limits: Limits }): void {
  const { runUsd, taskUsd, dayUsd, runTokens, taskTokens, dayTokens } = limits;
  const isSet = (...values: readonly (number | null)[]): boolean => values.some((value) => value !== null);
  if (who.priced || !isSet(runUsd, taskUsd, dayUsd) || isSet(runTokens, taskTokens, dayTokens)) return;
  throw fault(
    "budget-exceeded",
    `${spec.worker} works with ${spec.model}, which has no price, and the budgets are in USD alone: nothing would bound it`,
    `Set a budget in tokens: okstra resume ${shellWord(run.id)} --budget-tokens 5000000; or give the model's price in the settings (prices)`,
    { worker: spec.worker, model: spec.model, askAgain: [] },
  );
}

function whoOf(project: ProjectPlace, spec: WorkerSpec): Who {
  const { agent } = placedOf(project, spec);
  const { role, model } = spec;
  const priced = take(driverFor(agent)).abilities.cost === "given" || hasPrice(model, project.settings.prices);
  return { role, agent, model, priced };
}

const budgetPlaceOf = ({ world, ref }: Pick<OpenRun, "world" | "ref">): BudgetPlace => ({
  host: world.host,
  home: world.home,
  key: ref.key,
});

/** How the limits of a new run stand before its first dispatch. */
export const foreseen = async (
  world: World,
  project: ProjectPlace,
  of: { readonly key: BudgetPlace["key"]; readonly spec: WorkerSpec; readonly limits: Limits },
) =>
  take(
    await lookAtBudget(
      { host: world.host, home: world.home, key: of.key },
      { run: null, who: whoOf(project, of.spec), limits: of.limits },
    ),
  );
