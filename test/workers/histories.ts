/**
 * A process that lives through a whole history: it reads one order a line, does it with the engine itself as a command would, and
 * answers in one line. `killBefore` ends it just before its n-th effect, as a SIGKILL would.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
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
import { settleFor } from "../../src/engine/settle.ts";
import { cancel } from "../../src/engine/steer.ts";
import { releaseStages } from "../../src/engine/trees/release.ts";
import { removeTrees } from "../../src/engine/trees/remove.ts";
import type { World } from "../../src/engine/world.ts";
import { numbered } from "../../src/host/index.ts";
import { nodeHost } from "../../src/host/node/index.ts";
import { Fault, readRun, readTaskKey, take } from "../../src/model/index.ts";
import { runLock } from "../../src/registry/index.ts";
import { findRepository } from "../../src/worktrees/index.ts";

export type Order = {
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly root: string;
  readonly key: string;
  readonly killBefore: number | null;
} & (
  | { readonly do: "prepare"; readonly agents: string }
  | { readonly do: "commit"; readonly tree: string; readonly file: string }
  | { readonly do: "done" | "cancel"; readonly run: string }
  | { readonly do: "release" | "remove"; readonly stage: number; readonly force: boolean }
);

export type Reply =
  | {
      readonly ok: true;
      readonly run?: string;
      readonly stage?: number;
      readonly tree?: string;
      readonly merged?: string;
    }
  | { readonly ok: false; readonly reason: string; readonly message: string };

const packageRoot = fileURLToPath(new URL("../..", import.meta.url));
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line) as Order);
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

async function answer(order: Order): Promise<Reply> {
  try {
    return await obey(order);
  } catch (thrown) {
    if (thrown instanceof Fault) return { ok: false, reason: thrown.failure.reason, message: thrown.message };
    return {
      ok: false,
      reason: "crash",
      message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    };
  }
}

function worldOf({ env, home, killBefore }: Order): World {
  const before = (n: number): void => {
    if (killBefore !== null && n >= killBefore) process.kill(process.pid, "SIGKILL");
  };
  const host = numbered(nodeHost({ env, packageRoot }), { before });
  const signal = new AbortController().signal;
  return { host, home, okstraVersion: "0.0.0-test", listen: () => undefined, say: () => undefined, signal };
}

async function obey(order: Order): Promise<Reply> {
  const world = worldOf(order);
  const key = readTaskKey(order.key);
  const cwd = order.root;
  switch (order.do) {
    case "prepare": {
      const request = { ...plainRequest(cwd, key, "implementation"), stage: "auto" as const, agents: order.agents };
      const { manifest } = await prepareRun(world, request);
      return { ok: true, run: manifest.id, stage: manifest.stage ?? 0, tree: manifest.worktree.path };
    }
    case "commit": {
      mkdirSync(order.tree, { recursive: true });
      writeFileSync(join(order.tree, order.file), `${order.file}\n`);
      const author = ["-c", "user.name=A", "-c", "user.email=a@b"];
      const git = (...args: string[]) => execFileSync("git", args, { cwd: order.tree, env: order.env, stdio: "pipe" });
      git("add", order.file);
      git(...author, "commit", "--quiet", "-m", order.file);
      return { ok: true };
    }
    case "done":
      return await finish(world, cwd, order.run);
    case "cancel":
      await cancel(world, cwd, readRun(order.run));
      return { ok: true };
    case "release":
      await releaseStages(world, { cwd, key, stage: order.stage, force: order.force });
      return { ok: true };
    case "remove":
      await removeTrees(world, { cwd, key, wanted: `stage-${order.stage}`, force: order.force });
      return { ok: true };
  }
}

/** What a run does once its stage is built: carry, row, merge, end. The agents and their checks are left out. */
async function finish(world: World, cwd: string, id: string): Promise<Reply> {
  const ref = readRun(id);
  const project = await openProject(world, cwd, ref.key);
  await settleFor(world, project, ref);
  await using lock = await world.host.locks.acquire(runLock(world.home, ref), "finish");
  const opened = await openRun(world, project, ref);
  // What workers are told and how they are confined is of no use here.
  const run = { ...opened, secrets: [] } as unknown as Run;
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
  await writeCarryAndRow(run, work, loop);
  const { state } = await integrateStage(run, work, loop);
  const ending = { outcome: "completed" as const, reason: null, verdict: state, message: "", remedy: "", report: null };
  await endRun(run, ending);
  await lock.release();
  return { ok: true, merged: state };
}
