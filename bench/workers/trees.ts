/** Adds worktrees, by okstra's rooms and by git alone, and takes them away again; only the adding is timed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Repository } from "../../src/host/index.ts";
import { nodeHost } from "../../src/host/node/index.ts";
import { take } from "../../src/model/index.ts";
import { addTree, fillTree, findRepository } from "../../src/worktrees/index.ts";
import { interleave } from "../numbers.ts";

export type TreesAsk = {
  readonly root: string;
  readonly trees: string;
  readonly home: string;
  readonly userHome: string;
  readonly cores: number;
  readonly rounds: number;
  /** How many at once; 0: one after the other. */
  readonly crowd: number;
};
type Way = "ours" | "plain" | "tuned" | "metadata";
export type Trees = Readonly<Record<Way, readonly number[]>>;
export type Crowd = {
  readonly ours: readonly number[];
  readonly plain: readonly number[];
  readonly tried: number;
  readonly failed: number;
  readonly plainFailed: number;
};

const ask = JSON.parse(process.argv[2] ?? "") as TreesAsk;
const env = { PATH: process.env["PATH"], HOME: ask.userHome, GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" };
const host = nodeHost({ env, packageRoot: "/", lockKind: "flock" });
const provision = { syncDirs: [], copyFiles: [], cloneDirs: [], setup: [] };
let last = 0;

const repository = take(await findRepository(host, ask.root));
if (repository === undefined) throw new Error("no repository");
const commit = await host.git.resolve(ask.root, "main");
mkdirSync(ask.trees, { recursive: true });
process.stdout.write(JSON.stringify(ask.crowd === 0 ? await oneByOne(repository) : await together(repository)));

async function oneByOne(of: Repository): Promise<Trees> {
  const once = (add: (name: string) => Promise<unknown>) => async (): Promise<number> => {
    const name = nextName();
    const begun = performance.now();
    await add(name);
    const ms = performance.now() - begun;
    await clear();
    return ms;
  };
  return await interleave(ask.rounds, {
    tuned: once((name) => must(gitAdd(name, ["-c", `checkout.workers=${ask.cores}`], []))),
    ours: once((name) => okstraAdd(of, name)),
    plain: once((name) => must(gitAdd(name, [], []))),
    metadata: once((name) => must(gitAdd(name, [], ["--no-checkout"]))),
  });
}

async function together(of: Repository): Promise<Crowd> {
  const failures = { failed: 0, plainFailed: 0 };
  const crowd = (kind: keyof typeof failures, add: (name: string) => Promise<boolean>) => async (): Promise<number> => {
    const names = Array.from({ length: ask.crowd }, nextName);
    const begun = performance.now();
    const done = await Promise.all(names.map(add));
    const ms = performance.now() - begun;
    failures[kind] += done.filter((fine) => !fine).length;
    await clear();
    return ms;
  };
  const found = await interleave(ask.rounds, {
    plain: crowd("plainFailed", async (name) => (await gitAdd(name, [], [])) === 0),
    ours: crowd("failed", (name) => okstraAdd(of, name)),
  });
  return { ...found, ...failures, tried: (ask.rounds + 1) * ask.crowd };
}

function nextName(): string {
  last += 1;
  return `tree-${last}`;
}

async function okstraAdd(of: Repository, name: string): Promise<boolean> {
  const path = join(ask.trees, name);
  const wanted = { repository: of, path, branch: name, commit: commit ?? "", newBranch: true };
  const added = await addTree(host, ask.home, wanted);
  const fill = { repository: of, path, provision, env: {}, logPath: join(ask.home, "fill.log") };
  const filled = added.ok ? await fillTree(host, fill) : added;
  if (!filled.ok) process.stderr.write(`${filled.error.message}\n`);
  return filled.ok;
}

async function gitAdd(name: string, settings: string[], options: string[]): Promise<number | null> {
  const add = ["worktree", "add", "--quiet", ...options, "--no-track", "-b", name, join(ask.trees, name), commit ?? ""];
  return await git(...settings, ...add);
}

async function must(code: Promise<number | null>): Promise<void> {
  if ((await code) !== 0) throw new Error("git failed");
}

/** Its exit code. */
async function git(...args: string[]): Promise<number | null> {
  const child = spawn("git", ["-C", ask.root, ...args], { env, stdio: "ignore" });
  return (await once(child, "close"))[0] as number | null;
}

/** Back to a repository without worktrees and branches of its own. */
async function clear(): Promise<void> {
  rmSync(ask.trees, { recursive: true });
  mkdirSync(ask.trees);
  await git("worktree", "prune", "--expire=now");
  const branches = (await host.git.refs(ask.root, "refs/heads/")).map(({ ref }) => ref.slice("refs/heads/".length));
  const own = branches.filter((branch) => branch !== "main");
  if (own.length > 0) await git("branch", "-q", "-D", ...own);
}
