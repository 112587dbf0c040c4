/** A small process that runs programs to their end on order and says how long each took. */
import { spawnSync } from "node:child_process";

export type Order = {
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
};

export type Ended = { readonly ms: number; readonly failed: string | null };

process.on("message", (order: Order) => {
  const [program, ...args] = order.command;
  const begun = performance.now();
  const { status, stderr, error } = spawnSync(program, args, {
    cwd: order.cwd,
    // Nothing of the user: some variables (NODE_EXTRA_CA_CERTS) cost every Node more than all that is measured here.
    env: order.env ?? { PATH: process.env["PATH"] },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ms = performance.now() - begun;
  const failed = status === 0 ? null : `exit ${status} ${error?.message ?? ""} ${String(stderr)}`;
  process.send?.({ ms, failed } satisfies Ended);
});
