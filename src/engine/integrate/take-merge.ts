/**
 * Takes a settled and validated merge into the task branch: only forward, only while the task branch lies in it, and only where
 * nothing of a person's is in the way. Done again it finds that it is done.
 */
import { take } from "../../model/index.ts";
import { mergeEntryKey, readRegistry, taskLock, withLock } from "../../registry/index.ts";
import { hookedHost } from "../confined-hooks.ts";
import { requireHold } from "../hold.ts";
import { tellRefused } from "../network.ts";
import { clearMergeTree } from "../prepare/merge-tree.ts";
import { whileNobodyReads } from "../readers.ts";
import { fact, type Run, record } from "../run.ts";
import type { MergeWork } from "./open-merge.ts";

export type Taken = { readonly state: "merged" | "merge-blocked"; readonly note: string };

export const takeMerge = (run: Run, work: MergeWork, commit: string): Promise<Taken> =>
  fact(run, "merge-taken", () => {
    const { host } = run.world;
    const { stageNumber: stage } = work.stage;
    return whileNobodyReads(run, `merge stage ${stage}`, async () => {
      await requireHold(run);
      const taskHead = (await host.git.head(work.taskTree))?.commit ?? "";
      await record(run, { type: "merge.intended", data: { stage, head: work.stageHead, taskHead } }, { durable: true });
      const note = await forward(run, work, { commit, taskHead });
      const state = note === null ? "merged" : "merge-blocked";
      const data = { stage, state, commit: note === null ? commit : null, files: [] };
      await record(run, { type: "merge.done", data }, { durable: true });
      return { state, note: note ?? "" };
    });
  });

/** Null: the task branch holds the commit; else what is in the way. */
async function forward(
  run: Run,
  { taskTree }: MergeWork,
  { commit, taskHead }: { readonly commit: string; readonly taskHead: string },
): Promise<string | null> {
  const { git } = run.world.host;
  if (await git.isAncestor(taskTree, commit, taskHead)) return null;
  if (!(await git.isAncestor(taskTree, taskHead, commit)))
    return `the task branch moved to ${taskHead.slice(0, 12)} meanwhile`;
  if ((await git.resolve(taskTree, "MERGE_HEAD")) !== undefined)
    return `a merge is under way in ${taskTree}; end it first`;
  const { changed } = await git.status(taskTree);
  if (changed.length > 0) return `${taskTree} has uncommitted changes: ${changed.slice(0, 3).join(", ")}`;
  const hooked = await hookedHost(run, taskTree);
  const done = await hooked.git.fastForward(taskTree, commit);
  await tellRefused(run, "a hook of the merge");
  return done.did === "refused" ? done.message : null;
}

/** The worktree of a merge that was taken goes; all that it held is in the task branch. */
export const clearMerge = async (run: Run, work: MergeWork): Promise<void> => {
  const { host, home } = run.world;
  await withLock(host, taskLock(home, run.ref.key), `clear the merge of stage ${work.stage.stageNumber}`, async () => {
    const name = mergeEntryKey(run.ref.key, work.stage.stageNumber);
    const entry = take(await readRegistry(host, home)).entries[name];
    if (entry?.holder.nonce !== run.manifest.nonce) return;
    // Back to where it began: what stands beyond that would be kept by a rescue ref, and is in the task branch already.
    const there = (await host.files.look(work.tree)) !== undefined;
    if (there && (await host.git.head(work.tree))?.branch === work.branch)
      await host.git.reset(work.tree, entry.baseCommit);
    await clearMergeTree(run.world, { repository: work.repository, key: run.ref.key, entry });
  });
};
