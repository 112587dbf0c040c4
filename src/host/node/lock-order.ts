/** The order of ranks, and what the present flow of control holds (told by `hold` alone, see ../locks.ts). */
import { AsyncLocalStorage } from "node:async_hooks";
import type { LockName, LockRank } from "../locks.ts";

const order: readonly LockRank[] = [
  "run",
  "agent",
  "budget",
  "task",
  "repository",
  "project",
  "registry",
  "ledger",
  "home",
];

type Held = { readonly name: LockName; readonly outer: Held | undefined; over: boolean };

const flow = new AsyncLocalStorage<Held>();

/** Throws a plain error, since it is a bug, when taking `name` now would break the order. */
export function assertOrder(name: LockName): void {
  for (let held = flow.getStore(); held !== undefined; held = held.outer) {
    // A task left running after its hold ended still sees it here; it no longer holds anything.
    if (held.over || order.indexOf(held.name.rank) < order.indexOf(name.rank)) continue;
    throw new Error(
      `lock order: ${name.rank} (${name.path}) taken while ${held.name.rank} (${held.name.path}) is held`,
    );
  }
}

/** Runs the body as a flow of control that holds `name`. */
export async function holding<T>(name: LockName, body: () => Promise<T>): Promise<T> {
  const held: Held = { name, outer: flow.getStore(), over: false };
  try {
    return await flow.run(held, body);
  } finally {
    held.over = true;
  }
}
