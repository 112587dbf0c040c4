/**
 * What a tree is given from the main worktree, decided from what was seen. Pure.
 *
 * A folder is linked as one link where git ignores such a link. Where it does not (the pattern `node_modules/` matches
 * folders only, or no pattern matches at all), the tree gets a real folder with a link for each entry and a `.gitignore` of
 * its own that ignores all of it: nothing then shows up as untracked, and neither the repository's exclude file, which all
 * its trees share, nor its configuration is written. A folder of links is also safe from
 * whoever changes the ignore patterns in the tree, and its top level can grow without touching the main worktree.
 */
import { fault } from "../model/index.ts";
import { isAtOrBelow, isBelow, plainRelative } from "./places.ts";

/** A folder or file that settings name, as it was seen. Paths are absolute unless said otherwise. */
export type Wanted = {
  /** As settings or git name it. */
  readonly name: string;
  /** The source with links resolved; undefined when there is none. */
  readonly source: string | undefined;
  readonly kind: "folder" | "file" | "other" | undefined;
  /** Something stands at the target already. */
  readonly targetTaken: boolean;
  /** The nearest folder above the target that exists, with links resolved. */
  readonly targetParent: string;
  /** git would ignore a link at the target. */
  readonly linkIgnored: boolean;
};

export type Places = { readonly mainRoot: string; readonly tree: string };

export type Step =
  | { readonly do: "link" | "link-entries" | "copy"; readonly name: string; readonly from: string }
  | {
      readonly do: "clone";
      readonly name: string;
      readonly from: string;
      readonly otherwise: "link" | "link-entries" | "skip";
    };

export type ProvisionPlan = { readonly steps: readonly Step[]; readonly notes: readonly string[] };

/** Both places have their links resolved. Throws `sync-outside-project` for anything that leaves project or tree. */
export function planProvision(
  places: Places,
  wanted: { readonly sync: readonly Wanted[]; readonly clone: readonly Wanted[]; readonly copy: readonly Wanted[] },
): ProvisionPlan {
  const steps: Step[] = [];
  const notes: string[] = [];
  const add = (
    setting: string,
    one: Wanted,
    kind: "folder" | "file",
    step: (name: string, from: string) => Step,
  ): void => {
    const name = requireInside(places, setting, one);
    const covered = steps.some((earlier) => isAtOrBelow(`/${earlier.name}`, `/${name}`));
    const within = steps.find((earlier) => isBelow(`/${name}`, `/${earlier.name}`));
    const why = covered
      ? undefined
      : within === undefined
        ? whyNot(one, kind)
        : `${within.name} in it is brought in already, skipped`;
    if (why !== undefined) notes.push(`${name}: ${why}`);
    else if (!covered && one.source !== undefined) steps.push(step(name, one.source));
  };
  const linked = new Map(wanted.sync.map((one) => [plainRelative(one.name), linkWay(one)]));
  for (const one of parentsFirst(wanted.clone)) {
    add("worktreeCloneDirs", one, "folder", (name, from) => ({
      do: "clone",
      name,
      from,
      otherwise: linked.get(name) ?? "skip",
    }));
  }
  for (const one of parentsFirst(wanted.sync))
    add("worktreeSyncDirs", one, "folder", (name, from) => ({ do: linkWay(one), name, from }));
  for (const one of wanted.copy) add("worktreeCopyFiles", one, "file", (name, from) => ({ do: "copy", name, from }));
  return { steps, notes };
}

const parentsFirst = (wanted: readonly Wanted[]): Wanted[] =>
  [...wanted].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

const linkWay = (one: Wanted): "link" | "link-entries" => (one.linkIgnored ? "link" : "link-entries");

function whyNot(one: Wanted, kind: "folder" | "file"): string | undefined {
  if (one.source === undefined) return "not in the main worktree, skipped";
  if (one.kind !== kind) return `not a ${kind} in the main worktree, skipped`;
  if (one.targetTaken) return "the worktree has its own, left as it is";
  return undefined;
}

/** The name as a plain relative path, once source and target are known to stay where they may be. */
function requireInside(places: Places, setting: string, one: Wanted): string {
  const name = plainRelative(one.name);
  if (name === undefined) throw outside(setting, one.name, "it must be a path inside the project");
  if ([".git", ".okstra"].some((own) => isAtOrBelow(`/${own}`, `/${name}`)))
    throw outside(setting, one.name, "it belongs to git or okstra");
  if (one.source !== undefined && !isBelow(places.mainRoot, one.source))
    throw outside(setting, one.name, `it leads to ${one.source}`);
  if (!isAtOrBelow(places.tree, one.targetParent))
    throw outside(setting, one.name, `in the worktree it leads to ${one.targetParent}`);
  return name;
}

const outside = (setting: string, name: string, why: string) =>
  fault(
    "sync-outside-project",
    `"${name}" cannot be brought into a worktree: ${why}`,
    `Take it out of ${setting} (or .worktreeinclude)`,
    {
      setting,
      name,
      why,
    },
  );
