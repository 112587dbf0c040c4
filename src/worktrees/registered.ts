/** Whether git knows a tree at a path. Compared by real paths, since git prints those and the home may be behind a link. */
import { basename, dirname, join } from "node:path";
import type { Host, TreeAt } from "../host/index.ts";

/** The tree as git lists it; its folder may be gone. */
export async function registeredAt(host: Host, repository: string, path: string): Promise<TreeAt | undefined> {
  const real = await realEvenIfGone(host, path);
  return (await host.git.trees(repository)).find((tree) => tree.path === path || tree.path === real);
}

/** The path with links resolved as far as it exists. */
export async function realEvenIfGone(host: Host, path: string): Promise<string> {
  const real = await host.files.realPath(path);
  if (real !== undefined) return real;
  const parent = dirname(path);
  return parent === path ? path : join(await realEvenIfGone(host, parent), basename(path));
}
