/** Refills ledger rows `done` that a kill lost: only from carry files whose hash a journal holds (worktrees.md, Refilling). */
import { runFolder, runPaths, segmentPath } from "../lifecycle/index.ts";
import { type RunRef, take } from "../model/index.ts";
import { backfillLedger, entryKey, readJournal, readRegistry } from "../registry/index.ts";
import { sequencesIn } from "./sequences.ts";
import { type ProjectPlace, placeOf, type TaskKey, type World } from "./world.ts";

type PlanIdentity = {
  readonly content: string;
  readonly cycle: number;
  readonly plan: { readonly stageMap: { readonly stages: readonly { readonly stageNumber: number }[] } };
};

/** The caller holds the task lock. */
export async function backfill(world: World, project: ProjectPlace, key: TaskKey, plan: PlanIdentity): Promise<void> {
  const place = placeOf(world, project.projectRoot, key);
  const journalCarries: { stage: number; sha256: string }[] = [];
  for (const { stageNumber } of plan.plan.stageMap.stages) {
    const folder = runFolder(project.projectRoot, key, "implementation", stageNumber);
    for (const seq of await sequencesIn(world, folder, "implementation")) {
      const ref: RunRef = { key, taskType: "implementation", stage: stageNumber, seq };
      if ((await world.host.files.look(runPaths(project.projectRoot, ref).journal)) === undefined) continue;
      for (const event of take(await readJournal(world.host, place, ref)).events) {
        if (event.type === "carry.written") journalCarries.push({ stage: stageNumber, sha256: event.data.sha256 });
      }
    }
  }
  const registry = take(await readRegistry(world.host, world.home));
  const repository = registry.entries[segmentPath(key)]?.repository;
  const branchHead = async (stage: number): Promise<string | undefined> => {
    const branch = registry.entries[entryKey(key, stage)]?.branch;
    if (branch === undefined || repository === undefined) return undefined;
    return await world.host.git.resolve(project.projectRoot, `refs/heads/${branch}`);
  };
  const added = take(
    await backfillLedger(world.host, place, { plan: plan.content, cycle: plan.cycle, journalCarries, branchHead }),
  );
  for (const row of added) world.say(`Stage ${row.stage} was done but not in the ledger; the row is back`);
}
