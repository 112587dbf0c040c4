/** Which process executes a run, as the record of the run's lock says. */
import type { Locks } from "../host/index.ts";
import type { RunRef } from "../model/index.ts";
import { runLock } from "../registry/index.ts";
import type { World } from "./world.ts";

/** How the owner record of a run's lock begins while the run is executed; others hold the lock for a moment. */
export const executing = "execute ";

/** The process that executes the run now; undefined when none does. */
export async function executorOf({ host, home }: World, run: RunRef): ReturnType<Locks["holder"]> {
  const holder = await host.locks.holder(runLock(home, run));
  return holder?.purpose.startsWith(executing) === true ? holder : undefined;
}
