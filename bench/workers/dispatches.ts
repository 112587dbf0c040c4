/**
 * Starts children the way agents are started: how soon one speaks, how soon its end is known, and what twenty that stream cost.
 * The children are small shell scripts, so that what is measured is okstra and not they.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Driver, defaultClocks, dispatch, driverFor } from "../../src/agents/index.ts";
import { nodeHost } from "../../src/host/node/index.ts";
import { take } from "../../src/model/index.ts";
import { interleave } from "../numbers.ts";

export type DispatchesAsk = {
  readonly what: "done" | "start" | "among" | "stream";
  readonly folder: string;
  readonly rounds: number;
};
export type Dispatched = { readonly floor: readonly number[]; readonly ours: readonly number[] };
/** Milliseconds; means, since the system counts processor time in ticks. */
export type Own = { readonly floor: number; readonly ours: number };
/** Memory in MiB: of the worker before it starts anything, and at most. */
export type Streamed = { readonly before: number; readonly most: number; readonly megabytes: number };

const ask = JSON.parse(process.argv[2] ?? "") as DispatchesAsk;
const host = nodeHost({ env: process.env, packageRoot: "/" });
const env = { PATH: process.env["PATH"] ?? "" };
const started = `printf '{"type":"started","session":"s","model":"m","family":"f"}\\n'`;
/** Says as its last word when that was: milliseconds of the wall clock. */
const speaker = `${started}; printf '{"type":"finished","text":"{\\\\"at\\\\": %s}"}\\n' "$(date +%s%N)"`;
const greeter = `printf 'hello\\n'; cat >/dev/null`;
const words = JSON.stringify({ type: "text", text: "what an agent says while it works ".repeat(6) });
/** Much more than an agent streams: 1 MB a second, for four seconds, in a hundred thousand events a second of all twenty. */
const [bursts, burst] = [16, 1300];
const talk = `w=$(yes '${words}' | head -n ${burst}); for i in $(seq ${bursts}); do printf '%s\\n' "$w"; sleep 0.25; done`;
const streamer = `${started}; ${talk}; printf '{"type":"finished","text":"{\\\\"at\\\\": 0}"}\\n'`;

mkdirSync(ask.folder, { recursive: true });
process.stdout.write(JSON.stringify(await { done, start, among, stream }[ask.what]()));

async function done(): Promise<Dispatched> {
  return await interleave(ask.rounds, {
    floor: async () => {
      const child = spawn("sh", ["-c", speaker], { env });
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
      await once(child, "close");
      const now = wallClock();
      return now - Number(/at\\": (\d+)/.exec(said)?.[1]) / 1e6;
    },
    ours: async () => {
      const at = await dispatched(speaker);
      return wallClock() - at;
    },
  });
}

/** When its result was made, as the child says. Throws unless it completed. */
async function dispatched(script: string): Promise<number> {
  const name = `d-${host.random.id(8)}`;
  const outcome = take(
    await dispatch<number>(host, {
      driver: playing(script),
      config: {},
      address: {
        worker: "claude",
        role: "analyser",
        purpose: "blind",
        taskType: "error-analysis",
        stage: null,
        round: null,
        attempt: 1,
      },
      mark: name,
      prompt: "Look at the code.",
      cwd: ask.folder,
      access: "read-only",
      model: null,
      family: "anthropic",
      home: join(ask.folder, "home"),
      temporaryFolder: join(ask.folder, "tmp"),
      scratch: join(ask.folder, "scratch"),
      logPath: join(ask.folder, `${name}.log`),
      clocks: defaultClocks,
      check: (value) => ({ ok: true, value: Number((value as { at: unknown }).at) / 1e6 }),
      askAgain: () => "again",
    }),
  );
  if (outcome.status !== "completed" || outcome.value === null) throw new Error(outcome.message);
  return outcome.value;
}

/** The scripted agent's ear on a script of ours. */
function playing(script: string): Driver {
  return {
    ...take(driverFor("scripted")),
    command: () => ({ command: ["sh", "-c", script], env: {}, stdin: "", files: [], credentials: [] }),
  };
}

async function start(): Promise<Dispatched> {
  return await interleave(ask.rounds, {
    floor: async () => {
      const begun = performance.now();
      const child = spawn("sh", ["-c", greeter], { env, detached: true });
      await once(child.stdout, "data");
      const ms = performance.now() - begun;
      child.stdin.end();
      await once(child, "close");
      return ms;
    },
    ours: async () => {
      const begun = performance.now();
      let ms = 0;
      const child = await host.processes.supervise({
        command: ["sh", "-c", greeter],
        cwd: ask.folder,
        env,
        stdin: "",
        logPath: join(ask.folder, "greeter.log"),
        onLine: () => (ms = performance.now() - begun),
        onStderr: () => undefined,
      });
      await child.exited;
      return ms;
    },
  });
}

/** While twenty stream: milliseconds of processor time that this process spends on each start, all of its threads counted. */
async function among(): Promise<Own> {
  const streaming = Promise.all(Array.from({ length: 20 }, () => dispatched(streamer)));
  const cost = { floor: 0, ours: 0 };
  const spent = (before: NodeJS.CpuUsage): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / ask.rounds;
  };
  for (let round = 0; round < ask.rounds; round++) {
    const first = process.cpuUsage();
    const bare = spawn("sh", ["-c", greeter], { env, detached: true });
    cost.floor += spent(first);
    bare.stdin.end();
    await once(bare.stdout.resume(), "close");
    const second = process.cpuUsage();
    const started = await host.processes.supervise({
      command: ["sh", "-c", greeter],
      cwd: ask.folder,
      env,
      stdin: "",
      logPath: join(ask.folder, "greeter.log"),
      onLine: () => undefined,
      onStderr: () => undefined,
    });
    // Nothing of it waits for the loop once it is loaded, so what the streams say is not heard in between.
    cost.ours += spent(second);
    await started.exited;
  }
  await streaming;
  return cost;
}

async function stream(): Promise<Streamed> {
  const before = process.memoryUsage.rss() / 2 ** 20;
  await Promise.all(Array.from({ length: 20 }, () => dispatched(streamer)));
  const megabytes = (20 * bursts * burst * words.length) / 1e6;
  return { before, most: mostMemory(), megabytes };
}

/** In MiB. What the system says of a process's most begins with that of who started it; on Linux its own stands beside that. */
function mostMemory(): number {
  const own = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(own)?.[1] ?? process.resourceUsage().maxRSS) / 1024;
}

/** Milliseconds of the wall clock with their fractions; waits for a tick, since Node has whole ones only. */
function wallClock(): number {
  const asked = performance.now();
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  return now - (performance.now() - asked);
}
