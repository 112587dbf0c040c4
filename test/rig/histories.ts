/**
 * Random histories of a task whose plan is approved: processes that live through all of it prepare stages, commit, finish, cancel,
 * release, remove, are killed, while a person rebases the task branch. A simple model knows what must be true after each step:
 *
 *   a stage has one holder           a prepare never gives a stage that another run holds
 *   who lost the hold writes nothing  a run whose stage was released never gets a `done` row
 *   the ledger only grows            no row is lost, none stands there twice
 *   no work is lost                  the file of every commit is in some commit that a ref reaches
 *   the records agree                after `doctor --fix` registry, git and disk say the same
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { bundled } from "../race.ts";
import type { Order, Reply } from "../workers/histories.ts";
import { agents, key } from "./calculator.ts";
import { inside } from "./inside.ts";
import type { Ground } from "./races.ts";
import { packageRoot } from "./rig.ts";
import { ledgerOf, wrongs } from "./world.ts";

type Step = DistributiveOmit<Order, "env" | "home" | "root" | "key">;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export type History = { readonly seed: number; readonly steps: readonly string[]; readonly wrong: readonly string[] };

/** One process that takes orders; started anew after it was killed. */
class Worker {
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
    if (done !== true) return JSON.parse(value) as Reply;
    this.#child = undefined;
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

export async function openPlayers(count: number): Promise<Players> {
  const folder = await bundled("histories");
  const workers = Array.from({ length: count }, () => new Worker(join(folder, "histories.js")));
  return {
    workers,
    [Symbol.asyncDispose]: async () => {
      for (const worker of workers) await worker.end();
      rmSync(folder, { recursive: true });
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
  readonly files: string[];
  ledger: string;
};

/** Plays the history of a seed; the ground is put back first. */
export async function playHistory(ground: Ground, players: Players, seed: number): Promise<History> {
  ground.restore();
  const play: Play = {
    ...{ ground, players, random: randomOf(seed), steps: [], wrong: [], ledger: "", files: [] },
    ...{ held: new Map(), runs: new Map(), lost: new Set() },
  };
  for (let round = 4 + play.random(5); round > 0; round -= 1) {
    if (play.random(6) === 0) rebase(play);
    else await playRound(play);
    checkLedger(play);
  }
  await settle(play);
  return { seed, steps: play.steps, wrong: play.wrong };
}

/** Up to as many steps at the same moment as there are workers. */
async function playRound(play: Play): Promise<void> {
  const { players, ground } = play;
  const count = 1 + play.random(players.workers.length);
  const steps = Array.from({ length: count }, () => nextStep(play));
  const { rig } = ground;
  const order = { env: { ...rig.env } as Record<string, string>, home: rig.home, root: rig.root, key };
  const free = new Set(play.held.keys());
  const replies = await Promise.all(
    steps.map((step, at) => players.workers[at]?.send({ ...order, ...step } as Order) ?? Promise.resolve(undefined)),
  );
  for (const [at, step] of steps.entries())
    play.steps.push(`${at === 0 ? "" : "  and "}${told(step)} -> ${toldReply(replies[at])}`);
  // What gave a stage back in this round may have come before a prepare of the same round.
  for (const [at, step] of steps.entries()) if (step.do !== "prepare") judge(play, step, replies[at]);
  for (const [at, step] of steps.entries()) if (step.do === "prepare") judgePrepare(play, replies[at], free);
}

const told = ({ killBefore, ...step }: Step): string =>
  `${step.do} ${"run" in step ? step.run.split("@")[1] : "stage" in step ? `${step.stage}${step.force ? " --force" : ""}` : "file" in step ? step.file : ""}${killBefore === null ? "" : ` killed before ${killBefore}`}`;

const toldReply = (reply: Reply | undefined): string =>
  reply === undefined
    ? "killed"
    : reply.ok
      ? `ok ${reply.run?.split("@")[1] ?? reply.merged ?? ""}`
      : `${reply.reason}: ${reply.message.slice(0, 300)}`;

function nextStep(play: Play): Step {
  const killBefore = play.random(4) === 0 ? 1 + play.random(60) : null;
  const runs = [...play.runs.keys()];
  const run = runs[play.random(Math.max(1, runs.length))];
  const stage = 1 + play.random(3);
  const kinds = [
    "prepare",
    "prepare",
    "commit",
    "commit",
    "done",
    "done",
    "cancel",
    "release",
    "release",
    "remove",
  ] as const;
  const kind = kinds[play.random(kinds.length)] ?? "prepare";
  if (kind === "release" || kind === "remove") return { do: kind, stage, force: play.random(2) === 0, killBefore };
  const known = run === undefined ? undefined : play.runs.get(run);
  if (kind === "prepare" || run === undefined || known === undefined)
    return { do: "prepare", agents: agents(play.ground.rig), killBefore };
  if (kind !== "commit") return { do: kind, run, killBefore };
  if (!existsSync(join(known.tree, ".git"))) return { do: "done", run, killBefore };
  const file = `w-${play.files.length}-${play.random(1_000_000)}.txt`;
  return { do: "commit", tree: known.tree, file, killBefore: null };
}

function judge(play: Play, step: Step, reply: Reply | undefined): void {
  if (reply?.ok === false && (reply.reason === "crash" || reply.reason === "bug")) {
    if (step.do !== "commit") play.wrong.push(`${told(step)}: ${reply.message}`);
    return;
  }
  if (step.do === "commit" && reply?.ok === true) play.files.push(step.file);
  if (step.do === "done" && reply?.ok === true && play.lost.has(step.run)) {
    const rows = ledgerOf(play.ground.rig, key).filter(({ run, status }) => run === step.run && status === "done");
    if (rows.length > 0) play.wrong.push(`${step.run} had lost its stage and wrote a done row`);
  }
  const gone = reply === undefined || reply.ok;
  if ((step.do === "done" || step.do === "cancel") && gone) letGo(play, step.run);
  if ((step.do === "release" || step.do === "remove") && gone) {
    const run = play.held.get(step.stage);
    if (run !== undefined && step.do === "release") letGo(play, run);
  }
}

/** From now on the model no longer knows whether the run holds its stage. */
function letGo(play: Play, run: string): void {
  play.lost.add(run);
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
  git(rig.root, "commit", "--quiet", "-m", name);
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
  const fixed = await inside(rig, ["doctor", "--fix", "--json"]);
  const { checks = [] } = JSON.parse(fixed.answer) as { checks?: { id: string; ok: boolean; message: string }[] };
  const own =
    /^(registry|unregistered|hold|removal|tree|branch|repository|stray-tree|stray-folder|throwaway|trash|catalog|task|run|ledger|carry|stale)(:|$)/;
  for (const { id, ok, message } of checks)
    if (!ok && own.test(id) && !mayStay.test(id)) play.wrong.push(`after doctor --fix: ${id}: ${message}`);
  for (const line of await wrongs(rig, key)) if (!expected.test(line)) play.wrong.push(line);
  const there = execFileSync("git", ["log", "--all", "-m", "--name-only", "--format="], {
    cwd: rig.root,
    env: rig.env,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  for (const file of play.files) if (!there.includes(file)) play.wrong.push(`lost: ${file}`);
}

/** A branch of a removed stage that is only pushed, or moved meanwhile, stays; trash is deleted by a process of its own. */
const expected = /^(process |in the trash|a branch that is not registered|left in the home)/;

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
