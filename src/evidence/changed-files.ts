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
  /** The other stages of the plan that are not done. */
  readonly unfinished: readonly Stage[];
};

export type FilesAgainstPlan = {
  readonly files: readonly { readonly path: string; readonly planned: boolean; readonly reason: string | null }[];
  readonly outOfPlan: readonly OutOfPlanEdit[];
  readonly problems: readonly { readonly path: string; readonly why: string }[];
};

/** What was changed, what of it is outside the plan and why, and what of that may not stand. Sorted by path. */
export function filesAgainstPlan({ changed, stage, reasons, unfinished }: FileAsk): FilesAgainstPlan {
  const given = new Map(reasons.map(({ path, reason }) => [posix.normalize(path), reason.trim()]));
  const files = [...new Set(changed)].sort().map((path) => {
    const planned = lists(stage, path);
    return { path, planned, reason: planned ? null : (given.get(path) ?? "") || null };
  });
  const outside = files.filter(({ planned }) => !planned);
  const problems = outside.flatMap(({ path, reason }) => {
    const owners = unfinished.filter((other) => other.stageNumber !== stage.stageNumber && lists(other, path));
    if (owners.length > 0) {
      const names = owners.map((other) => `stage ${other.stageNumber}`).join(", ");
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

/** Whether a stage names the path: as it is, as a folder above it, or by a glob. */
export function lists(stage: Stage, path: string): boolean {
  return [...stage.files, ...stage.steps.flatMap((step) => step.files)].some((named) => {
    const plain = posix.normalize(named);
    if (plain === path) return true;
    if (plain.endsWith("/")) return path.startsWith(plain);
    return /[*{]/.test(plain) && matchesGlob(path, plain.includes("/") ? plain : `/${plain}`);
  });
}
