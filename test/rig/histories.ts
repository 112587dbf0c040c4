/**
 * Random histories of tasks whose plans are approved, two of one project and one of another: processes that live through all of it
 * prepare stages, commit, finish, cancel, release, remove, are killed, while a person rebases a task branch. The tasks share what the
 * home has once, such as the registry, which no lock of a task guards. A simple model knows what must be true after each step:
 *
 *   a stage has one holder           a prepare never gives a stage that another run holds, and the registry names who holds it
 *   who lost the hold writes nothing  a run whose stage was released never gets a `done` row
 *   the ledger only grows            no row is lost, none stands there twice
 *   no work is lost                  the file of every commit is in some commit that a ref reaches, and a branch reaches it unless its
 *                                    tree was removed with `--force`
 *   the records agree                after `doctor --fix` registry, git and disk say the same
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Order, Reply } from "../workers/histories.ts";
import { packageRoot, type Rig } from "./rig.ts";
import { ledgerOf, registryOf, wrongRecords } from "./world.ts";

/** A task that is played: its project's rig, and its key. */
export type Played = { readonly rig: Rig; readonly key: string };

type Step = DistributiveOmit<Exclude<Order, { do: "fix" }>, "env" | "home" | "root" | "key" | "kill"> & {
  readonly of: Played;
};
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export type History = { readonly seed: number; readonly steps: readonly string[]; readonly wrong: readonly string[] };

