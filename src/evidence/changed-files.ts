/**
 * The files that a stage changed against those that its plan names. An edit outside the plan needs a reason, and blocks
 * even with one when another unfinished stage lists the file: two stages would then write it. Pure.
 */
import { posix } from "node:path";
import { matchesGlob } from "../settings/index.ts";
import type { Stage } from "../stages/stage-map.schema.ts";

export type OutOfPlanEdit = { readonly path: string; readonly reason: string };

export type FileAsk = {
  /** Paths changed between the stage's base and head. */
  readonly changed: readonly string[];
  readonly stage: Stage;
  /** Reasons that the executor gave; a blank one is none. */
  readonly reasons: readonly OutOfPlanEdit[];
  /** Files (or folders, or globs) that other stages list which are not done, with the number of the stage. */
  readonly others: ReadonlyMap<string, number>;
};

export type FilesAgainstPlan = {
  readonly files: readonly { readonly path: string; readonly planned: boolean; readonly reason: string | null }[];
  readonly outOfPlan: readonly OutOfPlanEdit[];
  readonly problems: readonly { readonly path: string; readonly why: string }[];
};

/** What was changed, what of it is outside the plan and why, and what of that may not stand. Sorted by path. */
export function filesAgainstPlan({ changed, stage, reasons, others }: FileAsk): FilesAgainstPlan {
  const given = new Map(reasons.map(({ path, reason }) => [posix.normalize(path), reason.trim()]));
  const files = [...new Set(changed)].sort().map((path) => {
    const planned = lists(stage, path);
    return { path, planned, reason: planned ? null : (given.get(path) ?? "") || null };
  });
  const outside = files.filter(({ planned }) => !planned);
  const problems = outside.flatMap(({ path, reason }) => {
    const owners = [...others].filter(([named]) => covers(named, path)).map(([, number]) => `stage ${number}`);
    if (owners.length > 0) {
      const names = [...new Set(owners)].join(", ");
      return [
        {
          path,
          why: `${path} is outside the plan of stage ${stage.stageNumber} and listed by ${names}, which is not done`,
        },
      ];
    }
    return reason === null ? [{ path, why: `${path} is outside the plan and no reason was given` }] : [];
  });
  return { files, outOfPlan: outside.map(({ path, reason }) => ({ path, reason: reason ?? "" })), problems };
}

const lists = (stage: Stage, path: string): boolean =>
  [...stage.files, ...stage.steps.flatMap((step) => step.files)].some((named) => covers(named, path));

/** Whether a plan's entry means the path: as it is, as a folder above it, or by a glob. */
function covers(named: string, path: string): boolean {
  const plain = posix.normalize(named);
  if (plain === path) return true;
  if (plain.endsWith("/")) return path.startsWith(plain);
  return /[*{]/.test(plain) && matchesGlob(path, plain.includes("/") ? plain : `/${plain}`);
}
