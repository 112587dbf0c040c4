/**
 * A conversation with an agent, once: `dispatch.intended` -> (spawn) -> result file by rename -> `dispatch.done`. What the journal
 * holds is taken, not asked again; one under way when the engine died is ended by its mark and asked again.
 *
 *   unknown -> intended -> done(completed | error | not-run)
 *                |   \---> done(timeout) -> second attempt with the identical prompt -> done
 *                |   \---> done(error: quota) -> the agent that the settings name, in a third attempt -> done
 *                \- engine died -> leftovers ended, writing agents' trees rescued and reset -> intended again (capped)
 */
import { join } from "node:path";
import {
  type Checked,
  type DispatchAsk,
  type DispatchOutcome,
  dispatch,
  driverFor,
  keepSessionLogs,
  type Logged,
  secretsIn,
} from "../agents/index.ts";
import type { Gate } from "../confinement/index.ts";
import { type DispatchName, homePaths } from "../lifecycle/index.ts";
import type { WorkerSpec } from "../lifecycle/task.schema.ts";
import { type Check, type DispatchStatus, explain, Fault, fault, type TokenUse, take } from "../model/index.ts";
import { priced } from "../usage/index.ts";
import { removeStaleLocks, rescueTree } from "../worktrees/index.ts";
import { inPlace } from "./agent-places.ts";
import { type Spending, spend } from "./budget.ts";
import { childEnvironmentOf, noWriter, slotVariables, writerIn } from "./child-environment.ts";
import { clocksFor } from "./clock-limits.ts";
import { confined } from "./confinement.ts";
import { counted, whyWithoutCost } from "./counted.ts";
import { agentGate, withRefusals } from "./network.ts";
import { namedStandIn, placedOf, standInFor } from "./prepare/roster.ts";
import { sha256 } from "./prepare/task.ts";
import { type BuiltPrompt, reaskOf } from "./prompts.ts";
import { writeResultFiles } from "./result-files.ts";
import { progress, type Run, record, stopIfInterrupted } from "./run.ts";
import { executorScratch } from "./subject.ts";

export type Purpose = "blind" | "group" | "round" | "plan-check" | "execute" | "fix" | "merge" | "verify" | "write";

export type Ask<T> = {
  readonly spec: WorkerSpec;
  /** The role part of the file names: `analyser`, `executor`, `verifier`, `plan-check` ... */
  readonly fileRole: string;
  readonly purpose: Purpose;
  readonly round: number | null;
  readonly writes: boolean;
  readonly cwd: string;
  readonly prompt: BuiltPrompt;
  readonly check: Check<T>;
  /** Keep the result in the home's holding folder until the pass closes (holding.ts). */
  readonly hold: boolean;
  /** Called before each start: puts the tree into the state that the prompt tells of, after what a kill left there was taken back. */
  readonly ready?: () => Promise<void>;
  /** What the engine has to say to a result that fits, in the same conversation; undefined where it is the answer. */
  readonly goOn?: (value: T, nth: number) => Promise<string | undefined>;
  /** What is wrong with a result that fits its schema; sentences for the agent. */
  readonly problems?: (value: T) => readonly string[];
};

export type Answer<T> = {
  readonly name: string;
  readonly status: DispatchStatus;
  readonly reason: string | null;
  /** Why there is no result, in one word. */
  readonly cause: string | null;
  /** As the provider gave it, with a cause `quota`. */
  readonly resetAt: string | null;
  /** The dispatches that are asked again when a quota or budget kept it from an answer. */
  readonly askAgain: readonly string[];
  readonly value: T | null;
  readonly family: string;
  readonly modelServed: string | null;
  readonly usage: TokenUse | null;
  readonly durationMs: number;
};

/** How often one question may be started in a run, over all resumes. */
const mostStarts = 6;

/** The attempts of one question. */
const [firstTime, afterTimeout] = [1, 2];
export const byStandIn = 3;

/**
 * Asks, or takes the remembered answer. A time-out is tried once more with the identical prompt; whose quota is used up is stood in
 * for, when the settings say by whom.
 */
