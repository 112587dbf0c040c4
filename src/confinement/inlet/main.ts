/**
 * Inside a network of its own, where there is nothing but this machine's loopback: hands on what comes to a proxy's port, and to the
 * ports of servers on the loopback outside that may be reached, to okstra's gateway over a socket in the file system. Then it starts
 * the program and is nothing more: streams are inherited, its exit is this one's.
 *
 * `inlet FOLDER PORT HOST:PORT,... -- PROGRAM ARGS...`: the folder with the socket `gate`.
 *
 * What dies when: this one ends with the program, and with it the namespace and all that is left in there. A signal that asks to stop
 * goes to every process inside, so the program has it too, and this one waits for what the program makes of it. If okstra is gone,
 * connections fail and bubblewrap ends everything. It is a program of its own and no part of okstra's process, and imports nothing.
 */
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { constants } from "node:os";

const [folder = "", port = "", lent = "", , program = "", ...args] = process.argv.slice(2);

// The path of a socket may have 107 bytes: it is named by its folder's number.
const gate = `/proc/self/fd/${openSync(folder, "r")}/gate`;

const proxy = `http://127.0.0.1:${port}`;
const here = "localhost,127.0.0.1,::1";
const upper = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, ALL_PROXY: proxy, NO_PROXY: here };
const lower = Object.fromEntries(Object.entries(upper).map(([name, value]) => [name.toLowerCase(), value]));
// Node's own fetch minds a proxy only when it is told to.
const env = { ...process.env, ...upper, ...lower, NODE_USE_ENV_PROXY: "1" };

void main();

async function main(): Promise<void> {
  await listen("127.0.0.1", Number(port), (client) => join(client, connect({ path: gate, allowHalfOpen: true })));
  for (const place of lent.split(",").filter((one) => one !== "")) {
    const at = place.lastIndexOf(":");
    const [host, number] = [place.slice(0, at).replace(/^\[(.*)\]$/, "$1"), Number(place.slice(at + 1))];
    for (const address of host === "localhost" ? ["127.0.0.1", "::1"] : [host])
      await listen(address, number, (client) => through(client, place));
  }

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const) process.on(signal, () => undefined);
  const child = spawn(program, args, { stdio: "inherit", env });
  child.once("error", ({ message }) => {
    process.stderr.write(`okstra: ${program} cannot be started: ${message}\n`);
    process.exit(127);
  });
  // As a shell and bubblewrap tell of a signal.
  child.once("exit", (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
}

/** Where there is no such address, or it is taken already (`localhost` and `127.0.0.1`), nothing more is to be done. */
function listen(host: string, at: number, onClient: (client: Socket) => void): Promise<void> {
  return new Promise((settle) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, onClient);
    server.once("error", (problem: NodeJS.ErrnoException) => {
      if (problem.code === "EACCES") process.stderr.write(`okstra: port ${at} cannot be lent: ${problem.message}\n`);
      settle();
    });
    server.listen({ host, port: at }, settle);
  });
}

function join(one: Socket, other: Socket): void {
  const pass = (from: Socket, into: Socket): void => {
    from.pipe(into);
    from.on("error", () => into.destroy());
    from.once("close", () => {
      if (!from.readableEnded || !from.writableFinished) into.destroy();
    });
  };
  pass(one, other);
  pass(other, one);
}

/** A server outside: the gateway is asked for it first, and says 200 or why not. */
function through(client: Socket, place: string): void {
  const outside = connect({ path: gate, allowHalfOpen: true });
  outside.write(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n\r\n`);
  let answer = Buffer.alloc(0);
  const cut = (): void => {
    client.destroy();
    outside.destroy();
  };
  const hear = (piece: Buffer): void => {
    answer = Buffer.concat([answer, piece]);
    const end = answer.indexOf("\r\n\r\n");
    if (end < 0) return;
    outside.off("data", hear);
    for (const side of [client, outside]) side.off("error", cut).off("close", cut);
    if (!answer.toString("latin1", 0, end).startsWith("HTTP/1.1 200 ")) {
      cut();
      return;
    }
    outside.pause();
    if (answer.length > end + 4) outside.unshift(answer.subarray(end + 4));
    join(client, outside);
  };
  for (const side of [client, outside]) side.on("error", cut).on("close", cut);
  outside.on("data", hear);
  outside.once("end", () => void (answer.indexOf("\r\n\r\n") < 0 && cut()));
}
