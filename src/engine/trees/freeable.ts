/** A refusal for want of room says what `okstra worktree prune` could free; looked up once something was refused, never before. */
import { Fault, fault } from "../../model/index.ts";
import type { World } from "../world.ts";
import { pruneTrees } from "./prune.ts";

const others: ReadonlyMap<string, string> = new Map([
  ["worktree-limit", "Raise the limit in the settings"],
  ["disk-full", "Free space on that disk"],
]);

/** Runs the body; a `worktree-limit`, or a `disk-full` that a new worktree met, comes back with what could be freed in its remedy. */
export async function sayingWhatPruneFrees<T>(world: World, cwd: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const { reason, message, details = {} } = thrown.failure;
    const otherwise = others.get(reason);
    if (otherwise === undefined || (reason === "disk-full" && !("neededBytes" in details))) throw thrown;
    const { bytes, trees } = await freeable(world, cwd);
    const many = `${trees} worktree${trees === 1 ? "" : "s"}`;
    const remedy =
      bytes === 0
        ? `${otherwise}; okstra worktree prune could free nothing now`
        : `okstra worktree prune frees ${inUnits(bytes)} of ${many}; or ${otherwise.replace(/^./, (first) => first.toLowerCase())}`;
    throw fault(reason, message, remedy, { ...details, freeableBytes: bytes }, thrown);
  }
}

/** Nothing where that cannot be told: the refusal is what matters. */
async function freeable(world: World, cwd: string): Promise<{ readonly bytes: number; readonly trees: number }> {
  try {
    const { entries } = await pruneTrees(world, { cwd, key: null, all: false, explain: true });
    const going = entries.filter(({ freedBytes }) => freedBytes > 0);
    return { bytes: going.reduce((sum, { freedBytes }) => sum + freedBytes, 0), trees: going.length };
  } catch (thrown) {
    if (thrown instanceof Fault) return { bytes: 0, trees: 0 };
    throw thrown;
  }
}

function inUnits(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
