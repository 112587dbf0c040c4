/** Child processes, for real. See run.ts, supervise.ts and descendants.ts for what must stay true. */
import { closeSync, constants, existsSync, openSync, realpathSync } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { fault } from "../../model/index.ts";
import type { Processes } from "../processes.ts";
import { ancestorsOf, awaitEnd, bearersOf, endAll } from "./descendants.ts";
import { codeOf, fileFault } from "./errno.ts";
import { makeFolders } from "./folders.ts";
import { processesInside } from "./inside.ts";
import { listeningPorts } from "./ports.ts";
import { hasInEnvironment, isAlive, processTable } from "./process-table.ts";
import { noFolder, run } from "./run.ts";
import { start } from "./start.ts";
import { supervise } from "./supervise.ts";

/** All but the two that answer at once. */
export const programs: Omit<Processes, "alive" | "askToStop"> = {
  run,
  supervise,
  async withMark(name, value) {
    const found = await bearersOf(`${name}=${value}`, processTable());
    return found.map(({ pid, startTime }) => ({ pid, startTime }));
  },
  awaitEnd,
  async end(processes, graceMs) {
    await endAll(processes.filter(isAlive), graceMs);
  },
  async inside(folder) {
    return processesInside(realpathSync(folder));
  },
  listening: listeningPorts,
  async ancestorHas(name) {
    const byPid = new Map(processTable().map((row) => [row.pid, row]));
    return [...ancestorsOf(process.pid, byPid)].some(
      (pid) => byPid.has(pid) && hasInEnvironment(pid, `${name}=`, false) === true,
    );
  },
  find,
  // Most commands need none of what it loads.
  openGateway: async (spec) => (await import("./gateway.ts")).openGateway(spec),
  launchDetached,
};

async function find(program: string, path: string): Promise<string | undefined> {
  if (program === "") return undefined;
  if (isAbsolute(program)) return (await isExecutable(program)) ? program : undefined;
  if (program.includes("/")) return undefined;
  for (const folder of path.split(delimiter)) {
    // An empty entry means the present folder; a program found there depends on where one stands.
    if (folder === "") continue;
    const candidate = join(resolve(folder), program);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
    return false;
  }
}

async function launchDetached(
  spec: Parameters<Processes["launchDetached"]>[0],
): ReturnType<Processes["launchDetached"]> {
  if (!existsSync(spec.cwd)) throw noFolder(spec.cwd);
  const log = openAppend(spec.logPath);
  try {
    const { child, self } = start({ ...spec, stdio: ["ignore", log, log] });
    const started = new Promise<void>((settle, fail) => child.once("spawn", settle).once("error", fail));
    child.unref();
    await started;
    if (self === undefined) throw new Error(`${spec.command[0]} has no pid`);
    return self;
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw fileFault(thrown, "run", spec.command[0]);
    throw fault("agent-missing", `${spec.command[0]} is not there`, "Install it, then run the command again", {
      program: spec.command[0],
    });
  } finally {
    closeSync(log);
  }
}

function openAppend(path: string): number {
  try {
    makeFolders(dirname(path));
    return openSync(path, "a", 0o600);
  } catch (thrown) {
    throw fileFault(thrown, "write", path);
  }
}
