/**
 * Read-only phases stay read-only: state of tree, index, HEAD and refs before and after, and the repository's own files; a
 * difference is kept as evidence, this tree alone is restored, and the run ends as `contract-violation`.
 */
import { compareTrees, restoreTree, type TreeState, treeState } from "../evidence/index.ts";
import type { Repository } from "../host/index.ts";
import { Fault, fault, take } from "../model/index.ts";
import { mergedByEngine, straysOf } from "./branch-watch.ts";
import { type Tampering, tampered, watchGit } from "./git-guard.ts";
import { fact, knows, progress, type Run } from "./run.ts";

type Guard = { readonly name: string; readonly tree: string };
type Look = { readonly state: TreeState; readonly since: number };

/** Runs `body`, whose agents may only read `tree`. Throws `contract-violation` when they did more. */
export async function guarded<T>(run: Run, guard: Guard, body: () => Promise<T>): Promise<T> {
  const key = `guard:${guard.name}`;
  if (knows(run, `${key}:kept`)) return await body();
  const repository = await run.world.host.git.repository(guard.tree);
  if (repository === undefined) return await body();
  const before = await lookBefore(run, guard, `${key}:before`);
  const { commonDir } = repository;
  const watched = await watchGit(run, { name: guard.name, tree: guard.tree, commonDir }, () => orPaused(body));
  const compared = { before, repository, tampering: watched.tampering };
  const paused = watched.tampering === null ? watched.value.paused : undefined;
  if (paused !== undefined) {
    // Some of the agents were at work, and a run that is gone on with looks anew.
    await requireUntouched(run, guard, compared);
    throw paused;
  }
  await fact(run, `${key}:kept`, async () => {
    await requireUntouched(run, guard, compared);
    return true;
  });
  if (watched.tampering !== null) throw tampered("An agent", watched.tampering);
  return watched.value.value as T;
}

/**
 * The look that the state afterwards is compared with. A run that was killed frees the tree for merges (readers.ts): when it is
 * gone on with and nothing but merges of okstra came in between, it looks anew.
 */
async function lookBefore(run: Run, guard: Guard, key: string): Promise<Look> {
  const goesOn = knows(run, key);
  const seen = await fact(run, key, () => look(run, guard));
  const now = goesOn ? (await run.world.host.git.head(guard.tree))?.commit : undefined;
  if (now === undefined || now === seen.state.head) return seen;
  const move = { from: seen.state.head, to: now };
  if (!(await mergedByEngine(run, { key: run.ref.key, move, repository: guard.tree }))) return seen;
  if ((await run.world.host.git.status(guard.tree)).changed.length > 0) return seen;
  return await fact(run, `${key}:${now}`, () => look(run, guard));
}

/** What the body gives, or why a budget let it start no agent more. */
async function orPaused<T>(body: () => Promise<T>): Promise<{ readonly value?: T; readonly paused?: Fault }> {
  try {
    return { value: await body() };
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.failure.reason === "budget-exceeded") return { paused: thrown };
    throw thrown;
  }
}

/** A stage's own branch; elsewhere the task's. Another stage's merge may move the task branch meanwhile. */
async function look(run: Run, guard: Guard): Promise<Look> {
  const { branch } = run.manifest.worktree;
  const since = run.world.host.clock.now();
  const own = branch === null ? [] : [`refs/heads/${branch}`];
  return { state: take(await treeState(run.world.host, guard.tree, own)), since };
}

type Compared = { readonly before: Look; readonly repository: Repository; readonly tampering: Tampering | null };

async function requireUntouched(run: Run, guard: Guard, { before, repository, tampering }: Compared): Promise<void> {
  const after = (await look(run, guard)).state;
  const strays = await straysOf(run, repository, {
    before: before.state.others,
    after: after.pointer === null ? before.state.others : after.others,
    since: before.since,
  });
  if (strays.listed.length > 0)
    await progress(run, "phase-5-collect", `branches moved meanwhile: ${strays.listed.join("; ")}`);
  const inTree = compareTrees(before.state, after);
  const differences = [...(tampering?.sentences ?? []), ...inTree, ...strays.unexplained];
  if (differences.length === 0) return;
  const log = run.paths.log(`${guard.name}-violation`);
  if (inTree.length > 0)
    take(await restoreTree(run.world.host, { tree: guard.tree, before: before.state, evidencePath: log }));
  throw fault(
    "contract-violation",
    `An agent changed what it may only read: ${differences.slice(0, 5).join("; ")}`,
    remedyFor({ log: inTree.length > 0 ? log : null, tampering, strays: strays.unexplained }),
    { differences, log },
  );
}

type Found = { readonly log: string | null; readonly tampering: Tampering | null; readonly strays: readonly string[] };

function remedyFor({ log, tampering, strays }: Found): string {
  const parts = [
    ...(log === null ? [] : [`the change is kept in ${log}, and the worktree is as it was before`]),
    ...(tampering === null
      ? []
      : tampering.stuck.length > 0
        ? [`could not be put back: ${tampering.stuck.join(", ")}; do it by hand`]
        : [`the repository's own files were put back, what was planted is kept in ${tampering.log}`]),
    ...(strays.length === 0 ? [] : ["branches are as they were left: git reflog shows where each was"]),
  ];
  const text = parts.join("; ");
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
