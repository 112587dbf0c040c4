/** TCP ports that somebody listens at on this machine, whoever it is. From /proc on Linux, from lsof elsewhere (own processes only). */
import { spawnSync } from "node:child_process";
import { open } from "node:fs/promises";
import { release } from "node:os";

const tables = ["/proc/net/tcp", "/proc/net/tcp6"];

export async function listeningPorts(): Promise<Set<number>> {
  if (process.platform !== "linux") return new Set(lsofPorts());
  return new Set((await Promise.all(tables.map((path) => portsIn(path)))).flat());
}

/**
 * The kernel's documentation (proc_net_tcp) promises all that listen first and all connections after them: what comes then is not
 * asked for, since the kernel walks through all its connections to write it. What stands in for a kernel promises nothing.
 */
const listenersFirst = !/gvisor/i.test(release());

/** A machine without IPv6 has no such table. `bytes`: asked for at once. */
export async function portsIn(path: string, first = listenersFirst, bytes = 1 << 12): Promise<number[]> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return [];
  const ports: number[] = [];
  let rest = "";
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(bytes), 0, bytes);
      const rows = (rest + buffer.toString("latin1", 0, bytesRead)).split("\n");
      rest = rows.pop() ?? "";
      const sockets = rows.flatMap((row) => socketIn(row) ?? []);
      ports.push(...sockets.flatMap(({ port, state }) => (state === listens ? [port] : [])));
      if (bytesRead === 0 || (first && sockets.some(({ state }) => !early.has(state)))) return ports;
    }
  } finally {
    await file.close();
  }
}

const listens = "0A";
/** Old kernels write connections that are being made after the listener that they came to. */
const early: ReadonlySet<string> = new Set([listens, "03"]);

/** Rows `sl local_address rem_address st ...`; the port in hex after the last colon. Undefined of the head and of no row. */
function socketIn(row: string): { readonly port: number; readonly state: string } | undefined {
  const [sl = "", local = "", , state = ""] = row.trim().split(/\s+/);
  if (!/^\d+:$/.test(sl)) return undefined;
  return { port: Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16), state };
}

function lsofPorts(): number[] {
  const done = spawnSync("lsof", ["-nP", "-iTCP", "-sTCP:LISTEN", "-F", "n"], {
    encoding: "utf8",
    env: { PATH: "/usr/bin:/usr/sbin:/bin:/sbin", LC_ALL: "C" },
  });
  if (done.error !== undefined) throw done.error;
  return done.stdout
    .split("\n")
    .flatMap((line) => (/^n.*:(\d+)$/.test(line) ? [Number(line.slice(line.lastIndexOf(":") + 1))] : []));
}