export async function ask<T>(run: Run, of: Ask<T>): Promise<Answer<T>> {
  const first = await attempt(run, of, firstTime);
  const answer = first.status === "timeout" ? await onceMore(run, of, first) : first;
  if (answer.cause !== "quota") return answer;
  const standIn = await usableStandIn(run, of.spec);
  if (standIn === undefined) return answer;
  await progress(
    run,
    "quota",
    `worker=${of.spec.worker} is out of quota; ${namedStandIn(run, of.spec)} answers in its place`,
  );
  const other = await attempt(run, { ...of, spec: standIn }, byStandIn);
  if (other.cause !== "quota") return other;
  const times = [answer.resetAt, other.resetAt].filter((time) => time !== null).sort();
  return { ...other, askAgain: [...answer.askAgain, ...other.askAgain], resetAt: times[0] ?? null };
}

async function onceMore<T>(run: Run, of: Ask<T>, { reason }: Answer<T>): Promise<Answer<T>> {
  await progress(run, "timeout", `worker=${of.spec.worker} is asked once more: ${reason?.replace(/^[\w-]+: /, "it ")}`);
  return await attempt(run, of, afterTimeout);
}

/** One that the settings name and that cannot be is said, and the quota stays the reason. */
async function usableStandIn(run: Run, spec: WorkerSpec): Promise<WorkerSpec | undefined> {
  try {
    return await standInFor(run, spec);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    await progress(run, "quota", `worker=${spec.worker} has nobody to take over: ${thrown.failure.message}`);
    return undefined;
  }
}

/** Whether `ask` would take a remembered answer and start nothing. */
export function isAnswered(run: Run, of: Pick<Ask<unknown>, "spec" | "fileRole" | "round">): boolean {
  const done = (attemptNumber: number) => run.memory.done.get(printName(nameOf(of, attemptNumber)));
  const first = done(firstTime);
  const answer = first?.status === "timeout" ? done(afterTimeout) : first;
  if (answer?.cause === "quota" && namedStandIn(run, of.spec) !== undefined) return done(byStandIn) !== undefined;
  return answer !== undefined;
}

const nameOf = (of: Pick<Ask<unknown>, "spec" | "fileRole" | "round">, attemptNumber: number): DispatchName => ({
  worker: of.spec.worker,
  role: of.fileRole,
  ...(of.round === null ? {} : { round: of.round }),
  attempt: attemptNumber,
});

const printName = (name: DispatchName): string =>
  `${name.worker}-${name.role}${name.round === undefined ? "" : `-r${name.round}`}${name.attempt === 1 ? "" : `-a${name.attempt}`}`;

async function attempt<T>(run: Run, of: Ask<T>, attemptNumber: number): Promise<Answer<T>> {
  const file = nameOf(of, attemptNumber);
  const name = printName(file);
  const known = run.memory.done.get(name);
  if (known !== undefined) return await remembered(run, of, file);
  return await inPlace(run, of.spec, () => start(run, of, { file, name, attemptNumber }));
}

async function start<T>(run: Run, of: Ask<T>, { file, name, attemptNumber }: Named): Promise<Answer<T>> {
  stopIfInterrupted(run.world);
  const starts = run.memory.intended.get(name)?.length ?? 0;
  if (starts - (run.memory.paused.get(name) ?? 0) >= mostStarts) {
    throw fault(
      "agent-failed",
      `${name} was started ${starts} times and never came to an end`,
      "Start the phase again as a new run",
      { name, starts },
    );
  }
  if (of.writes && starts > 0) await rescueAndReset(run, of.cwd);
  await of.ready?.();
  const mark = run.world.host.random.id(16);
  const spending = await spend(run, { spec: of.spec, name, mark });
  await run.world.host.files.replaceFile(run.paths.prompt(file), of.prompt.text);
  const isGit = run.manifest.worktree.status !== "skipped-not-git";
  const head = isGit ? await run.world.host.git.head(of.cwd) : undefined;
  await record(
    run,
    {
      type: "dispatch.intended",
      data: {
        name,
        worker: of.spec.worker,
        role: of.fileRole,
        purpose: of.purpose,
        round: of.round,
        attempt: attemptNumber,
        head: head?.commit ?? null,
        tree: of.cwd,
        promptHash: sha256(of.prompt.text),
        mark,
        writes: of.writes,
      },
    },
    { durable: true },
  );
  return await converse(run, of, { file, name, mark, attemptNumber, spending });
}

type Named = {
  readonly file: DispatchName;
  readonly name: string;
  readonly attemptNumber: number;
};

type Started = Named & { readonly mark: string; readonly spending: Spending };

