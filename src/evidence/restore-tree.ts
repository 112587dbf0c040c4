/**
 * Puts one worktree back after a read-only agent changed it. First everything is kept: the difference as a patch for people,
 * and a ref on a commit that holds all of it, binary and untracked files too. Only paths that differ are touched.
 */
import { join } from "node:path";
import { type Host, isoTime } from "../host/index.ts";
import { compareTrees, type TreeState, treeState } from "./tree-state.ts";

export type RestoreAsk = {
  readonly tree: string;
  readonly before: TreeState;
  /** The difference goes here as a patch. */
  readonly evidencePath: string;
};

export type Restored = {
  /** Hold what was found, the whole of it. */
  readonly refs: readonly string[];
  /** Differences that are still there: own refs other than the tree's branch are never put back. */
  readonly left: readonly string[];
};

/** More rounds are not needed: a restored `.gitignore` may show files that it hid, and these hide nothing more. */
const mostRounds = 3;

/** Keeps what is there, then brings HEAD, branch, files and index back to `before`. Doing it again changes nothing. */
export async function restoreTree(host: Host, ask: RestoreAsk): Promise<Restored> {
  const { tree, before } = ask;
  const own = before.own.map(({ ref }) => ref);
  const refs: string[] = [];
  await restorePointer(host, ask);
  let now = await treeState(host, tree, own);
  for (let round = 0; round < mostRounds && compareTrees(before, { ...now, own: before.own }).length > 0; round += 1) {
    if (now.pointer === null) break;
    refs.push(await keep(host, tree, now));
    await describe(host, { ...ask, found: now, refs });
    await restoreHead(host, tree, before);
    await restoreFiles(host, tree, before);
    await restoreIndex(host, tree, before);
    now = await treeState(host, tree, own);
  }
  return { refs, left: compareTrees(before, now) };
}

/** A deleted linked worktree is brought back as far as its pointer; its files then count as deleted. */
async function restorePointer(host: Host, { tree, before }: RestoreAsk): Promise<void> {
  if (before.pointer === null || before.pointer === "folder") return;
  const path = join(tree, ".git");
  if ((await host.files.look(path))?.kind === "folder") await host.files.removeTree(path);
  if ((await host.files.readText(path)) !== before.pointer) await host.files.replaceFile(path, before.pointer);
}

async function keep(host: Host, tree: string, found: TreeState): Promise<string> {
  const time = isoTime(host.clock).replaceAll(/[-:.]/g, "");
  const ref = `refs/okstra/evidence/${time}-${host.random.id(4)}`;
  const parents = found.head === null ? [] : [found.head];
  const commit = await host.git.commitTree(tree, found.snapshot, parents, "okstra: what a read-only agent left behind");
  await host.git.setRef(tree, ref, commit, "");
  return ref;
}

/** Each round adds to the file what it found. */
async function describe(host: Host, of: RestoreAsk & { found: TreeState; refs: readonly string[] }): Promise<void> {
  const { tree, before, found, refs, evidencePath } = of;
  const differences = compareTrees(before, { ...found, own: before.own });
  const patch = await host.git.diffText(tree, before.snapshot, found.snapshot);
  const earlier = refs.length > 1 ? ((await host.files.readText(evidencePath)) ?? "") : "";
  const lines = [...differences.map((line) => `# ${line}`), `# all of it is kept at ${refs.at(-1) ?? "no ref"}`, patch];
  await host.files.replaceFile(evidencePath, earlier + lines.join("\n"));
}

/** The branch first points to where it was, then HEAD to the branch; neither touches a file. */
async function restoreHead(host: Host, tree: string, before: TreeState): Promise<void> {
  if (before.head === null) return;
  if (before.branch !== null) {
    await host.git.setRef(tree, `refs/heads/${before.branch}`, before.head);
    await host.git.plain(tree, "symbolic-ref", "-m", "okstra: restored", "HEAD", `refs/heads/${before.branch}`);
  } else {
    await host.git.plain(tree, "update-ref", "--no-deref", "-m", "okstra: restored", "HEAD", before.head);
  }
}

async function restoreFiles(host: Host, tree: string, before: TreeState): Promise<void> {
  const differing = await host.git.diffFiles(tree, before.snapshot, await host.git.snapshot(tree));
  for (const { status, path } of differing) if (status === "A") await removeWithEmptyFolders(host, tree, path);
  const back = differing.filter(({ status }) => status !== "A").map(({ path }) => path);
  for (let at = 0; at < back.length; at += 500) {
    await host.git.plain(
      tree,
      "--literal-pathspecs",
      "restore",
      "--worktree",
      `--source=${before.snapshot}`,
      "--",
      ...back.slice(at, at + 500),
    );
  }
}

async function removeWithEmptyFolders(host: Host, tree: string, path: string): Promise<void> {
  await host.files.removeFile(join(tree, path));
  const parts = path.split("/").slice(0, -1);
  while (parts.length > 0 && (await host.files.removeEmptyFolder(join(tree, ...parts)))) parts.pop();
}

/** An index that held a conflict cannot be made again: it becomes that of HEAD, and the difference stays named. */
async function restoreIndex(host: Host, tree: string, before: TreeState): Promise<void> {
  await host.git.plain(tree, "read-tree", "--reset", before.index ?? "HEAD");
  // Reads the files' times into the new index.
  await host.git.plain(tree, "status", "--porcelain");
}
