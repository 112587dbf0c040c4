/** Makes the real world and joins the rooms; the only place that does. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Environment, nodeTerminal, runCli, type Terminal } from "./cli/index.ts";
import { type Host, numbered, temporaryFileName } from "./host/index.ts";
import { exitNow, nodeHost } from "./host/node/index.ts";

declare const OKSTRA_VERSION: string;

/** From the folder of the sources and from dist/ alike. */
const packageRoot = dirname(import.meta.dirname);

export async function run(argv: readonly string[]): Promise<number> {
  const env = { ...process.env };
  const rig = rigOf(env);
  const terminal = nodeTerminal(env);
  return await runCli(argv, {
    okstraVersion: OKSTRA_VERSION,
    env,
    cwd: () => process.cwd(),
    terminal,
    signal: interrupts(terminal),
    hostFor: (environment) => rig(nodeHost({ env: environment, packageRoot })),
  });
}

/** The first Ctrl-C (or TERM) asks for a clean stop, the second ends at once. */
function interrupts(terminal: Terminal): AbortSignal {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) exitNow(130);
    terminal.write("story", "Stopping; once more to stop at once\n");
    stop.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return stop.signal;
}

/**
 * The rig's door: writes down every effect before it happens, and can kill this process just before one of them; where that
 * is the writing of a whole file, in the midst of it. All hosts of the process count as one.
 */
function rigOf(env: Environment): (host: Host) => Host {
  const trace = env["OKSTRA_RIG_EFFECTS"];
  if (trace === undefined || trace === "") return (host) => host;
  const isLast = lastEffect(env["OKSTRA_RIG_STOP_BEFORE"] ?? "");
  let count = 0;
  const before = (host: Host, kind: string, detail: string): void => {
    count += 1;
    // Written first: the last line of a killed process is the effect that it did not come to.
    appendFileSync(trace, `${count} ${kind} ${detail.replaceAll("\n", " ")}\n`);
    if (!isLast(count, kind)) return;
    if (kind === "files.replaceFile" || kind === "files.createFile") writeHalf(host, detail);
    process.kill(process.pid, "SIGKILL");
  };
  return (host) => numbered(host, { before: (_, kind, detail) => before(host, kind, detail) });
}

/** What a kill within a write leaves: the folder, and the file under its temporary name. */
function writeHalf(host: Host, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(join(dirname(path), temporaryFileName(basename(path), host.machine, "half")), "{");
}

/** `12`: the twelfth effect of all; `git.merge:2`: the second of its kind. */
function lastEffect(text: string): (n: number, kind: string) => boolean {
  const [wanted = "", nth = "1"] = text.split(":");
  if (/^\d+$/.test(wanted)) return (n) => n === Number(wanted);
  let seen = 0;
  return (_, kind) => kind === wanted && ++seen === Number(nth);
}
