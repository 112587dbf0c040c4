/** Who holds what: the record that a registry entry carries for a run of this process. */
import type { Holder } from "../../registry/registry.schema.ts";
import type { World } from "../world.ts";

export const holderOf = (world: World, run: string, nonce: string): Holder => ({
  run,
  nonce,
  pid: world.host.machine.pid,
  startTime: world.host.machine.startTime,
  bootId: world.host.machine.bootId,
  machine: world.host.machine.name,
});

/** The environment mark of processes that work for a hold (set-up commands), so that a later process can end them. */
export const holdMark = "OKSTRA_HOLD";