async function converse<T>(run: Run, of: Ask<T>, started: Started): Promise<Answer<T>> {
  const { host, home } = run.world;
  const { file, name, mark, spending } = started;
  const placed = placedOf(run.project, of.spec);
  const own = join(homePaths(home).scratch(run.ref), name);
  const writer = of.writes ? await writerIn(run, of.cwd) : noWriter;
  if (of.writes) await host.files.makeFolder(executorScratch(run.world, run.ref), { mode: 0o700 });
  const env = { ...slotVariables(run), ...writer.env, ...childEnvironmentOf(run, placed.config.env ?? {}) };
  const driver = take(driverFor(placed.agent));
  const config = { ...placed.config, env };
  await using gate = await agentGate(run.world, run.confinement, { driver, config, own });
  const heard = take(
    await dispatch<T>(host, {
      driver,
      config,
      address: {
        worker: of.spec.worker,
        role: of.spec.role,
        purpose: of.purpose,
        taskType: run.ref.taskType,
        stage: run.ref.stage,
        round: of.round,
        attempt: started.attemptNumber,
      },
      mark,
      prompt: of.prompt.text,
      cwd: of.cwd,
      access: of.writes ? "workspace-write" : "read-only",
      extraWritable: of.writes ? [executorScratch(run.world, run.ref)] : [],
      gitFolders: writer.gitFolders,
      model: of.spec.model,
      family: of.spec.family,
      schema: of.prompt.schema,
      limits: { turns: null, usd: spending.usd },
      over: spending.over,
      home: join(own, "home"),
      temporaryFolder: join(own, "tmp"),
      scratch: join(own, "scratch"),
      logPath: run.paths.stream(file),
      clocks: clocksFor(run.project.settings, of.spec.role),
      check: (value) => judge(of, value),
      askAgain: await reaskOf(run),
      ...(of.goOn === undefined ? {} : { goOn: of.goOn }),
      onSpawned: async (process) =>
        record(run, { type: "dispatch.spawned", data: { name, pid: process.pid, startTime: process.startTime } }),
      secrets: run.secrets,
      signal: run.world.signal,
      ...confineAgent(run, of, { own, gate }),
    }),
  );
  const outcome = await withRefusals(run, heard, { name, gate });
  if (outcome.status !== "completed") await requireRoom(run, { name, folders: [of.cwd, own, run.paths.folder] });
  await settled(run, of, { started, outcome, home: join(own, "home"), env });
  return await remembered(run, of, file);
}

type Settling = {
  readonly started: Started;
  readonly outcome: DispatchOutcome<unknown>;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
};

/** Everything that is kept of a dispatch, and `dispatch.done` last of it; then the ledger of budgets. */
async function settled<T>(run: Run, of: Ask<T>, { started, outcome, home, env }: Settling): Promise<void> {
  const { file, name, spending } = started;
  const text = outcome.value === null ? null : `${JSON.stringify(outcome.value, null, 2)}\n`;
  if (text !== null) await run.world.host.files.replaceFile(resultPath(run, file, of.hold), text, { durable: true });
  const logged = await keepSessions(run, { file, home, sessions: outcome.sessions, env });
  const count = counted(outcome, logged?.use ?? null);
  await writeResultFiles(run, { file, role: of.spec.role, model: of.spec.model, hold: of.hold, outcome, count });
  if (count.note !== null) await progress(run, "usage", `${name}: ${count.note}`);
  const model = outcome.modelServed ?? of.spec.model;
  const price = { model, own: run.project.settings.prices, longestPrompt: logged?.longestPrompt ?? null };
  const usage = priced(count.usage, price);
  const unpriced = whyWithoutCost(of.spec, usage, price);
  if (unpriced !== null) await progress(run, "usage", unpriced);
  const reason = outcome.status === "completed" ? null : `${outcome.reason}: ${outcome.message}`;
  await record(
    run,
    {
      type: "dispatch.done",
      data: {
        name,
        status: outcome.status,
        reason,
        cause: outcome.reason,
        resetAt: outcome.resetAt,
        sha256: text === null ? null : sha256(text),
        modelServed: outcome.modelServed,
        family: outcome.family,
        session: outcome.session,
        usage,
        ...(logged === null ? {} : { logged: logged.use }),
        ...(count.fromLog ? { fromLog: true } : {}),
        durationMs: Math.round(outcome.durationMs),
        reasks: outcome.reasks,
      },
    },
    { durable: true },
  );
  await spending.settle(usage, usage ?? logged?.use ?? null);
}

