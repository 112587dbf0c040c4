/**
 * The rig: the real command line on real git in a temporary folder with a home of its own. Nothing of the user is read (HOME is
 * empty, no git identity), and when a rig closes nothing of it may be left running.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const packageRoot = fileURLToPath(new URL("../..", import.meta.url));
export const main = join(packageRoot, "dist", "main.js");

export type Ran = {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The JSON document on stdout. */
  json<T>(): T;
};

export type Options = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** SIGKILL just before the n-th effect, 1 first, or before the n-th of a kind: `git.merge:1`. */
  readonly stopBefore?: number | string;
};

/** An effect as the command numbered it. */
export type Effect = { readonly n: number; readonly kind: string; readonly detail: string };

export type Rig = AsyncDisposable & {
  readonly folder: string;
  readonly home: string;
  /** The project's main worktree. */
  readonly root: string;
  /** What every command sees of the environment. */
  readonly env: Readonly<Record<string, string>>;
  okstra(args: readonly string[], options?: Options): Promise<Ran>;
  /** Like `okstra`, and with every effect it had; the last one of a killed command is the one that it did not come to. */
  traced(
    args: readonly string[],
    options?: Options,
  ): Promise<{ readonly ran: Ran; readonly effects: readonly Effect[] }>;
  /** Starts a command and does not wait. */
  launch(args: readonly string[], options?: Options): { readonly child: ChildProcess; readonly done: Promise<Ran> };
  git(...args: readonly string[]): string;
  gitAt(folder: string, ...args: readonly string[]): string;
  /** Writes below the project's root (or at an absolute path). */
  write(path: string, text: string): string;
  read(path: string): string;
  /** Processes whose environment names this rig's folder: okstra, its git, agents, commands. */
  leftRunning(): readonly number[];
  /** Keeps the whole folder as it is now; the returned function puts it back, at the same path, any number of times. */
  keep(): () => void;
};

/** A repository with one commit on `main` that holds these files; `.okstra` is not made. */
export function openRig(files: Readonly<Record<string, string>>): Rig {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "okstra rig-")));
  const root = join(folder, "the project");
  const home = join(folder, "okstra home");
  const userHome = join(folder, "user");
  for (const path of [root, userHome]) mkdirSync(path, { recursive: true });
  const base = {
    PATH: process.env["PATH"] ?? "",
    HOME: userHome,
    OKSTRA_HOME: home,
    // The same on every machine; OKSTRA_SANDBOX=require runs all of it confined.
    OKSTRA_SANDBOX: process.env["OKSTRA_SANDBOX"] ?? "off",
    GIT_CONFIG_NOSYSTEM: "1",
    LC_ALL: "C",
    TZ: "UTC",
    NO_COLOR: "1",
  };
  const author = {
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: "ada@example.org",
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: "ada@example.org",
  };
  const gitAt = (at: string, ...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: at, env: { ...base, ...author }, encoding: "utf8", stdio: "pipe" }).trim();
  const write = (path: string, text: string): string => {
    const to = path.startsWith("/") ? path : join(root, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, text);
    return to;
  };
  const launch = (args: readonly string[], options: Options = {}) => {
    const stop = options.stopBefore === undefined ? {} : { OKSTRA_RIG_STOP_BEFORE: String(options.stopBefore) };
    const trace =
      options.stopBefore === undefined || options.env?.["OKSTRA_RIG_EFFECTS"] !== undefined
        ? {}
        : { OKSTRA_RIG_EFFECTS: join(folder, "effects.txt") };
    const child = spawn(process.execPath, [main, ...args], {
      cwd: options.cwd ?? root,
      env: { ...base, ...trace, ...stop, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { child, done: ranOf(child) };
  };
  const okstra = (args: readonly string[], options: Options = {}): Promise<Ran> => launch(args, options).done;
  let traces = 0;
  const traced: Rig["traced"] = async (args, options = {}) => {
    traces += 1;
    const file = join(folder, `effects-${traces}.txt`);
    const ran = await okstra(args, { ...options, env: { ...options.env, OKSTRA_RIG_EFFECTS: file } });
    const lines = existsSync(file)
      ? readFileSync(file, "utf8")
          .split("\n")
          .filter((line) => line !== "")
      : [];
    return { ran, effects: lines.map(effectOf) };
  };
  const leftRunning = (): readonly number[] => processesWith(folder);
  const kept: string[] = [];
  const keep = (): (() => void) => {
    const copy = mkdtempSync(join(tmpdir(), "okstra-kept-"));
    kept.push(copy);
    copyTree(folder, copy);
    return () => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      copyTree(copy, folder);
    };
  };
  gitAt(root, "init", "--quiet", "-b", "main");
  for (const [path, text] of Object.entries(files)) write(path, text);
  gitAt(root, "add", "--all");
  gitAt(root, "commit", "--quiet", "--allow-empty", "-m", "start");
  return {
    folder,
    home,
    root,
    env: base,
    okstra,
    traced,
    launch,
    git: (...args) => gitAt(root, ...args),
    gitAt,
    write,
    read: (path) => readFileSync(path.startsWith("/") ? path : join(root, path), "utf8"),
    leftRunning,
    keep,
    [Symbol.asyncDispose]: async () => {
      const left = leftRunning();
      for (const pid of left) process.kill(pid, "SIGKILL");
      for (const path of [folder, ...kept]) rmSync(path, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`left running: ${left.join(", ")}`);
    },
  };
}

export function ranOf(child: ChildProcess): Promise<Ran> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const stdout = Buffer.concat(out).toString("utf8");
      const stderr = Buffer.concat(err).toString("utf8");
      resolve({
        code,
        signal,
        stdout,
        stderr,
        json: <T>(): T => {
          try {
            return JSON.parse(stdout) as T;
          } catch {
            throw new Error(`no JSON on stdout (exit ${code}):\n${stdout}\n${stderr}`);
          }
        },
      });
    });
  });
}

function effectOf(line: string): Effect {
  const [n, kind, ...rest] = line.split(" ");
  return { n: Number(n), kind: kind ?? "", detail: rest.join(" ") };
}

/** Linux only: elsewhere nothing is found, and the check is one of the Linux runs. */
function processesWith(text: string): number[] {
  if (!existsSync("/proc/self/environ")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => environOf(pid).includes(text))
    .map(Number);
}

/** With times and links as they are, so that git finds its index fresh. */
const copyTree = (from: string, to: string): void => {
  execFileSync("cp", ["-a", `${from}/.`, to]);
};

function environOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return ""; // it is gone, or not ours
  }
}
