/** The run index of the home, made anew. */
import { take } from "../model/index.ts";
import { openHome, type Rebuilt, rebuildIndex } from "../registry/index.ts";
import type { World } from "./world.ts";

export async function reindex(world: World): Promise<Rebuilt> {
  take(await openHome(world.host, world.home));
  return take(await rebuildIndex(world.host, world.home));
}