type Sessions = {
  readonly file: DispatchName;
  readonly home: string;
  readonly sessions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** The agent's own logs of the session go into the run's folder: its home goes when the run has ended. What they say was used. */
async function keepSessions(run: Run, { file, home, sessions, env }: Sessions): Promise<Logged | null> {
  const secrets = [...run.secrets, ...secretsIn(env)];
  const to = (n: number): string => run.paths.sessionLog(file, n);
  return take(await keepSessionLogs(run.world.host, { homes: [home], sessions, secrets, to })).said;
}

/** Less than an agent can work with. */
const nothingLeft = 1024 * 1024;

/** An agent that failed on a full disk may not have been able to do anything else: then it is asked again, once there is room. */
async function requireRoom(run: Run, of: { name: string; folders: readonly string[] }): Promise<void> {
  const { files } = run.world.host;
  for (const folder of of.folders) {
    const free = await files.freeBytes(folder);
    if (free >= nothingLeft) continue;
    throw fault(
      "disk-full",
      `${of.name} failed, and the disk of ${folder} has ${Math.floor(free / 1024)} KiB left`,
      "Free space on that disk (okstra worktree list shows what okstra holds)",
      { folder, freeBytes: free },
    );
  }
}

/** Nothing where nothing confines. */
function confineAgent<T>(
  run: Run,
  of: Ask<T>,
  { own, gate }: { own: string; gate: Gate | null },
): Pick<DispatchAsk<unknown>, "confine"> {
  const { confiner } = run.confinement;
  if (confiner === null) return {};
  const confine: DispatchAsk<unknown>["confine"] = async ({ command, reads = [], starts = [], credentials, env }) =>
    confined(run, confiner, {
      ref: run.ref,
      tree: of.cwd,
      writes: of.writes,
      own: of.writes ? [own, executorScratch(run.world, run.ref)] : [own],
      material: of.prompt.material,
      reads,
      starts,
      lent: credentials.map(({ from }) => from),
      path: env["PATH"] ?? run.world.host.machine.env["PATH"] ?? "",
      gate,
      command,
    });
  return { confine };
}

function judge<T>(of: Ask<T>, value: unknown): Checked<T> {
  if (!of.check(value)) return { ok: false, problems: explain(of.check.errors ?? []) };
  const problems = of.problems?.(value) ?? [];
  return problems.length === 0 ? { ok: true, value } : { ok: false, problems };
}

/** The answer that the journal holds; its file must still be the one whose hash stands there. */
async function remembered<T>(run: Run, of: Ask<T>, file: DispatchName): Promise<Answer<T>> {
  const name = printName(file);
  const done = run.memory.done.get(name);
  if (done === undefined) throw new Error(`${name} is not done`);
  const value = done.sha256 === null ? null : await readResult(run, of, file, done.sha256);
  const { status, reason, cause = null, resetAt = null, family, modelServed, usage, durationMs } = done;
  return { name, status, reason, cause, resetAt, askAgain: [name], value, family, modelServed, usage, durationMs };
}

async function readResult<T>(run: Run, of: Ask<T>, file: DispatchName, expected: string): Promise<T> {
  for (const path of [resultPath(run, file, true), resultPath(run, file, false)]) {
    const text = await run.world.host.files.readText(path);
    if (text === undefined) continue;
    const value: unknown = sha256(text) === expected ? JSON.parse(text) : undefined;
    if (value !== undefined && of.check(value)) return value;
    throw changed(path);
  }
  throw changed(resultPath(run, file, false));
}

const changed = (path: string) =>
  fault(
    "journal-broken",
    `The result ${path} is not the one that the run's journal names`,
    "Restore the file, or start the phase again as a new run",
    { path },
  );

const resultPath = (run: Run, file: DispatchName, held: boolean): string =>
  held ? join(homePaths(run.world.home).holding(run.ref), `${printName(file)}.json`) : run.paths.result(file);

/** Uncommitted work goes to a rescue ref, the tree back to the branch's head; commits are kept and told to the agent. */
async function rescueAndReset(run: Run, tree: string): Promise<void> {
  const { git } = run.world.host;
  const repository = await git.repository(tree);
  const head = await git.head(tree);
  if (repository === undefined || head === undefined) return;
  take(await removeStaleLocks(run.world.host, { repository, tree }));
  const ref = take(await rescueTree(run.world.host, { repository, tree, key: run.ref.key }));
  if (ref !== null) await progress(run, "phase-4-rescue", `uncommitted work of a killed attempt is kept at ${ref}`);
  await git.reset(tree, head.commit);
}
