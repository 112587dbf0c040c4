/**
 * Detached trees for evidence, verification and integration, filled like any other and removed when their scope ends. A
 * file beside each names the process it belongs to, so that those of a dead one are known and cleaned. Commits made in one
 * are kept by a rescue ref; what lies uncommitted is what commands left there and goes.
 */
import { join } from "node:path";
import { checkThrowawayOwner } from "../generated/worktrees.check.js";
import { type Host, isoTime, type Repository } from "../host/index.ts";
import { segment, worktreePaths } from "../lifecycle/index.ts";
import { fault, parseJson, schemaVersion, type TaskKey } from "../model/index.ts";
import { repositoryLock, withLock } from "../registry/index.ts";
import { addTree } from "./add.ts";
import { fillTree } from "./fill.ts";
import type { Provision } from "./provision-look.ts";
import type { Confine } from "./setup.ts";
import { removeEmptyParents } from "./trash.ts";
import { undoTree } from "./undo.ts";
import type { ThrowawayOwner } from "./worktrees.schema.ts";

export type Throwaway = AsyncDisposable & {
  readonly path: string;
  readonly notes: readonly string[];
  readonly secrets: readonly string[];
  /** See Provisioned. */
  readonly linked: readonly string[];
};

export type ThrowawayAsk = {
  readonly repository: Repository;
  readonly key: TaskKey;
  /** Names the folder; one of a kind among those that are open for the task. */
  readonly name: string;
  readonly commit: string;
  readonly provision: Provision;
  /** See FillAsk. Without a log path the log lies beside the tree and goes with it. */
  readonly env?: Readonly<Record<string, string>>;
  readonly logPath?: string;
  readonly confine?: Confine;
  readonly kept?: (command: string) => Promise<string | null>;
  readonly setupTimeoutMs?: number;
};

type Place = { readonly repository: Repository; readonly key: TaskKey };

/** Throws what addTree and fillTree throw; `path-taken` when a live process has one of this name open. Leaves nothing then. */
export async function openThrowaway(host: Host, home: string, ask: ThrowawayAsk): Promise<Throwaway> {
  const folder = worktreePaths(home, ask.key).throwaways;
  const name = segment(ask.name);
  const path = join(folder, name);
  await takeName(host, home, ask, { folder, name });
  const close = () => closeThrowaway(host, home, { ...ask, folder, name, commit: ask.commit });
  try {
    await addTree(host, home, { repository: ask.repository, path, branch: null, commit: ask.commit, newBranch: false });
    const filled = await fillTree(host, {
      repository: ask.repository,
      path,
      provision: ask.provision,
      env: ask.env ?? {},
      logPath: ask.logPath ?? logOf(folder, name),
      ...(ask.confine === undefined ? {} : { confine: ask.confine }),
      ...(ask.kept === undefined ? {} : { kept: ask.kept }),
      ...(ask.setupTimeoutMs === undefined ? {} : { setupTimeoutMs: ask.setupTimeoutMs }),
    });
    return { path, ...filled, [Symbol.asyncDispose]: close };
  } catch (failed) {
    await close();
    throw failed;
  }
}

/** Removes throwaway trees of the task whose process is gone, and the folder of such trees when it is empty; says their names. */
export async function cleanThrowaways(host: Host, home: string, place: Place): Promise<string[]> {
  const folder = worktreePaths(home, place.key).throwaways;
  const dead = await ownedByDead(host, folder);
  for (const { name, commit } of dead) await closeThrowaway(host, home, { ...place, folder, name, commit });
  if ((await host.files.look(folder)) !== undefined && (await host.files.list(folder)).length === 0)
    await dropFolder(host, home, place, folder);
  return dead.map(({ name }) => name);
}

/** Whoever opens a tree makes the folder and its first file under this lock. */
const dropFolder = (host: Host, home: string, { repository }: Place, folder: string): Promise<void> =>
  withLock(host, repositoryLock(home, repository.commonDir), "remove an empty folder of throwaway trees", () =>
    removeEmptyParents(host, home, join(folder, "none")),
  );

/** The paths of throwaway trees whose process is gone, in the folder that holds those of a task. Looks only. */
export const deadThrowaways = async (host: Host, folder: string): Promise<string[]> =>
  (await ownedByDead(host, folder)).map(({ name }) => join(folder, name));

async function ownedByDead(host: Host, folder: string): Promise<{ name: string; commit: string }[]> {
  const owners = (await host.files.list(folder)).filter((entry) => entry.name.endsWith(ownerSuffix));
  const dead: { name: string; commit: string }[] = [];
  for (const { name: file } of owners) {
    const name = file.slice(0, -ownerSuffix.length);
    const owner = await readOwner(host, folder, name);
    if (owner !== undefined && !alive(host, owner)) dead.push({ name, commit: owner.commit });
  }
  return dead;
}

type At = { readonly folder: string; readonly name: string };

async function takeName(host: Host, home: string, ask: ThrowawayAsk, { folder, name }: At): Promise<void> {
  const owner = ownerOf(host, name, ask.commit);
  const lock = repositoryLock(home, ask.repository.commonDir);
  const claim = () => withLock(host, lock, `open ${name}`, () => host.files.createFile(ownerPath(folder, name), owner));
  if (await claim()) return;
  const other = await readOwner(host, folder, name);
  if (other !== undefined && !alive(host, other)) {
    await closeThrowaway(host, home, { ...ask, folder, name, commit: other.commit });
    if (await claim()) return;
  }
  throw fault(
    "path-taken",
    `The throwaway worktree ${join(folder, name)} is in use`,
    "Wait until the run that uses it has ended",
    {
      path: join(folder, name),
      owner: other?.pid ?? null,
    },
  );
}

/** Idempotent; the owner's file goes last, so that whoever is killed before is cleaned up after. */
async function closeThrowaway(host: Host, home: string, at: At & Place & { readonly commit: string }): Promise<void> {
  const { folder, name, repository, key, commit } = at;
  await undoTree(host, home, {
    repository,
    key,
    path: join(folder, name),
    branch: null,
    baseCommit: commit,
    newBranch: false,
    onlyCommits: true,
  });
  await host.files.removeFile(logOf(folder, name));
  await withLock(host, repositoryLock(home, repository.commonDir), `close ${name}`, async () => {
    await host.files.removeFile(ownerPath(folder, name));
    await removeEmptyParents(host, home, join(folder, name));
  });
}

const ownerSuffix = ".owner.json";
const ownerPath = (folder: string, name: string): string => join(folder, `${name}${ownerSuffix}`);
const logOf = (folder: string, name: string): string => join(folder, `${name}.setup.log`);

function ownerOf(host: Host, name: string, commit: string): string {
  const { pid, startTime, bootId, name: machine } = host.machine;
  const owner: ThrowawayOwner = {
    schemaVersion,
    name,
    pid,
    startTime,
    bootId,
    machine,
    commit,
    openedAt: isoTime(host.clock),
  };
  return `${JSON.stringify(owner)}\n`;
}

async function readOwner(host: Host, folder: string, name: string): Promise<ThrowawayOwner | undefined> {
  const text = await host.files.readText(ownerPath(folder, name));
  return text === undefined
    ? undefined
    : parseJson(checkThrowawayOwner, text, "owner of a throwaway worktree", ownerPath(folder, name));
}

/** A process of another machine cannot be asked, so its trees stay. */
function alive(host: Host, owner: ThrowawayOwner): boolean {
  if (owner.machine !== host.machine.name) return true;
  return owner.bootId === host.machine.bootId && host.processes.alive({ pid: owner.pid, startTime: owner.startTime });
}
