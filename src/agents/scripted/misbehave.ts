/** The ways in which agents go wrong, each really done. Those that end the play say so; after the others it goes on. */
import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { git } from "./git.ts";
import type { Part, Turn } from "./part.ts";
import type { Act } from "./scenario.schema.ts";
import { hang, pause, say, utter } from "./voice.ts";

type Misbehaviour = Extract<Act, { misbehave: unknown }>;
type Way = (part: Part, detail: string | undefined) => Promise<Turn>;

export const misbehave = (part: Part, act: Misbehaviour): Promise<Turn> => ways[act.misbehave](part, act.detail);

const ways: Readonly<Record<Misbehaviour["misbehave"], Way>> = {
  "never-speak": hang,
  "speak-for-ever": speakForEver,
  "huge-line": hugeLine,
  "broken-json": () => goOn(utter('{"type":"text","te\n}} [this is no JSON\n')),
  "half-utf8": halfUtf8,
  "success-without-result": () => say({ type: "finished", text: "" }).then(() => ({ exit: 0 })),
  "hang-after-result": async () => ({ after: "hang" }),
  "exit-0-silent": async () => ({ exit: 0 }),
  "exit-1-after-success": async () => ({ after: "exit-1" }),
  "kill-self": killSelf,
  "fork-daemon": forkDaemon,
  "write-outside": async ({ cwd, address }, detail) => {
    const path = resolve(cwd, detail ?? `../outside-${address.worker}.txt`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `Written by ${address.worker}\n`);
    return undefined;
  },
  "commit-elsewhere": async ({ cwd }, detail) => {
    const commit = git(cwd, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "A commit where none belongs");
    git(cwd, "update-ref", `refs/heads/${detail ?? "stray"}`, commit);
    return undefined;
  },
  "rewrite-history": async ({ cwd }, detail) => {
    git(
      cwd,
      "commit",
      "--quiet",
      "--amend",
      "--allow-empty",
      "--no-verify",
      "--message",
      detail ?? "History, written anew",
    );
    return undefined;
  },
  "delete-worktree": async ({ cwd }) => {
    rmSync(cwd, { recursive: true, force: true });
    return undefined;
  },
  "plant-hook": plantHook,
  "plant-config": plantConfig,
  "slow-drip": slowDrip,
  "prose-answer": () =>
    say({ type: "finished", text: "I went through the whole of it. All looks fine to me, so I would accept it." }).then(
      () => ({ exit: 0 }),
    ),
  "auth-failure": () => fail({ reason: "HTTP 401: the provider refused the credentials", kind: "auth" }),
  quota: async (_part, detail) => {
    await say({ type: "quota", resetAt: detail ?? null });
    return fail({ reason: "HTTP 429: the quota is used up", kind: "quota" });
  },
  "server-error": async () => {
    for (let attempt = 1; attempt <= 3; attempt++) await say({ type: "retry", reason: "HTTP 500" });
    return fail({ reason: "HTTP 500: the provider failed", kind: "transient" });
  },
};

async function goOn(done: Promise<void>): Promise<undefined> {
  await done;
}

async function fail(failure: { reason: string; kind: "auth" | "quota" | "transient" }): Promise<Turn> {
  await say({ type: "failed", ...failure });
  return { exit: 1 };
}

async function speakForEver(): Promise<never> {
  for (let count = 1; ; count++) {
    await say({ type: "text", text: `Still looking, part ${count}` });
    await pause(5);
  }
}

const mebibyte = 1024 * 1024;

async function hugeLine(): Promise<undefined> {
  await utter('{"type":"text","text":"');
  for (let part = 0; part < 50; part++) await utter("x".repeat(mebibyte));
  await utter('"}\n');
}

/** A character split over two writes, which is right, and one of which the second half never comes. */
async function halfUtf8(): Promise<undefined> {
  const [first, ...rest] = Buffer.from("€");
  await utter('{"type":"text","text":"');
  await utter(Uint8Array.of(first ?? 0));
  await pause(20);
  await utter(Uint8Array.from(rest));
  await utter('"}\n{"type":"text","text":"');
  await utter(Uint8Array.of(first ?? 0));
  await utter('"}\n');
}

/** One line that never ends: output grows, but nothing is said. */
async function slowDrip(): Promise<never> {
  await utter('{"type":"text","text":"');
  for (;;) {
    await utter(".");
    await pause(10);
  }
}

async function killSelf(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return hang();
}

/** In a session of its own, orphaned, deaf to TERM from its first moment (inherited), and holding on to our stdout. */
async function forkDaemon(): Promise<undefined> {
  const parent = spawn("sh", ["-c", "trap '' TERM; sleep 3600 &"], {
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
  });
  await new Promise((resolve) => parent.once("exit", resolve));
}

async function plantHook({ cwd }: Part): Promise<undefined> {
  const hooks = resolve(cwd, git(cwd, "rev-parse", "--git-path", "hooks"));
  plant(join(hooks, "pre-commit"), join(hooks, "planted-hook-ran"));
}

async function plantConfig({ cwd }: Part): Promise<undefined> {
  const common = resolve(cwd, git(cwd, "rev-parse", "--git-common-dir"));
  const script = join(common, "planted-fsmonitor");
  plant(script, join(common, "planted-config-ran"));
  // Git hands the value to a shell.
  git(cwd, "config", "core.fsmonitor", `'${script.replaceAll("'", "'\\''")}'`);
}

/** A script that leaves a trace when somebody runs it. */
function plant(path: string, trace: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho ran >> '${trace}'\nexit 0\n`, { mode: 0o755 });
}
