/**
 * Random histories of a task whose plan is approved: processes that live through all of it prepare stages, commit, finish, cancel,
 * release, remove, are killed, while a person rebases the task branch. A simple model knows what must be true after each step:
 *
 *   a stage has one holder           a prepare never gives a stage that another run holds
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
import { key } from "./calculator.ts";
import type { Ground } from "./races.ts";
import { packageRoot, type Rig } from "./rig.ts";
import { ledgerOf, wrongRecords } from "./world.ts";

type Step = DistributiveOmit<Exclude<Order, { do: "fix" }>, "env" | "home" | "root" | "key" | "kill">;
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
  readonly ground: Ground;
  readonly players: Players;
  readonly random: (below: number) => number;
  readonly steps: string[];
  readonly wrong: string[];
  /** Which run was last given a stage and has not lost it, as far as the model knows for sure. */
  readonly held: Map<number, string>;
  /** Every run that was prepared, with its stage and tree; killed prepares are not known. */
  readonly runs: Map<string, { readonly stage: number; readonly tree: string }>;
  /** Runs that lost their stage to a release, a cancel or an end. */
  readonly lost: Set<string>;
  /** Those of them that had their `done` row by then. */
  readonly done: Set<string>;
  /** What was committed, each with the tree it was committed in. */
  readonly files: { readonly name: string; readonly tree: string }[];
  /** Those that a rescue ref alone may hold: their tree was removed with `--force`, or while they were committed. */
  readonly overruled: Set<string>;
  /** Trees whose removal with `--force` was killed, and may be finished at any time. */
  readonly going: Set<string>;
  ledger: string;
  /** See Order. */
  readonly kill: Order["kill"];
};

/** Every 32nd history is a longer one, and its kills are real: a process that begins anew costs as much as five histories. */
const isHard = (seed: number): boolean => seed % 32 === 0;

/** Plays the history of a seed; the ground is put back first. */
export async function playHistory(ground: Ground, players: Players, seed: number): Promise<History> {
  ground.restore();
  const play: Play = {
    ...{ ground, players, random: randomOf(seed), steps: [], wrong: [], ledger: "", files: [] },
    kill: isHard(seed) ? "real" : "refused",
    ...{ held: new Map(), runs: new Map(), lost: new Set(), done: new Set() },
    ...{ overruled: new Set(), going: new Set() },
  };
  for (let round = isHard(seed) ? 4 + play.random(5) : 2 + play.random(4); round > 0; round -= 1) {
    if (play.random(6) === 0) rebase(play);
    else await playRound(play);
    checkLedger(play);
  }
  await wakeAll(play);
  await settle(play);
  return { seed, steps: play.steps, wrong: play.wrong };
}

/** Up to as many steps at the same moment as there are workers; one in which a run sleeps may be woken, and does nothing else. */
async function playRound(play: Play): Promise<void> {
  const count = 1 + play.random(play.players.workers.length);
  // Who ends a run that sleeps would wait for it, and nobody would wake it.
  const busy = new Set(play.players.workers.flatMap(({ asleep }) => asleep ?? []));
  const tasks = play.players.workers.flatMap((worker, at): Task[] => {
    if (worker.asleep !== undefined)
      return play.random(4) === 0 ? [{ worker, step: { do: "wake", ...unhurt }, run: worker.asleep }] : [];
    return at < count ? [{ worker, step: nextStep(play, busy) }] : [];
  });
  await playAll(play, tasks);
}

/** What slept through the history goes on at its end, mostly after its stage was taken from it. */
async function wakeAll(play: Play): Promise<void> {
  for (const worker of play.players.workers) {
    if (worker.asleep === undefined) continue;
    const stage = play.runs.get(worker.asleep)?.stage;
    const other = play.players.workers.find(({ asleep }) => asleep === undefined);
    if (play.random(4) > 0 && stage !== undefined && other !== undefined)
      await playAll(play, [{ worker: other, step: { do: "release", stage, force: true, ...unhurt } }]);
    await playAll(play, [{ worker, step: { do: "wake", ...unhurt }, run: worker.asleep }]);
    checkLedger(play);
  }
}

/** `run`: the one that is woken. */
type Task = { readonly worker: Worker; readonly step: Step; readonly run?: string };
const unhurt = { killBefore: null, pauseBefore: null } as const;

