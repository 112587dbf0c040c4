/**
 * A process that lives through a whole history: it reads one order a line, does it with the engine itself as a command would, and
 * answers in one line. `killBefore` ends it just before its n-th effect; at `pauseBefore` it stands still for a moment, so that others
 * get between what it read and what it writes. A run that is told to sleep has its stage and stands still until it is woken, as on a
 * host that was suspended.
 *
 * A kill is a SIGKILL of this process where it is to be `real`. A process started anew costs more than a whole history, so mostly
 * the kill is of another: all holds are given to a process that does nothing, which is killed, and from the n-th effect on each is
 * refused, so that the command comes to nothing more and its locks are free.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { mendAll } from "../../src/checks/agreement.ts";
import type { Check } from "../../src/checks/index.ts";
import { endRun } from "../../src/engine/ending.ts";
import { openRun } from "../../src/engine/execute.ts";
import { writeCarryAndRow } from "../../src/engine/implementation/carry.ts";
import type { Loop } from "../../src/engine/implementation/fix-loop.ts";
import { integrateStage } from "../../src/engine/implementation/integration.ts";
import type { StageWork } from "../../src/engine/implementation/stage-work.ts";
import { requireApprovedPlan } from "../../src/engine/prepare/approved-plan.ts";
import { prepareRun } from "../../src/engine/prepare/index.ts";
import { plainRequest } from "../../src/engine/prepare/request.ts";
import { openProject } from "../../src/engine/project.ts";
import type { Run } from "../../src/engine/run.ts";
import { checkSettings } from "../../src/engine/settings-files.ts";
import { settleFor } from "../../src/engine/settle.ts";
import { cancel } from "../../src/engine/steer.ts";
import { releaseStages } from "../../src/engine/trees/release.ts";
import { removeTrees } from "../../src/engine/trees/remove.ts";
import type { World } from "../../src/engine/world.ts";
import { type Host, numbered } from "../../src/host/index.ts";
import { nodeHost } from "../../src/host/node/index.ts";
import { startTimeOf } from "../../src/host/node/process-table.ts";
import { Fault, readRun, readTaskKey, take } from "../../src/model/index.ts";
import { runLock } from "../../src/registry/index.ts";
import { findRepository } from "../../src/worktrees/index.ts";

export type Order = {
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly root: string;
  readonly key: string;
  readonly kill: "real" | "refused";
  readonly killBefore: number | null;
  /** `registry`: before it replaces the registry for the first time. */
  readonly pauseBefore: number | "registry" | null;
} & (
  | { readonly do: "prepare"; readonly agents: string }
  | { readonly do: "commit"; readonly tree: string; readonly file: string }
  | { readonly do: "done"; readonly run: string; readonly sleep: boolean }
  | { readonly do: "cancel"; readonly run: string }
  | { readonly do: "wake" }
  | { readonly do: "release" | "remove"; readonly stage: number; readonly force: boolean }
  | { readonly do: "fix" }
);

export type Reply =
  | {
      readonly ok: true;
      readonly run?: string;
      readonly stage?: number;
      readonly tree?: string;
      readonly merged?: string;
      readonly asleep?: true;
      readonly checks?: readonly Check[];
    }
  | { readonly ok: false; readonly reason: string; readonly message: string };

const packageRoot = fileURLToPath(new URL("../..", import.meta.url));
/** One for all orders, as a process has. */
let own: Host | undefined;
/** Lets the run that sleeps here go on, and what it came to. */
let asleep: { readonly wake: () => void; readonly done: Promise<Reply>; readonly killed: Refused } | undefined;
/** What the registry and the journals are told to be the process that executes the orders. */
type StandIn = { readonly child: ChildProcess; readonly pid: number; readonly startTime: string };
let standing: StandIn | undefined;
/** Whether the kill of an order came. */
type Refused = { before: boolean };
const still = new Int32Array(new SharedArrayBuffer(4));
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line) as Order);
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
await endStandIn();

async function answer(order: Order): Promise<Reply> {
  const standing = order.kill === "real" ? undefined : await standIn();
  // A run that is woken is killed where the order that it slept in says.
  const killed = order.do === "wake" && asleep !== undefined ? asleep.killed : { before: false };
  try {
    const reply = await obey(order, worldOf(order, killed, standing), killed);
    if (!killed.before) return reply;
  } catch (thrown) {
    if (!killed.before) return refused(thrown);
  }
  await endStandIn();
  return { ok: false, reason: "killed", message: "" };
}

function refused(thrown: unknown): Reply {
  if (thrown instanceof Fault) return { ok: false, reason: thrown.failure.reason, message: thrown.message };
  return {
    ok: false,
    reason: "crash",
    message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
  };
}

async function standIn(): Promise<StandIn> {
  if (standing !== undefined) return standing;
  // Ends with this process: nobody else has the other end of its input.
  const child = spawn("cat", [], { cwd: "/", env: { PATH: process.env["PATH"] }, stdio: ["pipe", "ignore", "ignore"] });
  await once(child, "spawn");
  if (child.pid === undefined) throw new Error("cat did not start");
  const startTime = startTimeOf(child.pid);
  if (startTime === undefined) throw new Error("cat has ended");
  standing = { child, pid: child.pid, startTime };
  return standing;
}