/** One process that takes orders; started anew after it was killed. */
class Worker {
  /** The run that sleeps in it. */
  asleep: string | undefined;
  #child: ChildProcess | undefined;
  #lines: AsyncIterator<string> | undefined;
  readonly #file: string;
  constructor(file: string) {
    this.#file = file;
  }
  /** Undefined: it was killed on the way. */
  async send(order: Order): Promise<Reply | undefined> {
    const { child, lines } = await this.#living();
    child.stdin?.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await lines.next();
    const reply = done === true ? undefined : (JSON.parse(value) as Reply);
    if (reply !== undefined && (reply.ok || reply.reason !== "killed")) return reply;
    if (done === true) this.#child = undefined;
    if (order.killBefore === null && order.do !== "wake")
      throw new Error(`a worker ended at ${order.do}, which nobody killed`);
    this.asleep = undefined;
    return undefined;
  }
  async #living(): Promise<{ child: ChildProcess; lines: AsyncIterator<string> }> {
    if (this.#child !== undefined && this.#lines !== undefined) return { child: this.#child, lines: this.#lines };
    // Nothing of the rig in its environment: what it starts there is told by that.
    const env = { PATH: process.env["PATH"] };
    const child = spawn(process.execPath, [this.#file], { cwd: packageRoot, env, stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await lines.next();
    [this.#child, this.#lines] = [child, lines];
    return { child, lines };
  }
  async end(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    child.stdin?.end();
    await once(child, "exit");
  }
}

export type Players = AsyncDisposable & { readonly workers: readonly Worker[] };

/** `program`: the bundle of test/workers/histories.ts. */
export function openPlayers(count: number, program: string): Players {
  const workers = Array.from({ length: count }, () => new Worker(program));
  return {
    workers,
    [Symbol.asyncDispose]: async () => {
      for (const worker of workers) await worker.end();
    },
  };
}

type Play = {
  /** All of one home. */
  readonly tasks: Tasks;
  readonly players: Players;
  readonly random: (below: number) => number;
  readonly steps: string[];
  readonly wrong: string[];
  /** Which run was last given a stage and has not lost it, as far as the model knows for sure. */
  readonly held: Map<string, string>;
  /** Every run that was prepared, with its stage and tree; killed prepares are not known. */
  readonly runs: Map<string, { readonly of: Played; readonly stage: number; readonly tree: string }>;
  /** Runs that lost their stage to a release, a cancel or an end. */
  readonly lost: Set<string>;
  /** Those of them that had their `done` row by then. */
  readonly done: Set<string>;
  /** What was committed, each with the tree it was committed in. */
  readonly files: { readonly name: string; readonly of: Played; readonly tree: string }[];
  /** Those that a rescue ref alone may hold: their tree was removed with `--force`, or while they were committed. */
  readonly overruled: Set<string>;
  /** Trees whose removal with `--force` was killed, and may be finished at any time. */
  readonly going: Set<string>;
  /** The projects of which anything was done. */
  readonly touched: Set<Rig>;
  /** By the task's key. */
  readonly ledgers: Map<string, string>;
  /** See Order. */
  readonly kill: Order["kill"];
};

/** Two of one project, then one of another. */
export type Field = { readonly tasks: readonly [Played, Played, Played]; readonly restore: () => void };

type Tasks = readonly [Played, ...Played[]];

/** As the registry names it. */
const stageName = ({ key }: Played, stage: number): string => `${key}#stage-${stage}`;

/** Every 32nd history is a longer one, and its kills are real: a process that begins anew costs as much as five histories. */
const isHard = (seed: number): boolean => seed % 32 === 0;

/** Plays the history of a seed; all is put back first. */
export async function playHistory({ tasks, restore }: Field, players: Players, seed: number): Promise<History> {
  restore();
  const play: Play = {
    ...{ tasks: together(tasks, seed), players, random: randomOf(seed), steps: [], wrong: [] },
    ...{ touched: new Set(), ledgers: new Map(), files: [] },
    kill: isHard(seed) ? "real" : "refused",
    ...{ held: new Map(), runs: new Map(), lost: new Set(), done: new Set() },
    ...{ overruled: new Set(), going: new Set() },
  };
  for (let round = isHard(seed) ? 4 + play.random(5) : 2 + play.random(3); round > 0; round -= 1) {
    if (play.random(6) === 0) rebase(play, anyTask(play));
    else await playRound(play);
    check(play);
  }
  await wakeAll(play);
  await settle(play);
  return { seed, steps: play.steps, wrong: play.wrong };
}

/** What is to be looked at in the end costs as much as the steps: so never all of them. */
const together = ([first, beside, elsewhere]: Field["tasks"], seed: number): Tasks =>
  seed % 4 === 1 ? [first, elsewhere] : [first, beside];

/** Up to as many steps at the same moment as there are workers; one in which a run sleeps may be woken, and does nothing else. */
async function playRound(play: Play): Promise<void> {
  const count = 1 + play.random(play.players.workers.length);
  // Who ends a run that sleeps would wait for it, and nobody would wake it.
  const busy = new Set(play.players.workers.flatMap(({ asleep }) => asleep ?? []));
  const tasks = play.players.workers.flatMap((worker, at): Task[] => {
    if (worker.asleep !== undefined) {
      const of = play.runs.get(worker.asleep)?.of ?? play.tasks[0];
      return play.random(4) === 0 ? [{ worker, step: { do: "wake", of, ...unhurt }, run: worker.asleep }] : [];
    }
    return at < count ? [{ worker, step: nextStep(play, busy) }] : [];
  });
  await playAll(play, tasks);
}

/** What slept through the history goes on at its end, mostly after its stage was taken from it. */
async function wakeAll(play: Play): Promise<void> {
  for (const worker of play.players.workers) {
    if (worker.asleep === undefined) continue;
    const known = play.runs.get(worker.asleep);
    const other = play.players.workers.find(({ asleep }) => asleep === undefined);
    const of = known?.of ?? play.tasks[0];
    if (play.random(4) > 0 && known !== undefined && other !== undefined)
      await playAll(play, [{ worker: other, step: { do: "release", of, stage: known.stage, force: true, ...unhurt } }]);
    await playAll(play, [{ worker, step: { do: "wake", of, ...unhurt }, run: worker.asleep }]);
    check(play);
  }
}

/** `run`: the one that is woken. */
type Task = { readonly worker: Worker; readonly step: Step; readonly run?: string };
const unhurt = { killBefore: null, pauseBefore: null } as const;

async function playAll(play: Play, tasks: readonly Task[]): Promise<void> {
  for (const { step } of tasks) play.touched.add(step.of.rig);
  const before = { held: new Set(play.held.keys()), lost: new Set(play.lost), files: play.files.length };
  const replies = await Promise.all(
    tasks.map(({ worker, step: { of, ...step } }) => worker.send({ ...orderOf(play, of), ...step } as Order)),
  );
  const judged = tasks.map(({ worker, step, run }, at): Task & { readonly reply: Reply | undefined } => {
    const reply = replies[at];
    const isAsleep = step.do === "done" && reply?.ok === true && reply.asleep === true;
    worker.asleep = isAsleep ? step.run : undefined;
    play.steps.push(`${at === 0 ? "" : "  and "}${told(step)}${run ?? ""} -> ${toldReply(reply)}`);
    return { worker, step, reply, ...(run === undefined ? {} : { run }) };
  });
  // What gave a stage back in this round may have come before a prepare of the same round.
  for (const { step, reply, run } of judged)
    if (step.do !== "prepare") judge(play, { step, reply, run, lostBefore: before.lost });
  const releases = judged.flatMap(({ step, reply }) =>
    step.do === "release" && (reply === undefined || reply.ok) ? [stageName(step.of, step.stage)] : [],
  );
  for (const { step, reply } of judged)
    if (step.do === "prepare") judgePrepare(play, step.of, reply, { held: before.held, releases });
  for (const { step, reply } of judged)
    if (step.do === "remove" && (reply === undefined || reply.ok))
      overrule(play, { ...step, wasKilled: reply === undefined, before: before.files });
}

type Removal = {
  readonly of: Played;
  readonly stage: number;
  readonly force: boolean;
  readonly wasKilled: boolean;
  readonly before: number;
};

/** What of a tree may be in a rescue ref alone once it was removed; `before`: so many files were there when the removal began. */
function overrule(play: Play, { of, stage, force, wasKilled, before }: Removal): void {
  const tree = join(of.rig.home, "worktrees", of.key, `stage-${stage}`);
  if (force && wasKilled) play.going.add(tree);
  for (const [at, file] of play.files.entries())
    if (file.tree === tree && (force || at >= before)) play.overruled.add(file.name);
}

const orderOf = ({ kill }: Play, { rig, key }: Played) => ({ env: rig.env, home: rig.home, root: rig.root, key, kill });

const told = ({ killBefore, pauseBefore, of, ...step }: Step): string =>
  `${step.do} ${of.key} ${"run" in step ? step.run.split("@")[1] : "stage" in step ? `${step.stage}${step.force ? " --force" : ""}` : "file" in step ? step.file : ""}${"sleep" in step && step.sleep ? " and sleep" : ""}${killBefore === null ? "" : ` killed before ${killBefore}`}${pauseBefore === null ? "" : ` still before ${pauseBefore}`}`;

const toldReply = (reply: Reply | undefined): string =>
  reply === undefined
    ? "killed"
    : reply.ok
      ? `ok ${reply.asleep === true ? "asleep" : ""}${reply.run?.split("@")[1] ?? reply.merged ?? ""}`
      : `${reply.reason}: ${reply.message.slice(0, 300)}`;

/** Mostly the first: the more a task's steps meet, the more is found. */
function anyTask({ tasks, random }: Play): Played {
  const others = tasks.slice(1);
  return (random(2) === 0 ? others[random(others.length)] : undefined) ?? tasks[0];
}

function nextStep(play: Play, busy: Set<string>): Step {
  const of = anyTask(play);
  const killBefore = play.random(6) === 0 ? 1 + play.random(45) : null;
  const pauses = [null, null, 1 + play.random(40), "registry"] as const;
  const pauseBefore = pauses[play.random(pauses.length)] ?? null;
  const hurt = { killBefore, pauseBefore };
  const runs = [...play.runs].flatMap(([run, known]) => (known.of === of ? [run] : []));
  // Mostly one that has its stage, as far as is known.
  const holders = [...play.held.values()].filter((run) => runs.includes(run));
  const from = holders.length > 0 && play.random(4) > 0 ? holders : runs;
  const run = from[play.random(Math.max(1, from.length))];
  const kinds = [
    ...(["prepare", "prepare", "commit", "commit", "commit", "done", "sleep", "sleep", "sleep"] as const),
    ...(["cancel", "release", "release", "remove", "remove", "remove"] as const),
  ];
  const kind = kinds[play.random(kinds.length)] ?? "prepare";
  if (kind === "release" || kind === "remove")
    return { do: kind, of, stage: stageFor(play, of, kind), force: play.random(2) === 0, ...hurt };
  const known = run === undefined ? undefined : play.runs.get(run);
  if (kind === "prepare" || run === undefined || known === undefined)
    return { do: "prepare", of, agents: `scripted:${of.rig.folder}/who.json`, ...hurt };
  const ends = kind === "cancel" || kind === "done" || kind === "sleep";
  if (ends && busy.has(run)) return { do: "release", of, stage: known.stage, force: true, ...hurt };
  if (ends) busy.add(run);
  if (kind === "cancel") return { do: kind, of, run, ...hurt };
  if (kind === "done" || kind === "sleep") return { do: "done", of, run, sleep: kind === "sleep", ...hurt };
  if (!existsSync(join(known.tree, ".git"))) return { do: "release", of, stage: known.stage, force: true, ...hurt };
  const file = `w-${play.files.length}-${play.random(1_000_000)}.txt`;
  return { do: "commit", of, tree: known.tree, file, ...unhurt };
}

/** Mostly one that is held, or for a removal one that is not and has a tree: others are refused before anything is done. */
function stageFor(play: Play, of: Played, kind: "release" | "remove"): number {
  const prepared = [...play.runs.values()].flatMap((known) => (known.of === of ? [known.stage] : []));
  const isHeld = (stage: number): boolean => play.held.has(stageName(of, stage));
  const held = [1, 2, 3].filter(isHeld);
  const left = prepared.filter((stage) => !isHeld(stage));
  const likely = kind === "release" ? held : left;
  const any = 1 + play.random(3);
  return (play.random(5) > 0 ? likely[play.random(Math.max(1, likely.length))] : undefined) ?? any;
}

type Judged = {
  readonly step: Step;
  readonly reply: Reply | undefined;
  readonly run: string | undefined;
  /** What was lost before the round; what others did in the same round may have come before or after it. */
  readonly lostBefore: ReadonlySet<string>;
};

function judge(play: Play, { step, reply, run: woken, lostBefore }: Judged): void {
  if (reply?.ok === false && (reply.reason === "crash" || reply.reason === "bug")) {
    if (step.do !== "commit") play.wrong.push(`${told(step)}: ${reply.message}`);
    return;
  }
  if (step.do === "commit" && reply?.ok === true) play.files.push({ name: step.file, of: step.of, tree: step.tree });
  const ended = step.do === "done" || step.do === "cancel" ? step.run : woken;
  if (ended !== undefined && lostBefore.has(ended) && !play.done.has(ended)) {
    const rows = ledgerOf(step.of.rig, step.of.key).filter(({ run, status }) => run === ended && status === "done");
    if (rows.length > 0) play.wrong.push(`${ended} had lost its stage and wrote a done row`);
  }
  const gone = reply === undefined || (reply.ok && reply.asleep !== true);
  if (ended !== undefined && gone) letGo(play, step.of, ended, reply !== undefined);
  if ((step.do === "release" || step.do === "remove") && gone) {
    const run = play.held.get(stageName(step.of, step.stage));
    if (run !== undefined && step.do === "release") letGo(play, step.of, run, reply !== undefined);
  }
}

/** The run has lost its stage for sure, or, where a process was killed on the way, the model no longer knows whether it has it. */
function letGo(play: Play, { rig, key }: Played, run: string, isSure: boolean): void {
  if (isSure) play.lost.add(run);
  if (isSure && ledgerOf(rig, key).some((row) => row.run === run && row.status === "done")) play.done.add(run);
  for (const [stage, holder] of play.held) if (holder === run) play.held.delete(stage);
}

type Round = {
  /** Before the round. */
  readonly held: ReadonlySet<string>;
  /** The stages that a release in it was about, each as often. */
  readonly releases: readonly string[];
};

function judgePrepare(play: Play, of: Played, reply: Reply | undefined, { held, releases }: Round): void {
  if (reply?.ok === false && ["crash", "bug", "lost-hold"].includes(reply.reason))
    play.wrong.push(`prepare ${of.key}: ${reply.reason}: ${reply.message}`);
  if (reply?.ok !== true || reply.run === undefined || reply.stage === undefined) return;
  const name = stageName(of, reply.stage);
  const holder = play.held.get(name);
  if (holder !== undefined)
    play.wrong.push(`${reply.run} got ${name}, which ${holder} holds${held.has(name) ? "" : " since this round"}`);
  play.runs.set(reply.run, { of, stage: reply.stage, tree: reply.tree ?? "" });
  // A release that freed nothing before it may have come after it.
  if (releases.filter((one) => one === name).length <= (held.has(name) ? 1 : 0)) play.held.set(name, reply.run);
}

/** A person moves the task branch onto a newer main; with merges kept or flattened. */
function rebase(play: Play, { rig, key }: Played): void {
  play.touched.add(rig);
  const tree = join(rig.home, "worktrees", key, "task");
  const git = (folder: string, ...args: string[]): string => {
    const author = {
      GIT_AUTHOR_NAME: "A",
      GIT_AUTHOR_EMAIL: "a@b",
      GIT_COMMITTER_NAME: "A",
      GIT_COMMITTER_EMAIL: "a@b",
    };
    return execFileSync("git", args, { cwd: folder, env: { ...rig.env, ...author }, encoding: "utf8", stdio: "pipe" });
  };
  const name = `main-${play.random(1_000_000)}.txt`;
  writeFileSync(join(rig.root, name), name);
  git(rig.root, "add", name);
  git(rig.root, "-c", "maintenance.auto=false", "commit", "--quiet", "-m", name);
  const flags = play.random(2) === 0 ? ["--rebase-merges"] : [];
  git(tree, "rebase", "--quiet", ...flags, "main");
  play.steps.push(`rebase ${key} ${flags.join("")}`);
}

function check(play: Play): void {
  for (const task of play.tasks) checkLedger(play, task);
  const registry = registryOf(play.tasks[0].rig);
  for (const [name, run] of play.held) {
    const { status, holder } = registry[name] ?? {};
    if (status !== "active" || holder?.run !== run)
      play.wrong.push(
        `${run} holds ${name}, and the registry says ${holder?.run ?? "nobody"} (${status ?? "no entry"})`,
      );
  }
}

function checkLedger(play: Play, { rig, key }: Played): void {
  const place = key.split("/").slice(1).join("/");
  const path = join(rig.root, ".okstra/tasks", place, "runs/implementation-planning/consumers.jsonl");
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (!text.startsWith(play.ledgers.get(key) ?? ""))
    play.wrong.push(`the ledger of ${key} lost something that stood in it`);
  play.ledgers.set(key, text);
  const rows = ledgerOf(rig, key).filter(({ status, source }) => status === "done" && source !== "reconcile");
  for (const run of play.runs.keys()) {
    const done = rows.filter((row) => row.run === run);
    if (done.length > 1) play.wrong.push(`${run} is done ${done.length} times`);
  }
}

/** Ids that doctor may leave: who was killed can be resumed, and a rebase may have dropped what a kill left half-merged. */
const mayStay = /^(hold|run|stale):/;

async function settle(play: Play): Promise<void> {
  for (const rig of new Set(play.tasks.map((task) => task.rig))) {
    const [first, ...others] = play.tasks.filter((task) => task.rig === rig);
    if (first === undefined || !play.touched.has(rig)) continue;
    await mend(play, first);
    const wrong = await wrongRecords(
      rig,
      first.key,
      others.map(({ key }) => key),
    );
    for (const line of wrong) if (!expected.test(line)) play.wrong.push(line);
    checkFiles(play, rig);
  }
}

/** `doctor --fix`, in the project of the task. */
async function mend(play: Play, of: Played): Promise<void> {
  const fixed = await play.players.workers[0]?.send({ ...orderOf(play, of), do: "fix", ...unhurt });
  if (fixed?.ok !== true) play.wrong.push(`doctor --fix: ${fixed?.message ?? "ended"}`);
  const checks = fixed?.ok === true ? (fixed.checks ?? []) : [];
  const own =
    /^(registry|unregistered|hold|removal|tree|branch|repository|stray-tree|stray-folder|throwaway|trash|catalog|task|run|journal|ledger|carry|stale)(:|$)/;
  for (const { id, ok, message } of checks)
    if (!ok && own.test(id) && !mayStay.test(id)) play.wrong.push(`after doctor --fix: ${id}: ${message}`);
}

function checkFiles(play: Play, rig: Rig): void {
  const files = play.files.filter(({ of }) => of.rig === rig);
  if (files.length === 0) return;
  const branches = namesIn(rig, "--branches");
  const elsewhere = files.filter(({ name }) => !branches.has(name));
  const all = elsewhere.length === 0 ? branches : namesIn(rig, "--all");
  for (const { name, tree } of elsewhere) {
    if (!all.has(name)) play.wrong.push(`lost: ${name}`);
    else if (!play.overruled.has(name) && !play.going.has(tree))
      play.wrong.push(`only a rescue ref holds ${name}, whose tree nobody removed with --force`);
  }
}

/** The names of all files in the commits that these refs reach. */
function namesIn(rig: Rig, refs: "--all" | "--branches"): ReadonlySet<string> {
  const args = ["log", refs, "-m", "--name-only", "--format="];
  const options = { cwd: rig.root, env: rig.env, encoding: "utf8", maxBuffer: 1 << 28 } as const;
  return new Set(execFileSync("git", args, options).split("\n"));
}

/** A branch of a removed stage that is only pushed, or moved meanwhile, stays; trash is deleted by a process of its own. */
const expected = /^(in the trash|a branch that is not registered|left in the home)/;

/** Small and plain (mulberry32): a history must be the same on every machine. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
