/** The commit that handed-over work is to be merged into. */
import type { Git } from "../../host/index.ts";
import { fault } from "../../model/index.ts";

/** Throws `base-ref-unknown` when the base names no commit here. */
export async function requireBaseCommit(git: Git, tree: string, base: string): Promise<string> {
  const commit = await git.resolve(tree, `${base}^{commit}`);
  if (commit !== undefined) return commit;
  throw fault("base-ref-unknown", `"${base}" names no commit`, "Give the branch to merge into with --base", { base });
}
