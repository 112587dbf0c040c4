/** Limits that the settings set: how many worktrees there may be, and how much of the disk they may take. */
import { homePaths } from "../../lifecycle/index.ts";
import { fault } from "../../model/index.ts";
import type { Registry } from "../../registry/registry.schema.ts";
import type { ProjectPlace, World } from "../world.ts";

const remedy = "okstra worktree prune --explain shows what can go; or raise the limit in the settings";

/** Called where an entry is about to be added. Throws `worktree-limit`. */
export function requireFewer(registry: Registry, most: number | null): void {
  const count = Object.keys(registry.entries).length;
  if (most === null || count < most) return;
  const message = `There are ${count} worktrees, and worktreeMax allows ${most}`;
  throw fault("worktree-limit", message, remedy, { count, worktreeMax: most });
}

/** Looks at the disk only where a limit is set. Throws `worktree-limit`. */
export async function requireQuota(world: World, project: ProjectPlace): Promise<void> {
  const { worktreeQuotaGb: most } = project.settings;
  if (most === null) return;
  const bytes = await world.host.files.usedBytes(homePaths(world.home).worktrees);
  if (bytes < most * 1e9) return;
  const message = `Worktrees take ${(bytes / 1e9).toFixed(2)} GB, and worktreeQuotaGb allows ${most}`;
  throw fault("worktree-limit", message, remedy, { bytes, worktreeQuotaGb: most });
}
