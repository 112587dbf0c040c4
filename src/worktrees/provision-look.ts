/** Gathers what planProvision decides from: the folders and files that settings name, in the main worktree and in the tree. */
import { dirname, join } from "node:path";
import type { Host, Repository } from "../host/index.ts";
import { isAtOrBelow, plainRelative } from "./places.ts";
import type { Places, Wanted } from "./provision-plan.ts";

/** What a project brings into its worktrees; folders and patterns are relative to the main worktree. */
export type Provision = {
  readonly syncDirs: readonly string[];
  /** In gitignore's syntax; only files that git ignores are copied. */
  readonly copyFiles: readonly string[];
  readonly cloneDirs: readonly string[];
  /** Shell commands, run one after the other in the filled tree. */
  readonly setup: readonly string[];
  /** Asked after the set-up commands; anything but exit 0 means that the tree is not ready. */
  readonly ready?: string | null;
};

export type Seen = {
  readonly places: Places;
  readonly wanted: {
    readonly sync: readonly Wanted[];
    readonly clone: readonly Wanted[];
    readonly copy: readonly Wanted[];
  };
};

export async function lookForProvision(
  host: Host,
  ask: { repository: Repository; path: string; provision: Provision },
): Promise<Seen> {
  const { repository, path, provision } = ask;
  const places = { mainRoot: await requireReal(host, repository.mainRoot), tree: await requireReal(host, path) };
  const see = (name: string, folder: boolean): Promise<Wanted> => lookAt(host, places, { name, folder });
  const copy = await filesToCopy(host, repository.mainRoot, provision.copyFiles);
  return {
    places,
    wanted: {
      sync: await Promise.all(provision.syncDirs.map((name) => see(name, true))),
      clone: await Promise.all(provision.cloneDirs.map((name) => see(name, true))),
      copy: await Promise.all(copy.map((name) => see(name, false))),
    },
  };
}

/** Ignored files of the main worktree that `.worktreeinclude` or the settings name; okstra's own folder is never among them. */
export async function filesToCopy(host: Host, mainRoot: string, fromSettings: readonly string[]): Promise<string[]> {
  const included = (await host.files.readText(join(mainRoot, ".worktreeinclude"))) ?? "";
  const patterns = [
    ...included.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#")),
    ...fromSettings,
  ];
  if (patterns.length === 0) return [];
  const files = await host.git.ignoredFiles(mainRoot, patterns);
  return files.filter((file) => file !== ".okstra" && !file.startsWith(".okstra/"));
}

async function lookAt(host: Host, places: Places, ask: { name: string; folder: boolean }): Promise<Wanted> {
  const name = plainRelative(ask.name);
  if (name === undefined)
    return {
      name: ask.name,
      source: undefined,
      kind: undefined,
      targetTaken: false,
      targetParent: places.tree,
      linkIgnored: false,
    };
  const source = await host.files.realPath(join(places.mainRoot, name));
  const target = join(places.tree, name);
  const kind = source === undefined ? undefined : (await host.files.look(source))?.kind;
  const targetParent = await nearestFolder(host, dirname(target));
  // git cannot say whether a path behind a link is ignored; the plan refuses or links its entries then.
  const straight = isAtOrBelow(targetParent, dirname(target));
  return {
    name: ask.name,
    source,
    kind: kind === "link" ? "other" : kind,
    targetTaken: (await host.files.look(target)) !== undefined,
    targetParent,
    linkIgnored: ask.folder && straight && source !== undefined && (await host.git.isIgnored(places.tree, name)),
  };
}

async function nearestFolder(host: Host, path: string): Promise<string> {
  return (await host.files.realPath(path)) ?? (await nearestFolder(host, dirname(path)));
}

async function requireReal(host: Host, path: string): Promise<string> {
  const real = await host.files.realPath(path);
  if (real === undefined) throw new Error(`${path} is not there`);
  return real;
}
