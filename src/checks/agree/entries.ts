/** What registry entries say against who holds them, git, and the disk. Looks only. */
import { hasEnded, type KnownRun, type TaskFacts, type World } from "../../engine/index.ts";
import { shellWord, type TaskKey, take } from "../../model/index.ts";
import { holderState } from "../../registry/index.ts";
import type { RegistryEntry } from "../../registry/registry.schema.ts";
import { folderKind, lastCommit } from "../../worktrees/index.ts";
import { type Disk, type KnownRepository, treeAt } from "./disk.ts";
import { type Finding, leftAlone, mendable } from "./finding.ts";

export type EntryAsk = {
  readonly name: string;
  readonly entry: RegistryEntry;
  readonly disk: Disk;
  /** What the project holds of the entry's task; undefined when the project is not known. */
  readonly facts: TaskFacts | undefined;
};

export async function entryFindings(world: World, ask: EntryAsk): Promise<Finding[]> {
  const { name, entry, disk, facts } = ask;
  const key = facts?.key ?? keyOf(name);
  if (entry.removal !== undefined) return [removalFinding(ask, key)];
  const held = holdFinding(world, ask, key);
  if (entry.status === "pending") return held === undefined ? [] : [held];
  const known = disk.repositories.get(entry.repository);
  // One repository gives one row, not each of its entries.
  if (known === undefined || known === null) return held === undefined ? [] : [held];
  const tree = await treeFindings(world, { ...ask, known, key });
  return [...(held === undefined ? [] : [held]), ...tree];
}

export function keyOf(name: string): TaskKey {
  const [project = "", group = "", task = ""] = (name.split("#")[0] ?? name).split("/");
  return { project, group, task };
}

const removalFinding = ({ name, entry }: EntryAsk, key: TaskKey): Finding =>
  mendable(
    {
      id: `removal:${name}`,
      where: entry.worktreePath,
      severity: "warning",
      message: `its removal began at ${entry.removal?.since} and did not end`,
      remedy: "okstra doctor --fix; any command that goes on with the task does it too",
    },
    { do: "settle", key },
  );

function holdFinding(world: World, { name, entry, facts }: EntryAsk, key: TaskKey): Finding | undefined {
  const about = { id: `hold:${name}`, where: entry.worktreePath, severity: "warning" as const };
  const { run } = entry.holder;
  if (entry.status === "released" || holderState(world.host, entry) !== "dead") return undefined;
  if (entry.status === "pending") {
    return mendable(
      {
        ...about,
        message: `a prepare of ${run} was killed half-way`,
        remedy: "okstra doctor --fix; the next run of the task undoes it too",
      },
      { do: "settle", key },
    );
  }
  if (entry.stage === null) return undefined;
  const known = facts?.runs.find((one) => one.id === run);
  const merge = name.includes("#merge-");
  if (facts !== undefined && known === undefined && !merge)
    return leftAlone(
      {
        ...about,
        message: `${run} holds the stage, its process is dead, and its files are gone`,
        remedy: `Free the stage: okstra worktree release ${shellWord(name.split("#")[0] ?? name)} --stage ${entry.stage}`,
      },
      "the run's files may come back from a copy",
    );
  if (known !== undefined && hasEnded(known) === true)
    return mendable(
      { ...about, message: `${run} holds the ${merge ? "merge" : "stage"}, and has ended` },
      { do: "release", key, stage: entry.stage, merge },
    );
  const resume = `okstra resume ${shellWord(run)}`;
  return leftAlone(
    {
      ...about,
      message: `${run} holds the ${merge ? "merge" : "stage"}, and its process is dead`,
      remedy: `Go on with ${resume}, or free the ${merge ? "merge" : "stage"}: okstra cancel ${shellWord(run)}`,
    },
    "the run can be resumed",
  );
}

type TreeAsk = EntryAsk & { readonly known: KnownRepository; readonly key: TaskKey };

async function treeFindings(world: World, ask: TreeAsk): Promise<Finding[]> {
  const { name, entry, known, disk } = ask;
  const { worktreePath: path, branch } = entry;
  const kind = take(await folderKind(world.host, { repository: known.repository, path }));
  const branchThere = known.branches.has(branch);
  if (!branchThere) return [await branchFinding(world, ask, kind === "absent" || kind === "shell")];
  const about = { id: `tree:${name}`, where: path };
  const key = ask.key;
  if (kind === "absent" || kind === "shell") {
    const elsewhere = known.trees.find((tree) => tree.branch === branch && tree.path !== path && !tree.prunable);
    const severity = entry.status === "active" ? ("error" as const) : ("warning" as const);
    if (elsewhere !== undefined && elsewhere.path !== treeAt(known, disk, world, path)?.path)
      return [moved({ ...about, severity }, elsewhere.path)];
    return [
      mendable(
        {
          ...about,
          severity,
          message: "the worktree is gone from the disk; its branch is there",
          remedy: `okstra doctor --fix; or git -C ${shellWord(entry.repository)} worktree add -f ${shellWord(path)} ${shellWord(branch)}`,
        },
        { do: "bring-back", name, key },
      ),
    ];
  }
  if (kind === "orphan")
    return [
      mendable(
        { ...about, severity: "error", message: "git's record of the worktree is gone; its files are there" },
        { do: "record-tree", name, key },
      ),
    ];
  if (kind === "foreign")
    return [
      leftAlone(
        {
          ...about,
          severity: "error",
          message: "what lies there is not the worktree that was registered",
          remedy: `Look at it, move it away, then run okstra doctor --fix again: mv ${shellWord(path)} ${shellWord(`${path}.mine`)}`,
        },
        "it may be yours",
      ),
    ];
  return checkedOut(world, ask);
}

