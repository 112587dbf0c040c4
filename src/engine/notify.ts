/**
 * Tells the command `notify` of the settings that a gate needs a person. It is the user's own command, with the user's environment;
 * that it fails or hangs is said and changes nothing else.
 */
import type { GateNotice } from "../lifecycle/notice.schema.ts";
import type { RunSummary } from "../lifecycle/task.schema.ts";
import { exitCodeOf, Fault, printKey } from "../model/index.ts";
import { gateStop } from "./gate-stop.ts";
import { openProject } from "./project.ts";
import { taskStatus } from "./queries.ts";
import { nowOf, type ProjectPlace, type TaskKey, type World } from "./world.ts";

const limitMs = 30_000;

export type At = { readonly cwd: string; readonly key: TaskKey };

/**
 * Does what starts or goes on with runs of a task. When it stops at a gate, or a gate keeps it from starting, `notify` is told;
 * `lastOf` names the run it ended with.
 */
export async function tellingGates<T>(
  world: World,
  at: At,
  { body, lastOf }: { readonly body: () => Promise<T>; readonly lastOf: (value: T) => RunSummary | undefined },
): Promise<T> {
  try {
    const value = await body();
    await tellStop(world, at, lastOf(value) ?? null);
    return value;
  } catch (thrown) {
    if (thrown instanceof Fault && exitCodeOf(thrown.failure) === 3) await tellRefusal(world, at, thrown);
    throw thrown;
  }
}

async function tellStop(world: World, at: At, last: RunSummary | null): Promise<void> {
  if (last?.outcome === "cancelled") return;
  const project = await openProject(world, at.cwd, at.key);
  if (project.settings.notify.length === 0) return;
  const stop = gateStop(await taskStatus(world, at.cwd, at.key), last);
  if (stop === null) return;
  await notify(world, project, {
    ...blank(world, project, at.key),
    gate: stop.gate,
    needs: [...stop.needs],
    run: last?.id ?? null,
    taskType: last?.taskType ?? null,
    outcome: last?.outcome ?? null,
    verdict: last?.verdict ?? null,
  });
}

async function tellRefusal(world: World, at: At, { failure }: Fault): Promise<void> {
  const project = await openProject(world, at.cwd, at.key);
  const needs = [failure.message, failure.remedy].filter((text) => text !== "");
  await notify(world, project, { ...blank(world, project, at.key), gate: failure.reason, needs });
}

const blank = (world: World, project: ProjectPlace, key: TaskKey) => ({
  schemaVersion: 1 as const,
  taskKey: printKey(key),
  projectRoot: project.projectRoot,
  run: null,
  taskType: null,
  outcome: null,
  verdict: null,
  time: nowOf(world),
});

/** Exported for its test: the time limit in milliseconds can be chosen there. */
export async function notify(
  world: World,
  { projectRoot, settings }: ProjectPlace,
  notice: GateNotice,
  timeoutMs = limitMs,
): Promise<void> {
  const [program, ...args] = settings.notify;
  if (program === undefined) return;
  const { machine, processes } = world.host;
  const env = Object.entries(machine.env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const failed = (why: string): void => world.say(`notify (${program}) ${why}; the gate stays as it is`);
  try {
    const { exitCode, timedOut, stderr } = await processes.run({
      command: [program, ...args],
      cwd: projectRoot,
      env: Object.fromEntries(env),
      stdin: `${JSON.stringify(notice)}\n`,
      timeoutMs,
    });
    if (timedOut) failed(`took longer than ${timeoutMs / 1000} s and was ended`);
    else if (exitCode !== 0) failed(`ended with ${exitCode ?? "a signal"}${said(stderr)}`);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    failed(`cannot be run: ${thrown.failure.message}`);
  }
}

const said = (stderr: string): string => {
  const last = stderr.trim().split("\n").at(-1) ?? "";
  return last === "" ? "" : `: ${last}`;
};
