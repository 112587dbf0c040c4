/** Items of a run that a person let pass in an earlier one that asked the same. */
import type { Item } from "../convergence/convergence.schema.ts";
import { sameAs } from "../convergence/index.ts";
import { take } from "../model/index.ts";
import { readOverrides } from "../registry/index.ts";
import type { Override } from "../registry/registry.schema.ts";
import { fact, type Run } from "./run.ts";
import { questionOf } from "./verified-range.ts";
import { isWeakening } from "./weakened.ts";

/** What persons let pass in this task, as it stood when the run first asked. */
export const overridesOf = (run: Run): Promise<readonly Override[]> =>
  fact(run, "overrides", async () => take(await readOverrides(run.world.host, run.place)));

/** By the id of the item. The same however often the run is resumed. */
export async function overriddenItems(run: Run, items: readonly Item[]): Promise<ReadonlyMap<string, Override>> {
  const asked = questionOf(run.manifest);
  const own = (await overridesOf(run)).filter((row) => row.item.types.includes(asked) && !isWeakening(row));
  const matches = sameAs(
    own.map(({ item }) => item),
    items,
  );
  return new Map(
    [...matches].flatMap(([id, known]) => {
      const row = own.find(({ item }) => item === known);
      return row === undefined ? [] : [[id, row] as const];
    }),
  );
}

/** How a report says it. */
export const overrideText = (items: readonly Item[], overridden: ReadonlyMap<string, Override>): string[] =>
  items.flatMap(({ id, title, severity }) => {
    const row = overridden.get(id);
    return row === undefined
      ? []
      : [`${id} (${severity}): ${title}: overridden by ${row.who} at ${row.time}: ${row.reason}`];
  });
