/** The gate of the budget (lifecycle.md, Gates): whether what the next dispatch is projected at fits what is left. Looks only. */
import type { GateFacts } from "../lifecycle/index.ts";
import { Fault, type TaskKey, type TaskType, take } from "../model/index.ts";
import { leftOf, lookAtBudget, plainAmount, type Standing } from "../usage/index.ts";
import { checkSettings } from "./settings-files.ts";
import type { World } from "./world.ts";

type Ask = { readonly projectRoot: string; readonly key: TaskKey; readonly next: TaskType };

/** The tightest limit. Null where none is set, or the settings cannot be read, which other commands say. */
export async function budgetGate(world: World, { projectRoot, key, next }: Ask): Promise<GateFacts["budget"]> {
  const limits = await limitsOf(world, projectRoot);
  if (limits === undefined) return null;
  const role = next === "implementation" ? "executor" : next === "release-handoff" ? "report-writer" : "analyser";
  const who = { role, agent: null, model: null, priced: true };
  const place = { host: world.host, home: world.home, key };
  const { standings, projection } = take(await lookAtBudget(place, { run: null, who, limits }));
  const room = ({ unit, ...rest }: Standing): number => leftOf({ unit, ...rest }) / (projection[unit] ?? 1);
  const tightest = standings.toSorted((a, b) => room(a) - room(b))[0];
  if (tightest === undefined) return null;
  const { scope, unit, used, held } = tightest;
  const projected = projection[unit] ?? 0;
  const rounded = (value: number): number => Number(plainAmount(unit, value));
  return {
    scope,
    unit,
    left: rounded(leftOf(tightest)),
    projected: rounded(projected),
    enough: rounded(used + held + projected),
  };
}

async function limitsOf(world: World, projectRoot: string) {
  try {
    return (await checkSettings(world, projectRoot)).settings.budgets;
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined;
    throw thrown;
  }
}
