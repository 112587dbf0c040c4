/**
 * A puppet waits for its player: it connects to a unix socket, sends one JSON line that says who it is, and plays on when it reads
 * `go`. `{"exit": N}` ends it at once with that code.
 */
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import type { Address } from "../contract.ts";
import { ActFailed, type Turn } from "./part.ts";

export async function puppet(path: string, address: Address): Promise<Turn> {
  const socket = createConnection(path);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", (cause) => reject(new ActFailed(`puppet: nobody listens at ${path} (${cause.message})`)));
    });
    socket.write(`${JSON.stringify({ ...address, pid: process.pid, cwd: process.cwd() })}\n`);
    for await (const order of createInterface({ input: socket })) return obey(order);
    throw new ActFailed(`puppet: ${path} hung up without an order`);
  } finally {
    socket.destroy();
  }
}

function obey(order: string): Turn {
  if (order.trim() === "go") return undefined;
  const exit = /^\s*\{\s*"exit"\s*:\s*(\d{1,3})\s*\}\s*$/.exec(order)?.[1];
  if (exit !== undefined) return { exit: Number(exit) };
  throw new ActFailed(`puppet: ${JSON.stringify(order)} is no order; there are go and {"exit": N}`);
}
