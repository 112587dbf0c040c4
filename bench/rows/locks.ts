/** Twenty real processes that change one file under one lock, with and without a disk; and a holder that is killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, type Row, root } from "../bench.ts";
import { least, line, most, quoted } from "../line.ts";
import { interleave, median, percentile, ratioOf } from "../numbers.ts";
import type { DurableAsk } from "../workers/durable.ts";
import type { Locked, LockerAsk } from "../workers/locker.ts";

const processes = 20;
const peers = join(root, "bench/package.json");
/**
 * The peers of bench/package.json (`npm ci --prefix bench`) wait by polling; twenty of them starve a small machine for minutes,
 * so they run only when asked for (BENCH_PEERS=1). Else their numbers are quoted.
 */
const hasPeers = process.env["BENCH_PEERS"] === "1" && existsSync(join(root, "bench/node_modules"));
const absent = (): number => Number.NaN;

export const locks: Row = {
  name: "lock",
  async measure(bench) {
    const file = join(bench.folder, "counter.json");
    const seen: Record<string, Together[]> = {};
    const way = (name: LockerAsk["way"]) => async () => {
      const one = await together(bench, { way: name, file, ms: 1500, durable: false, peers });
      seen[name] = [...(seen[name] ?? []), one];
      return one.perSecond;
    };
    const found = await interleave(5, {
      floor: way("flock"),
      ours: way("okstra"),
      peer: hasPeers ? way("proper-lockfile") : absent,
    });
    const own = seen["okstra"] ?? [];
    const waits = (name: string): number => median((seen[name] ?? []).map((one) => percentile(one.waits, 0.99)));
    const ratio = ratioOf(found.ours, found.floor);
    const row = "lock";
    return [
      line({
        row,
        what: "lock, read, change, write: cycles of 20 processes",
        unit: "/s",
        floor: { what: "bare flock", value: median(found.floor) },
        peers: [
          quoted("exclusive create", 7770),
          hasPeers ? { what: "proper-lockfile", value: median(found.peer) } : quoted("proper-lockfile", 1190),
        ],
        ours: median(found.ours),
        ratio,
        target: least(5000),
      }),
      line({
        row,
        what: "the same: p99 of the wait",
        unit: "ms",
        floor: { what: "bare flock", value: waits("flock") },
        peers: hasPeers ? [{ what: "proper-lockfile", value: waits("proper-lockfile") }] : [],
        ours: waits("okstra"),
        target: most(60),
      }),
      line({
        row,
        what: "the same: changes lost",
        unit: "",
        ours: own.reduce((sum, one) => sum + one.lost, 0),
        target: most(0),
        note: `of ${own.reduce((sum, one) => sum + one.cycles, 0)}`,
      }),
      line({
        row,
        what: "holder killed with SIGKILL: until the next has the lock",
        unit: "ms",
        ours: median(await killedHolders(bench, file)),
        target: most(60),
        note: "median of 20 kills",
      }),
    ];
  },
};

export const durableLocks: Row = {
  name: "lock-durable",
  async measure(bench) {
    const file = join(bench.disk, "counter.json");
    const single = (way: DurableAsk["way"]) => () =>
      bench.work<number>("durable", { way, file, writes: 200, peers } satisfies DurableAsk);
    let lost = 0;
    const found = await interleave(9, {
      floor: single("floor"),
      alone: single("okstra"),
      ours: async () => {
        const one = await together(bench, { way: "okstra", file, ms: 1000, durable: true, peers });
        lost += one.lost;
        return 1000 / one.perSecond;
      },
      bare: async () =>
        1000 / (await together(bench, { way: "flock", file, ms: 1000, durable: true, peers })).perSecond,
      peer: hasPeers ? single("write-file-atomic") : absent,
    });
    const row = "lock-durable";
    const floor = { what: "one durable write", value: median(found.floor) };
    const peer = hasPeers
      ? { what: "write-file-atomic", value: median(found.peer) }
      : quoted("write-file-atomic", 0.94);
    return [
      line({
        row,
        what: "lock, read, change, durable write: each cycle of 20 processes",
        unit: "ms",
        floor,
        peers: [peer, { what: "bare flock, 20 processes", value: median(found.bare) }],
        ours: median(found.ours),
        ratio: ratioOf(found.ours, found.floor),
        target: most(1.3, "ratio"),
        note: `${lost} lost`,
      }),
      line({
        row,
        what: "durable write without a lock, one process",
        unit: "ms",
        floor,
        peers: [peer],
        ours: median(found.alone),
        ratio: ratioOf(found.alone, found.floor),
        target: most(1.3, "ratio"),
      }),
    ];
  },
};

type Together = { perSecond: number; cycles: number; waits: readonly number[]; lost: number };

/** All begin when the last is ready, and go on for the same time. */
async function together(bench: Bench, ask: LockerAsk): Promise<Together> {
  writeFileSync(ask.file, JSON.stringify({ count: 0 }));
  const all = Array.from({ length: processes }, () => start(bench, ask));
  await Promise.all(all.map((one) => one.ready));
  for (const { child } of all) child.stdin?.write("go\n");
  const said = await Promise.all(all.map(async (one) => JSON.parse(await one.ended) as Locked));
  const cycles = said.reduce((sum, one) => sum + one.cycles, 0);
  const { count } = JSON.parse(readFileSync(ask.file, "utf8")) as { count: number };
  const waits = said.flatMap((one) => one.waits);
  return { perSecond: (cycles * 1000) / ask.ms, cycles, waits, lost: cycles - count };
}

async function killedHolders(bench: Bench, file: string): Promise<number[]> {
  const found: number[] = [];
  for (let at = 0; at < 20; at += 1) {
    const ask = { way: "hold", file, ms: 0, durable: false, peers } as const;
    const [holder, next] = [start(bench, ask), start(bench, ask)];
    const first = await Promise.race([holder.ready.then(() => holder), next.ready.then(() => next)]);
    const second = first === holder ? next : holder;
    const begun = performance.now();
    first.child.kill("SIGKILL");
    await second.ready;
    found.push(performance.now() - begun);
    second.child.kill("SIGKILL");
    await Promise.all([holder.gone, next.gone]);
  }
  return found;
}

/** `ready` when it says so; `ended` with what it said afterwards. */
function start(bench: Bench, ask: LockerAsk) {
  const child: ChildProcess = spawn(process.execPath, [bench.script("locker"), JSON.stringify(ask)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let said = "";
  const ready = new Promise<void>((settle) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.startsWith("ready\n")) settle();
    });
  });
  const gone = once(child, "close");
  const ended = gone.then(([code, signal]) => {
    if (code !== 0) throw new Error(`a locker (${ask.way}) ended with ${String(code ?? signal)}`);
    return said.slice("ready\n".length);
  });
  ended.catch(() => undefined);
  return { child, ready, gone, ended };
}
