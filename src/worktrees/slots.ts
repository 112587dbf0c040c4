/**
 * Slots keep trees that run at the same time apart: each has a number of its own, and from it ports and a temporary folder.
 * Pure; the registry holds which slots are taken.
 */

/** Ports of one slot: `OKSTRA_PORT_BASE` and the 19 above it. */
export const portsPerSlot = 20;
const firstPort = 20_000;
/** 20000 to 64999; slot 2250 shares its ports with slot 0, which nobody reaches. */
const slotsWithPorts = 2_250;

/** The lowest number that is not in use, 0 first, and at none of whose ports anybody listens (`busy`). */
export function freeSlot(used: readonly number[], busy: ReadonlySet<number> = new Set()): number {
  const taken = new Set([...used, ...[...busy].map(slotOfPort)]);
  let slot = 0;
  while (taken.has(slot)) slot += 1;
  return slot;
}

/** Negative below the first port of all. */
const slotOfPort = (port: number): number => Math.floor((port - firstPort) / portsPerSlot);

export const portBase = (slot: number): number => firstPort + (slot % slotsWithPorts) * portsPerSlot;

/**
 * The variables of a slot. `temporary` should be short, since sockets are made in TMPDIR and their paths end at 104 bytes,
 * and outside every checkout. fillTree makes the folder.
 */
export const slotEnvironment = (slot: number, temporary: string): Readonly<Record<string, string>> => ({
  OKSTRA_SLOT: String(slot),
  OKSTRA_PORT_BASE: String(portBase(slot)),
  TMPDIR: temporary,
});
