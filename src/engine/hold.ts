/** A run's hold on its stage: proven before each write that others see, given back when the run ends. */
import { take } from "../model/index.ts";
import {
  appendLedger,
  changeRegistry,
  entryKey,
  mergeEntryKey,
  proveHolder,
  readLedger,
  setUnprovenAside,
  taskLock,
  withLock,
} from "../registry/index.ts";
import { holderOf } from "./prepare/holder.ts";
import type { OpenRun } from "./run.ts";
import { nowOf } from "./world.ts";

/** The entry that a stage's run holds: its tree, or the one in which its merge is settled. */
function holdName({ ref, manifest }: OpenRun, stage: number): string {
  return manifest.invocation.integrate === undefined ? entryKey(ref.key, stage) : mergeEntryKey(ref.key, stage);
}

/** Throws `lost-hold` when the stage was released or taken by another since. Runs outside implementation hold nothing. */
export async function requireHold(run: OpenRun): Promise<void> {
  if (run.ref.stage === null) return;
  take(
    await proveHolder(run.world.host, run.world.home, {
      key: run.ref.key,
      stage: run.ref.stage,
      nonce: run.manifest.nonce,
      name: holdName(run, run.ref.stage),
    }),
  );
}

/**
 * The process that resumes a run becomes its holder; the nonce stays. A cancelled run takes its stage back when nobody took it
 * since. Throws `lost-hold` else.
 */
export async function takeHold(run: OpenRun): Promise<void> {
  if (run.ref.stage === null) return;
  const { host, home } = run.world;
  const name = holdName(run, run.ref.stage);
  // Under the task lock, since a prepare that saw the stage free may be about to take it.
  await withLock(host, taskLock(home, run.ref.key), `hold ${name}`, async () => {
    take(
      await changeRegistry(host, home, `hold ${name}`, (registry) => {
        const entry = registry.entries[name];
        if (entry === undefined || entry.holder.nonce !== run.manifest.nonce) return undefined;
        const holder = holderOf(run.world, run.id, run.manifest.nonce);
        const changed = { ...entry, status: "active" as const, holder, updatedAt: nowOf(run.world) };
        return { ...registry, entries: { ...registry.entries, [name]: changed } };
      }),
    );
    await requireHold(run);
  });
}

/**
 * Frees the stage. When it was not done a `released` row says so, its tree stays for whoever wants to look, and a carry that the run
 * was killed over counts for nothing any more.
 */
export async function releaseHold(run: OpenRun): Promise<void> {
  if (run.ref.stage === null) return;
  const { world, place } = run;
  const vouched = run.journal.events.flatMap(({ type, data }) => (type === "carry.written" ? [data.sha256] : []));
  take(await setUnprovenAside(world.host, place, { stage: run.ref.stage, run: run.id, vouched }));
  const name = holdName(run, run.ref.stage);
  await withLock(world.host, taskLock(world.home, run.ref.key), `release ${name}`, async () => {
    const rows = take(await readLedger(world.host, place));
    const newest = rows.findLast((row) => row.stage === run.ref.stage && row.run === run.id);
    if (newest?.status === "started") {
      take(
        await appendLedger(world.host, place, {
          ...newest,
          status: "released",
          started_at: nowOf(world),
          source: "run-ended",
        }),
      );
    }
    take(
      await changeRegistry(world.host, world.home, `release ${name}`, (registry) => {
        const entry = registry.entries[name];
        if (entry === undefined || entry.holder.nonce !== run.manifest.nonce || entry.status !== "active")
          return undefined;
        return {
          ...registry,
          entries: { ...registry.entries, [name]: { ...entry, status: "released", updatedAt: nowOf(world) } },
        };
      }),
    );
  });
}
