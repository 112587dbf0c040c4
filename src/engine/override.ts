/** A person lets a blocking item, or tests that were weakened, pass: it stays in the reports and blocks no more. */
import type { Item, KnownItem } from "../convergence/convergence.schema.ts";
import { knownAs } from "../convergence/index.ts";
import { fault, nearest, type RunRef, shellWord, take } from "../model/index.ts";
import { taskLock, withLock, writeOverride } from "../registry/index.ts";
import type { Override } from "../registry/registry.schema.ts";
import { type Decision, opened, personOf } from "./decide.ts";
import { isBlocking } from "./implementation/blocking.ts";
import { inspectRun } from "./inspect.ts";
import type { RunState } from "./run-state.ts";
import { questionOf } from "./verified-range.ts";
import { weakenedId, weakenedIn, weakenedItem } from "./weakened.ts";
import { nowOf, placeOf, type World } from "./world.ts";

export type Overriding = Decision & {
  /** Null: the task's newest run with items. */
  readonly run: RunRef | null;
  readonly item: string;
  readonly reason: string;
  readonly via: string;
};

export type Overridden = {
  readonly record: Override;
  readonly title: string;
  readonly taskType: string;
  /** `task`, or the stage that the run is of: `stage-2`. */
  readonly scope: string;
};

/** Throws `usage` where the run has no such item, or one that blocks nobody. */
export async function override(world: World, ask: Overriding): Promise<Overridden> {
  const { project } = await opened(world, ask, "okstra override");
  const place = placeOf(world, project.projectRoot, ask.key);
  return await withLock(world.host, taskLock(world.home, ask.key), `override ${ask.item}`, async () => {
    const { run, convergence } = await inspectRun(world, ask.cwd, { key: ask.key, run: ask.run });
    const { id, taskType, scope } = run.summary;
    const item =
      ask.item.toLowerCase() === weakenedId
        ? weakening(run)
        : knownAs(blockingItem(id, { taskType, items: convergence?.items ?? [] }, ask.item), {
            ...{ run: id, taskType: questionOf(run.manifest) },
          });
    const record: Override = {
      schemaVersion: 1,
      run: id,
      item,
      reason: ask.reason,
      who: await personOf(world, project),
      via: ask.via,
      time: nowOf(world),
    };
    take(await writeOverride(world.host, place, record));
    return { record, title: item.title, taskType, scope };
  });
}

/** What the run found weakened. Throws `usage` where it found nothing. */
function weakening({ summary, manifest, events }: RunState): KnownItem {
  const sentences = weakenedIn(events);
  if (sentences.length > 0) return weakenedItem(summary.id, manifest, sentences);
  const seen = `okstra report ${shellWord(summary.id)} says what blocks`;
  throw fault("usage", `${summary.id} found no test weakened`, seen, { run: summary.id, item: weakenedId });
}

type Of = { readonly taskType: string; readonly items: readonly Item[] };

function blockingItem(run: string, { taskType, items }: Of, wanted: string): Item {
  const seen = `okstra inspect ${shellWord(run)} lists its items`;
  const refused = (message: string, remedy: string) => fault("usage", message, remedy, { run, item: wanted });
  if (taskType !== "implementation" && taskType !== "final-verification")
    throw refused(`Nothing of ${run} blocks: items block a stage or a verification only`, seen);
  const item = items.find(({ id }) => id.toLowerCase() === wanted.toLowerCase());
  if (item === undefined) {
    const ids = items.map(({ id }) => id);
    const near = nearest(wanted.toUpperCase(), ids);
    throw refused(`${run} has no item ${wanted}${near === undefined ? "" : `; did you mean ${near}?`}`, seen);
  }
  if (isBlocking(item)) return item;
  throw refused(`${item.id} of ${run} blocks nothing: it is ${item.severity}, ${item.class}`, seen);
}
