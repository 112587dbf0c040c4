/**
 * Read-only phases stay read-only: state of tree, index, HEAD and the key's refs before and after; a difference is kept as evidence,
 * this tree alone is restored, and the run ends as `contract-violation`.
 */
import { compareTrees, restoreTree, type TreeState, treeState } from "../evidence/index.ts";
import { fault, take } from "../model/index.ts";
import { fact, knows, type Run } from "./run.ts";

type Guard = { readonly name: string; readonly tree: string };

/** Runs `body`, whose agents may only read `tree`. Throws `contract-violation` when they did more. */
export async function guarded<T>(run: Run, guard: Guard, body: () => Promise<T>): Promise<T> {
  const key = `guard:${guard.name}`;
  if (knows(run, `${key}:kept`)) return await body();
  if ((await run.world.host.git.repository(guard.tree)) === undefined) return await body();
  // A stage's own branch; elsewhere the task's. Another stage's merge may move the task branch meanwhile.
  const own = run.manifest.worktree.branch === null ? [] : [`refs/heads/${run.manifest.worktree.branch}`];
  const look = async (): Promise<TreeState> => take(await treeState(run.world.host, guard.tree, own));
  const before = await fact(run, `${key}:before`, look);
  const value = await body();
  await fact(run, `${key}:kept`, async () => {
    const differences = compareTrees(before, await look());
    if (differences.length === 0) return true;
    const log = run.paths.log(`${guard.name}-violation`);
    take(await restoreTree(run.world.host, { tree: guard.tree, before, evidencePath: log }));
    throw fault(
      "contract-violation",
      `An agent changed what it may only read: ${differences.slice(0, 5).join("; ")}`,
      `The change is kept in ${log}; the worktree is as it was before`,
      { differences, log },
    );
  });
  return value;
}