async function playAll(play: Play, tasks: readonly Task[]): Promise<void> {
  const order = orderOf(play);
  const before = { held: new Set(play.held.keys()), lost: new Set(play.lost), files: play.files.length };
  const replies = await Promise.all(tasks.map(({ worker, step }) => worker.send({ ...order, ...step } as Order)));
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
  for (const { step, reply } of judged) if (step.do === "prepare") judgePrepare(play, reply, before.held);
  for (const { step, reply } of judged)
    if (step.do === "remove" && (reply === undefined || reply.ok))
      overrule(play, { ...step, wasKilled: reply === undefined, before: before.files });
}

type Removal = {
  readonly stage: number;
  readonly force: boolean;
  readonly wasKilled: boolean;
  readonly before: number;
};

/** What of a tree may be in a rescue ref alone once it was removed; `before`: so many files were there when the removal began. */
function overrule(play: Play, { stage, force, wasKilled, before }: Removal): void {
  const tree = stageTree(play, stage);
  if (force && wasKilled) play.going.add(tree);
  for (const [at, file] of play.files.entries())
    if (file.tree === tree && (force || at >= before)) play.overruled.add(file.name);
}

const stageTree = ({ ground: { rig } }: Play, stage: number): string =>
  join(rig.home, "worktrees", key, `stage-${stage}`);

const orderOf = ({ ground: { rig }, kill }: Play) => ({ env: rig.env, home: rig.home, root: rig.root, key, kill });

const told = ({ killBefore, pauseBefore, ...step }: Step): string =>
  `${step.do} ${"run" in step ? step.run.split("@")[1] : "stage" in step ? `${step.stage}${step.force ? " --force" : ""}` : "file" in step ? step.file : ""}${"sleep" in step && step.sleep ? " and sleep" : ""}${killBefore === null ? "" : ` killed before ${killBefore}`}${pauseBefore === null ? "" : ` still before ${pauseBefore}`}`;

const toldReply = (reply: Reply | undefined): string =>
  reply === undefined
    ? "killed"
    : reply.ok
      ? `ok ${reply.asleep === true ? "asleep" : ""}${reply.run?.split("@")[1] ?? reply.merged ?? ""}`
      : `${reply.reason}: ${reply.message.slice(0, 300)}`;

function nextStep(play: Play, busy: Set<string>): Step {
  const killBefore = play.random(4) === 0 ? 1 + play.random(45) : null;
  const pauseBefore = play.random(2) === 0 ? 1 + play.random(40) : null;
  const hurt = { killBefore, pauseBefore };
  const runs = [...play.runs.keys()];
  // Mostly one that has its stage, as far as is known.
  const holders = [...play.held.values()];
  const from = holders.length > 0 && play.random(4) > 0 ? holders : runs;
  const run = from[play.random(Math.max(1, from.length))];
  const kinds = [
    ...(["prepare", "prepare", "commit", "commit", "commit", "done", "sleep", "sleep", "sleep"] as const),
    ...(["cancel", "release", "release", "remove", "remove", "remove"] as const),
  ];
  const kind = kinds[play.random(kinds.length)] ?? "prepare";
  if (kind === "release" || kind === "remove")
    return { do: kind, stage: stageFor(play, kind), force: play.random(2) === 0, ...hurt };
  const known = run === undefined ? undefined : play.runs.get(run);
  if (kind === "prepare" || run === undefined || known === undefined)
    return { do: "prepare", agents: `scripted:${play.ground.rig.folder}/who.json`, ...hurt };
  const ends = kind === "cancel" || kind === "done" || kind === "sleep";
  if (ends && busy.has(run)) return { do: "release", stage: known.stage, force: true, ...hurt };
  if (ends) busy.add(run);
  if (kind === "cancel") return { do: kind, run, ...hurt };
  if (kind === "done" || kind === "sleep") return { do: "done", run, sleep: kind === "sleep", ...hurt };
  if (!existsSync(join(known.tree, ".git"))) return { do: "release", stage: known.stage, force: true, ...hurt };
  const file = `w-${play.files.length}-${play.random(1_000_000)}.txt`;
  return { do: "commit", tree: known.tree, file, ...unhurt };
}

