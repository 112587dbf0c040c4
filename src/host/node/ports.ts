/** TCP ports that somebody listens at on this machine, whoever it is. From /proc on Linux, from lsof elsewhere (own processes only). */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

export function listeningPorts(): Set<number> {
  if (process.platform !== "linux") return new Set(lsofPorts());
  return new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => parseProcNet(readOrNothing(path))));
}

/** Rows `sl local_address rem_address st ...`; the port in hex after the last colon, state 0A: listening. */
export function parseProcNet(text: string): number[] {
  return text.split("\n").flatMap((row) => {
    const [, local, , state] = row.trim().split(/\s+/);
    return state === "0A" && local !== undefined ? [Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16)] : [];
  });
}

/** A machine without IPv6 has no such table. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
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
