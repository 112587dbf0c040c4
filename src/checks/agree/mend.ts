/**
 * Does what a finding says would mend it, and says in a sentence what was done. Each mend looks again under the lock of what it
 * changes, so that one which somebody else was faster with does nothing.
 */
import {
  bringBack,
  bringBranchBack,
  dropEntry,
  forgetTree,
  listRun,
  projectAt,
  rebuildTaskCatalog,
  reconcile,
  recordTree,
  refillTask,
  releaseStages,
  settleTask,
  type World,
} from "../../engine/index.ts";
import { fault, printKey, readRun, type TaskKey, take, unreachable } from "../../model/index.ts";
import { addLostEntries, projectRootOf } from "../../registry/index.ts";
import type { RegistryEntry } from "../../registry/registry.schema.ts";
import { emptyTrash, freeSlot } from "../../worktrees/index.ts";
import type { Mend } from "./finding.ts";

type At = {
  readonly cwd: string /** The project around `cwd`; undefined outside one. */;
  readonly here: string | undefined;
};

/** Throws what stands in the way. */
export async function apply(world: World, at: At, mend: Mend): Promise<string> {
  switch (mend.do) {
    case "settle": {
      const { undone } = take(await settleTask(world, await projectOf(world, mend.key), mend.key));
      return `settled what killed processes left of ${printKey(mend.key)}${undone.length === 0 ? "" : `; undone: ${undone.join(", ")}`}`;
    }
    case "refill":
      return take(await refillTask(world, await projectOf(world, mend.key), mend.key));
    case "reconcile": {
      const [done] = take(await reconcile(world, { cwd: await rootOf(world, mend.key), key: mend.key, accept: [] }));
      const told = (done?.corrected ?? []).map(({ what, stage, from, to }) => {
        const named = what === "stage" ? `stage ${stage}` : `the ${what}`;
        return `${named}: ${from.slice(0, 12)} is now ${to?.slice(0, 12)}`;
      });
      return told.length === 0 ? "nothing was stale" : told.join("; ");
    }
    case "release": {
      const released = take(
        await releaseStages(world, { cwd: at.cwd, key: mend.key, stage: mend.stage, merge: mend.merge, force: false }),
      );
      return released.length === 0
        ? "nothing: nobody holds it by now"
        : `released ${mend.merge ? "the merge of " : ""}stage ${mend.stage}`;
    }
    case "register":
      return await register(world, mend.entries);
    case "bring-back":
      return take(await bringBack(world, { name: mend.name, projectRoot: await rootOf(world, mend.key) }));
    case "record-tree":
      return take(await recordTree(world, { name: mend.name, projectRoot: await rootOf(world, mend.key) }));
    case "drop-entry":
      return take(await dropEntry(world, { name: mend.name, projectRoot: await rootOf(world, mend.key) }));
    case "branch": {
      const { name, commit } = mend;
      return take(await bringBranchBack(world, { name, commit, projectRoot: await rootOf(world, mend.key) }));
    }
    case "forget-tree": {
      const { path, key } = mend;
      return take(await forgetTree(world, { path, key, projectRoot: await rootOf(world, key) }));
    }
    case "remove-empty":
      return (await world.host.files.removeEmptyFolder(mend.path))
        ? "removed the empty folder"
        : "nothing: it is not empty by now";
    case "empty-trash":
      return `deleted ${take(await emptyTrash(world.host, world.home))} removed worktrees`;
    case "catalog":
      return take(await rebuildTaskCatalog(world, take(await projectAt(world, hereOf(at)))));
    case "list-run":
      return take(await listRun(world, await projectOf(world, readRun(mend.run).key), mend.run));
    default:
      return unreachable(mend);
  }
}

function hereOf({ cwd, here }: At): string {
  if (here !== undefined) return here;
  throw fault("not-a-project", `${cwd} is in no project`, "Run it in the project's folder", { cwd });
}

async function rootOf(world: World, key: TaskKey): Promise<string> {
  const root = take(await projectRootOf(world.host, world.home, key.project));
  if (root !== undefined) return root;
  throw fault("not-a-project", `No project "${key.project}" is registered`, "Run okstra init in the project's folder", {
    project: key.project,
  });
}

const projectOf = async (world: World, key: TaskKey) => take(await projectAt(world, await rootOf(world, key)));

/** Entries that are lost get slots that nobody has. */
async function register(world: World, entries: readonly RegistryEntry[]): Promise<string> {
  const busy = await world.host.processes.listening();
  const { added, aside } = take(
    await addLostEntries(world.host, world.home, (there) => {
      const slots = Object.values(there).map(({ slot }) => slot);
      return entries.map((entry) => {
        const slot = freeSlot(slots, busy);
        slots.push(slot);
        return { ...entry, slot };
      });
    }),
  );
  const told = added.length === 0 ? "no entry was missing" : `registered again: ${added.join(", ")}`;
  return aside === null ? told : `kept the registry as it was at ${aside}; ${told}`;
}
