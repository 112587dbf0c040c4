/**
 * Places for agents: at most `concurrency.agents` agents work at once over all runs of this machine, at most
 * `concurrency.perFamily` of one vendor. A place is a kernel lock in the home, so a killed engine gives it back at once.
 *
 *   queue (one looks, the others wait in line) -> count the places that are held -> fewer than the limit? -> take one -> leave the queue
 *                                                   ^------------- look again <----'
 *
 * Projects may set different limits: each looks at how many are at work, so the one with the lower limit waits longer. The vendor's
 * place is taken first: who waits for it must not stand in the way of others.
 */
import type { Lock } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import type { WorkerSpec } from "../lifecycle/task.schema.ts";
import { agentPlaceLock, agentQueueLock } from "../registry/index.ts";
import { Bell } from "./bell.ts";
import type { OpenRun } from "./run.ts";
import type { World } from "./world.ts";

/** The kernel cannot wait for any one of several locks. */
const lookAgainMs = 100;

type Asker = Pick<OpenRun, "id" | "world"> & {
  readonly project: { readonly settings: Pick<OpenRun["project"]["settings"], "concurrency"> };
};

/** Runs `body`, in which one agent works, when there is a place for it. Throws `interrupted` when the signal stops the waiting. */
export async function inPlace<T>(
  run: Asker,
  spec: Pick<WorkerSpec, "worker" | "family">,
  body: () => Promise<T>,
): Promise<T> {
  const { agents, perFamily } = run.project.settings.concurrency;
  const purpose = `${spec.worker} of ${run.id}`;
  await using _ofVendor =
    perFamily === null
      ? undefined
      : await takePlace(run.world, { crowd: `vendor-${spec.family}`, most: perFamily, key: "perFamily", purpose });
  await using _ofAll = await takePlace(run.world, { crowd: "all", most: agents, key: "agents", purpose });
  return await body();
}

type Wanted = {
  readonly crowd: string;
  readonly most: number;
  readonly key: "agents" | "perFamily";
  readonly purpose: string;
};

async function takePlace(world: World, wanted: Wanted): Promise<Lock> {
  const { locks } = world.host;
  const queue = agentQueueLock(world.home, wanted.crowd);
  let said = false;
  const sayOnce = (): void => {
    if (!said) world.say(`${wanted.purpose} waits for a free place (concurrency.${wanted.key} is ${wanted.most})`);
    said = true;
  };
  await using _turn = await locks.acquire(queue, wanted.purpose, { onWait: sayOnce, signal: world.signal });
  const first = await freePlace(world, wanted);
  if (first !== undefined) return first;
  sayOnce();
  const bell = new Bell(world, queue.path, lookAgainMs);
  try {
    for (;;) {
      await bell.rings();
      const place = await freePlace(world, wanted);
      if (place !== undefined) return place;
    }
  } finally {
    bell.stop();
  }
}

/** A place, if fewer than `most` are held now. The caller holds the queue. */
async function freePlace(world: World, { crowd, most, purpose }: Wanted): Promise<Lock | undefined> {
  const free: Lock[] = [];
  let held = 0;
  try {
    const seen = await placesSeen(world, crowd);
    for (let place = 1; place <= Math.max(most, seen); place += 1) {
      const lock = await world.host.locks.tryAcquire(agentPlaceLock(world.home, crowd, place), purpose);
      if (lock === undefined) held += 1;
      else free.push(lock);
      // Nobody ever had more places than are allowed here: one that is free is enough.
      if (lock !== undefined && seen <= most) break;
    }
    return held < most ? free.shift() : undefined;
  } finally {
    for (const lock of free) await lock.release();
  }
}

/** The highest place that anybody ever took. */
async function placesSeen(world: World, crowd: string): Promise<number> {
  const entries = await world.host.files.list(homePaths(world.home).locks.agentPlaces(crowd));
  return Math.max(0, ...entries.map(({ name }) => Number(/^place-(\d+)\.lock$/.exec(name)?.[1] ?? 0)));
}
