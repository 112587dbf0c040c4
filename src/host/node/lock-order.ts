/** The order of ranks, and what the present flow of control holds (told by `hold` alone, see ../locks.ts). */
import { AsyncLocalStorage } from "node:async_hooks";
import type { LockName, LockRank } from "../locks.ts";

/** Every rank has its place: one without would be taken for the outermost. */
const order: Readonly<Record<LockRank, number>> = {
  run: 0,
  tree: 1,
  agent: 2,
  budget: 3,
  task: 4,
  repository: 5,
  project: 6,
  registry: 7,
  ledger: 8,
  home: 9,
};

type Held = { readonly name: LockName; readonly outer: Held | undefined; over: boolean };

const flow = new AsyncLocalStorage<Held>();

/** Throws a plain error, since it is a bug, when taking `name` now would break the order. */
export function assertOrder(name: LockName): void {
  for (let held = flow.getStore(); held !== undefined; held = held.outer) {
    // A task left running after its hold ended still sees it here; it no longer holds anything.
    if (held.over || order[held.name.rank] < order[name.rank]) continue;
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
