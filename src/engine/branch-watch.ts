/**
 * Branches that moved while agents were at work, judged with what okstra itself knows: which runs hold which branches, which merges
 * the engine made. The task branch is nobody's to move but the engine's.
 */

import { judgeMoves, type RefMove, type Strays } from "../evidence/index.ts";
import type { RefAt, Repository } from "../host/index.ts";
import { homePaths, runFolder, segment } from "../lifecycle/index.ts";
import { type EventData, readTaskKey, type TaskKey, take } from "../model/index.ts";
import {
  holderAlive,
  occupied,
  projectRootOf,
  readJournal,
  readRegistry,
  taskLock,
  withLock,
} from "../registry/index.ts";
import type { RegistryEntry } from "../registry/registry.schema.ts";
import type { Run } from "./run.ts";
import { sequencesIn } from "./sequences.ts";
import { placeOf } from "./world.ts";

export type Seen = {
  readonly before: readonly RefAt[];
  readonly after: readonly RefAt[];
  /** When `before` was looked at; milliseconds since the epoch. */
  readonly since: number;
};

type Watching = Pick<Run, "world" | "project" | "manifest">;

export async function straysOf(
  run: Watching,
  { mainRoot: repository, commonDir }: Repository,
  seen: Seen,
): Promise<Strays> {
  const { host, home } = run.world;
  const known = async (move: RefMove): Promise<string | undefined> => {
    const registry = take(await readRegistry(host, home));
    for (const entry of Object.values(registry.entries)) {
      // Another project's branch of the same name explains nothing here.
      if (entry.repository !== commonDir) continue;
      const why = await explanation(run, { entry, move, since: seen.since, repository });
      if (why !== undefined) return why;
    }
    return undefined;
  };
  const agentTrees = (await host.files.realPath(homePaths(home).worktrees)) ?? homePaths(home).worktrees;
  return take(await judgeMoves(host, { ...seen, repository, agentTrees, known }));
}

type Case = {
  readonly entry: RegistryEntry;
  readonly move: RefMove;
  readonly since: number;
  readonly repository: string;
};

async function explanation(run: Watching, of: Case): Promise<string | undefined> {
  const { entry, move, since } = of;
  if (entry.holder.nonce === run.manifest.nonce && entry.stage !== null) return undefined;
  const name = move.ref.replace(/^refs\/heads\//, "");
  // Of the whole task, or of a group of its stages.
  if (name.startsWith(`${entry.branch}-`) && /^(?:handoff|g\d+)$/.test(name.slice(`${entry.branch}-`.length)))
    return `the hand-off of ${entry.key}`;
  if (name !== entry.branch) return undefined;
  if (Date.parse(entry.createdAt) >= since) return `made for ${entry.holder.run}`;
  if (entry.stage === null)
    return (await mergedByEngine(run, { ...of, key: readTaskKey(entry.key) })) ? "merged by okstra" : undefined;
  const heldMeanwhile = Date.parse(entry.updatedAt) >= since;
  const held = heldMeanwhile || (occupied(entry) && holderAlive(run.world.host, entry));
  return held ? `held by ${entry.holder.run}` : undefined;
}

export type TaskMove = {
  readonly key: TaskKey;
  readonly move: Pick<RefMove, "from" | "to">;
  /** Any of its worktrees. */
  readonly repository: string;
};

/** Whether every step of a task branch from one commit to the other is a merge that some run's journal holds. */
export async function mergedByEngine(run: Watching, { key, move, repository }: TaskMove): Promise<boolean> {
  const { git } = run.world.host;
  if (move.from === null || move.to === null || !(await git.isAncestor(repository, move.from, move.to))) return false;
  const steps = await git.plain(repository, "rev-list", "--first-parent", `${move.from}..${move.to}`);
  const merges = await mergesOf(run, key);
  return steps
    .split("\n")
    .filter((commit) => commit !== "")
    .every((commit) => merges.has(commit));
}

/** Under the task's lock, since a merge and its journal line are made under it. */
async function mergesOf(run: Watching, key: TaskKey): Promise<ReadonlySet<string>> {
  const { world, project } = run;
  const same = segment(key.project) === segment(project.projectId);
  const root = same ? project.projectRoot : take(await projectRootOf(world.host, world.home, key.project));
  if (root === undefined) return new Set();
  return await withLock(world.host, taskLock(world.home, key), "look for merges", async () => {
    const merges = new Set<string>();
    const folder = runFolder(root, key, "implementation", null);
    for (const { name, kind } of await world.host.files.list(folder)) {
      const stage = Number(/^stage-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
      if (kind !== "folder" || Number.isNaN(stage)) continue;
      for (const seq of await sequencesIn(world, runFolder(root, key, "implementation", stage), "implementation")) {
        const ref = { key, taskType: "implementation", stage, seq } as const;
        const { events } = take(await readJournal(world.host, placeOf(world, root, key), ref));
        for (const event of events) if (event.type === "merge.done") addMerge(merges, event.data);
      }
    }
    return merges;
  });
}

function addMerge(merges: Set<string>, { commit }: EventData["merge.done"]): void {
  if (commit !== null) merges.add(commit);
}