/** Mostly one that is held, or for a removal one that is not and has a tree: others are refused before anything is done. */
function stageFor(play: Play, kind: "release" | "remove"): number {
  const held = [...play.held.keys()];
  const left = [...play.runs.values()].map(({ stage }) => stage).filter((stage) => !play.held.has(stage));
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
  if (step.do === "commit" && reply?.ok === true) play.files.push({ name: step.file, tree: step.tree });
  const ended = step.do === "done" || step.do === "cancel" ? step.run : woken;
  if (ended !== undefined && lostBefore.has(ended) && !play.done.has(ended)) {
    const rows = ledgerOf(play.ground.rig, key).filter(({ run, status }) => run === ended && status === "done");
    if (rows.length > 0) play.wrong.push(`${ended} had lost its stage and wrote a done row`);
  }
  const gone = reply === undefined || (reply.ok && reply.asleep !== true);
  if (ended !== undefined && gone) letGo(play, ended, reply !== undefined);
  if ((step.do === "release" || step.do === "remove") && gone) {
    const run = play.held.get(step.stage);
    if (run !== undefined && step.do === "release") letGo(play, run, reply !== undefined);
  }
}

/** The run has lost its stage for sure, or, where a process was killed on the way, the model no longer knows whether it has it. */
function letGo(play: Play, run: string, isSure: boolean): void {
  if (isSure) play.lost.add(run);
  if (isSure && ledgerOf(play.ground.rig, key).some((row) => row.run === run && row.status === "done"))
    play.done.add(run);
  for (const [stage, holder] of play.held) if (holder === run) play.held.delete(stage);
}

function judgePrepare(play: Play, reply: Reply | undefined, before: ReadonlySet<number>): void {
  if (reply?.ok === false && (reply.reason === "crash" || reply.reason === "bug"))
    play.wrong.push(`prepare: ${reply.message}`);
  if (reply?.ok !== true || reply.run === undefined || reply.stage === undefined) return;
  const holder = play.held.get(reply.stage);
  if (holder !== undefined)
    play.wrong.push(
      `${reply.run} got stage ${reply.stage}, which ${holder} holds${before.has(reply.stage) ? "" : " since this round"}`,
    );
  play.held.set(reply.stage, reply.run);
  play.runs.set(reply.run, { stage: reply.stage, tree: reply.tree ?? "" });
}

/** A person moves the task branch onto a newer main; with merges kept or flattened. */
function rebase(play: Play): void {
  const { rig } = play.ground;
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
  play.steps.push(`rebase ${flags.join("")}`);
}

function checkLedger(play: Play): void {
  const path = join(
    play.ground.rig.root,
    ".okstra/tasks",
    key.split("/").slice(1).join("/"),
    "runs/implementation-planning/consumers.jsonl",
  );
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (!text.startsWith(play.ledger)) play.wrong.push("the ledger lost something that stood in it");
  play.ledger = text;
  for (const run of play.runs.keys()) {
    const done = ledgerOf(play.ground.rig, key).filter(
      (row) => row.run === run && row.status === "done" && row.source !== "reconcile",
    );
    if (done.length > 1) play.wrong.push(`${run} is done ${done.length} times`);
  }
}

/** Ids that doctor may leave: who was killed can be resumed, and a rebase may have dropped what a kill left half-merged. */
const mayStay = /^(hold|run|stale):/;

async function settle(play: Play): Promise<void> {
  const { rig } = play.ground;
  const fixed = await play.players.workers[0]?.send({ ...orderOf(play), do: "fix", ...unhurt });
  if (fixed?.ok !== true) play.wrong.push(`doctor --fix: ${fixed?.message ?? "ended"}`);
  const checks = fixed?.ok === true ? (fixed.checks ?? []) : [];
  const own =
    /^(registry|unregistered|hold|removal|tree|branch|repository|stray-tree|stray-folder|throwaway|trash|catalog|task|run|journal|ledger|carry|stale)(:|$)/;
  for (const { id, ok, message } of checks)
    if (!ok && own.test(id) && !mayStay.test(id)) play.wrong.push(`after doctor --fix: ${id}: ${message}`);
  for (const line of await wrongRecords(rig, key)) if (!expected.test(line)) play.wrong.push(line);
  if (play.files.length === 0) return;
  const branches = namesIn(rig, "--branches");
  const elsewhere = play.files.filter(({ name }) => !branches.has(name));
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