const moved = (about: { id: string; where: string; severity: "error" | "warning" }, to: string): Finding =>
  leftAlone(
    {
      ...about,
      message: `the worktree is gone, and its branch is checked out in ${to}`,
      remedy: `Free the branch there (git -C ${shellWord(to)} switch --detach), then run okstra doctor --fix`,
    },
    "somebody works on the branch elsewhere",
  );

function checkedOut(world: World, { name, entry, known, disk }: TreeAsk): Finding[] {
  const tree = treeAt(known, disk, world, entry.worktreePath);
  if (tree === undefined || tree.branch === entry.branch) return [];
  return [
    leftAlone(
      {
        id: `branch:${name}`,
        where: entry.worktreePath,
        severity: "warning",
        message:
          tree.branch === null
            ? `no branch is checked out in the worktree, it should be ${entry.branch} (a rebase may be under way)`
            : `${tree.branch} is checked out in the worktree, it should be ${entry.branch}`,
        remedy: `Finish what is under way there, or: git -C ${shellWord(entry.worktreePath)} switch ${shellWord(entry.branch)}`,
      },
      "work may lie there",
    ),
  ];
}

/** Of a branch that is gone: the last commit that any record names and git still has decides. */
async function branchFinding(world: World, ask: TreeAsk, treeGone: boolean): Promise<Finding> {
  const { name, entry, known, key } = ask;
  const about = { id: `branch:${name}`, where: entry.worktreePath, severity: "error" as const };
  const commit = await lastKnown(world, ask);
  if (commit === undefined) {
    return leftAlone(
      {
        ...about,
        message: `the branch ${entry.branch} is gone, and so are the commits that were its last`,
        remedy: `Bring it back from a clone or a remote: git -C ${shellWord(known.repository.mainRoot)} fetch REMOTE ${shellWord(entry.branch)}:${shellWord(entry.branch)}`,
      },
      "nothing tells where it was",
    );
  }
  if (treeGone && entry.status === "released" && (await isHeld(world, known, commit))) {
    return mendable(
      {
        ...about,
        severity: "warning",
        message: `its worktree and its branch ${entry.branch} were deleted by hand; other branches hold its commits`,
      },
      { do: "drop-entry", name, key },
    );
  }
  return mendable(
    { ...about, message: `the branch ${entry.branch} is gone; its last commit was ${commit.slice(0, 12)}` },
    { do: "branch", name, key, commit },
  );
}

async function lastKnown(world: World, { entry, known, facts }: TreeAsk): Promise<string | undefined> {
  const { repository } = known;
  const ofTree = take(await lastCommit(world.host, { repository, path: entry.worktreePath }));
  const recorded = facts?.runs
    .filter(({ id }) => id === entry.holder.run)
    .flatMap(({ journal }) =>
      (journal?.events ?? []).flatMap((event) => (event.type === "carry.written" ? [event.data.head] : [])),
    );
  const merged = entry.stage === null ? mergesOf(facts) : [];
  for (const commit of [ofTree, ...(recorded ?? []).toReversed(), ...merged.toReversed(), entry.baseCommit]) {
    if (commit === undefined) continue;
    const there = await world.host.git.resolve(repository.commonDir, `${commit}^{commit}`);
    if (there !== undefined) return there;
  }
  return undefined;
}

/** Merges into the task branch, oldest first. */
const mergesOf = (facts: TaskFacts | undefined): string[] =>
  (facts?.runs ?? [])
    .flatMap(({ journal }: KnownRun) => journal?.events ?? [])
    .filter((event) => event.type === "merge.done")
    .sort((a, b) => (a.time < b.time ? -1 : 1))
    .flatMap((event) => (event.type === "merge.done" && event.data.commit !== null ? [event.data.commit] : []));

const isHeld = async (world: World, { repository }: KnownRepository, commit: string): Promise<boolean> =>
  (await world.host.git.plain(repository.commonDir, "for-each-ref", `--contains=${commit}`, "--count=1")).trim() !== "";
