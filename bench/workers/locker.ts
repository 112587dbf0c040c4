/**
 * One of many processes that change one file under one lock. Says `ready`, begins at `go`, and goes on until its time is up; or,
 * as `hold`, takes the lock and stays with it.
 */

import { once } from "node:events";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { LockName } from "../../src/host/index.ts";
import { nodeHost } from "../../src/host/node/index.ts";

export type LockerAsk = {
  readonly way: "okstra" | "flock" | "proper-lockfile" | "hold";
  /** Holds `{"count":0}`; locks lie beside it. */
  readonly file: string;
  readonly ms: number;
  readonly durable: boolean;
  /** The package.json whose packages are the peers. */
  readonly peers: string;
};

export type Locked = { readonly cycles: number; readonly waits: readonly number[] };

type Cycle = () => Promise<number>;

const ask = JSON.parse(process.argv[2] ?? "") as LockerAsk;
const host = nodeHost({ env: process.env, packageRoot: "/", lockKind: "flock" });
const name: LockName = { rank: "registry", path: `${ask.file}.lock` };
const ways: Readonly<Record<Exclude<LockerAsk["way"], "hold">, () => Cycle>> = {
  okstra: () => withOkstra,
  flock: withFlock,
  "proper-lockfile": withProperLockfile,
};

process.stdin.resume();
if (ask.way === "hold") await hold();
else await count(ways[ask.way]());
process.stdin.destroy();

async function count(cycle: Cycle): Promise<void> {
  await Promise.all([begin(), host.files.readText(ask.file)]);
  const end = performance.now() + ask.ms;
  const waits: number[] = [];
  while (performance.now() < end) {
    waits.push(await cycle());
    // What an engine does between two changes: its loop turns.
    await turn();
  }
  process.stdout.write(JSON.stringify({ cycles: waits.length, waits } satisfies Locked));
}

async function begin(): Promise<void> {
  process.stdout.write("ready\n");
  await once(process.stdin, "data");
}

async function hold(): Promise<void> {
  await host.locks.acquire(name, "bench");
  process.stdout.write("ready\n");
  await once(process.stdin, "end");
}

async function withOkstra(): Promise<number> {
  const begun = performance.now();
  return await host.locks.hold(name, "bench", async () => {
    const waited = performance.now() - begun;
    const text = await host.files.readText(ask.file);
    await host.files.replaceFile(ask.file, next(text ?? ""), { durable: ask.durable });
    return waited;
  });
}

/** The floor: the kernel's lock by itself. */
function withFlock(): Cycle {
  const koffi = createRequire(import.meta.url)("koffi");
  const flock = koffi.load(null).func("int flock(int, int)") as (fd: number, operation: number) => number;
  const fd = openSync(name.path, "a");
  return async () => {
    const begun = performance.now();
    flock(fd, 2);
    const waited = performance.now() - begun;
    change();
    flock(fd, 8);
    return waited;
  };
}

function withProperLockfile(): Cycle {
  const { lock } = createRequire(ask.peers)("proper-lockfile");
  const retries = { forever: true, factor: 1, minTimeout: 1, maxTimeout: 5 };
  return async () => {
    const begun = performance.now();
    const release = await lock(ask.file, { retries, realpath: false });
    const waited = performance.now() - begun;
    change();
    await release();
    return waited;
  };
}

function change(): void {
  const aside = `${ask.file}.${process.pid}`;
  writeAside(aside, next(readFileSync(ask.file, "utf8")));
  renameSync(aside, ask.file);
  if (ask.durable) syncFolder(dirname(ask.file));
}

function writeAside(path: string, text: string): void {
  const fd = openSync(path, "w");
  writeSync(fd, text);
  if (ask.durable) fsyncSync(fd);
  closeSync(fd);
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  fsyncSync(fd);
  closeSync(fd);
}

function next(text: string): string {
  return JSON.stringify({ count: (JSON.parse(text) as { count: number }).count + 1 });
}