async function endStandIn(): Promise<void> {
  const child = standing?.child;
  standing = undefined;
  if (child === undefined) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

function worldOf(order: Order, killed: Refused, as: StandIn | undefined): World {
  const { env, home, kill, killBefore, pauseBefore } = order;
  let paused = false;
  const before = (n: number, kind: string, detail: string): void => {
    if (killBefore !== null && n >= killBefore) {
      if (kill === "real") process.kill(process.pid, "SIGKILL");
      killed.before = true;
      throw new Error("killed");
    }
    const isRegistry = kind === "files.replaceFile" && detail.endsWith("/registry.json");
    if (paused || (pauseBefore === "registry" ? !isRegistry : n !== pauseBefore)) return;
    paused = true;
    Atomics.wait(still, 0, 0, 30);
  };
  own ??= nodeHost({ env, packageRoot });
  const machine =
    as === undefined
      ? own.machine
      : Object.create(own.machine, { pid: { value: as.pid }, startTime: { value: as.startTime } });
  // The kernel's table of connections takes longer to read than all else that a prepare does.
  const processes = { ...own.processes, listening: async () => new Set<number>() };
  const host = numbered({ ...own, machine, processes }, { before });
  const signal = new AbortController().signal;
  return { host, home, okstraVersion: "0.0.0-test", listen: () => undefined, say: () => undefined, signal };
}

async function obey(order: Order, world: World, killed: Refused): Promise<Reply> {
  const key = readTaskKey(order.key);
  const cwd = order.root;
  switch (order.do) {
    case "prepare": {
      const request = { ...plainRequest(cwd, key, "implementation"), stage: "auto" as const, agents: order.agents };
      const { manifest } = await prepareRun(world, request);
      return { ok: true, run: manifest.id, stage: manifest.stage ?? 0, tree: manifest.worktree.path };
    }
    case "commit": {
      writeFileSync(join(order.tree, order.file), `${order.file}\n`);
      const author = ["-c", "user.name=A", "-c", "user.email=a@b"];
      const git = (...args: string[]) => execFileSync("git", args, { cwd: order.tree, env: order.env, stdio: "pipe" });
      git("add", order.file);
      git(...author, "-c", "maintenance.auto=false", "commit", "--quiet", "-m", order.file);
      return { ok: true };
    }
    case "done":
      return order.sleep ? await sleepIn(world, { cwd, run: order.run, killed }) : await finish(world, cwd, order.run);
    case "wake": {
      const sleeper = asleep;
      asleep = undefined;
      sleeper?.wake();
      return (await sleeper?.done) ?? { ok: true };
    }
    case "cancel":
      await cancel(world, cwd, readRun(order.run));
      return { ok: true };
    case "release":
      await releaseStages(world, { cwd, key, stage: order.stage, force: order.force });
      return { ok: true };
    case "remove":
      await removeTrees(world, { cwd, key, wanted: `stage-${order.stage}`, force: order.force });
      return { ok: true };
    case "fix": {
      // What `doctor --fix` does, without its look at agents and tools.
      const { checks } = await mendAll(world, { cwd, project: await checkSettings(world, cwd) });
      return { ok: true, checks };
    }
  }
}

function resolvable(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Comes back when the run has its stage and sleeps, or when it did not come so far. */
async function sleepIn(
  world: World,
  { cwd, run, killed }: { cwd: string; run: string; killed: Refused },
): Promise<Reply> {
  const woken = resolvable();
  return await new Promise((settle, refuse) => {
    const beforeWriting = (): Promise<void> => {
      asleep = { wake: woken.resolve, done, killed };
      settle({ ok: true, asleep: true });
      return woken.promise;
    };
    const done = finish(world, cwd, run, beforeWriting);
    done.then(settle, refuse);
  });
}

/** What a run does once its stage is built: carry, row, merge, end. The agents and their checks are left out. */
async function finish(
  world: World,
  cwd: string,
  id: string,
  beforeWriting = (): Promise<void> => Promise.resolve(),
): Promise<Reply> {
  const ref = readRun(id);
  const project = await openProject(world, cwd, ref.key);
  await settleFor(world, project, ref);
  await using lock = await world.host.locks.acquire(runLock(world.home, ref), "finish");
  const opened = await openRun(world, project, ref);
  // What workers are told is of no use here, and nothing is confined.
  const confinement = { asked: "off", source: "built in", confiner: null, said: "none", gate: null } as const;
  const run = { ...opened, secrets: [], confinement, slot: null } as unknown as Run;
  const plan = await requireApprovedPlan(world, cwd, run.task, ref.key);
  const stage = plan.plan.stageMap.stages.find(({ stageNumber }) => stageNumber === ref.stage);
  const repository = take(await findRepository(world.host, cwd));
  const { path: tree, branch } = run.manifest.worktree;
  const base = run.manifest.reviewedCommit;
  if (stage === undefined || repository === undefined || branch === null || base === null)
    throw new Error(`${id} is not whole`);
  const head = (await world.host.git.resolve(repository.mainRoot, `refs/heads/${branch}`)) ?? base;
  const commits = await world.host.git.commits(repository.mainRoot, base, head);
  const work = {
    ...{ plan, tree, branch, base, repository, othersFiles: new Map(), carries: [] },
    stage: { ...stage, validation: { ...stage.validation, post: [] } },
  } as unknown as StageWork;
  const examination = { head, commits, files: [], validation: [], outOfPlanEdits: [] };
  const loop = { last: { examination }, fixRounds: 0, shape: "" } as unknown as Loop;
  await beforeWriting();
  await writeCarryAndRow(run, work, loop);
  const { state } = await integrateStage(run, work, loop);
  const ending = { outcome: "completed" as const, reason: null, verdict: state, message: "", remedy: "", report: null };
  await endRun(run, ending);
  await lock.release();
  return { ok: true, merged: state };
}
