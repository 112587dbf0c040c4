/**
 * One of many processes that change one file under one lock. Says `ready`, begins at `go`, and goes on until its time is up; or,
 * as `hold`, takes the lock and stays with it.
 */

import { once } from "node:events";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
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

/** Cycles on a file of its own before a process begins, so that what is measured is the lock and not the loading of code. */
const warmUp = (durable: boolean): number => (durable ? 50 : 1500);

const ask = JSON.parse(process.argv[2] ?? "") as LockerAsk;
const host = nodeHost({ env: process.env, packageRoot: "/", lockKind: "flock" });
const ways: Readonly<Record<Exclude<LockerAsk["way"], "hold">, (file: string) => Cycle>> = {
  okstra: withOkstra,
  flock: withFlock,
  "proper-lockfile": withProperLockfile,
};

process.stdin.resume();
if (ask.way === "hold") await hold();
else await count(ways[ask.way]);
process.stdin.destroy();

async function count(way: (file: string) => Cycle): Promise<void> {
  await warm(way);
  const cycle = way(ask.file);
  await begin();
  const end = performance.now() + ask.ms;
  const waits: number[] = [];
  while (performance.now() < end) {
    waits.push(await cycle());
    // What an engine does between two changes: its loop turns.
    await turn();
  }
  process.stdout.write(JSON.stringify({ cycles: waits.length, waits } satisfies Locked));
}

async function warm(way: (file: string) => Cycle): Promise<void> {
  const own = `${ask.file}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ count: 0 }));
  const cycle = way(own);
  for (let at = 0; at < warmUp(ask.durable); at += 1) await cycle();
  for (const path of [own, lockOf(own), `${lockOf(own)}.owner`]) rmSync(path, { force: true, recursive: true });
}

async function begin(): Promise<void> {
  process.stdout.write("ready\n");
  await once(process.stdin, "data");
}

async function hold(): Promise<void> {
  await host.locks.acquire({ rank: "registry", path: lockOf(ask.file) }, "bench");
  process.stdout.write("ready\n");
  await once(process.stdin, "end");
}

function withOkstra(file: string): Cycle {
  const name: LockName = { rank: "registry", path: lockOf(file) };
  return async () => {
    const begun = performance.now();
    return await host.locks.hold(name, "bench", async () => {
      const waited = performance.now() - begun;
      const text = await host.files.readText(file);
      await host.files.replaceFile(file, next(text ?? ""), { durable: ask.durable });
      return waited;
    });
  };
}

/** The floor: the kernel's lock by itself. */
function withFlock(file: string): Cycle {
  const koffi = createRequire(import.meta.url)("koffi");
  const flock = koffi.load(null).func("int flock(int, int)") as (fd: number, operation: number) => number;
  const fd = openSync(lockOf(file), "a");
  return async () => {
    const begun = performance.now();
    flock(fd, 2);
    const waited = performance.now() - begun;
    change(file);
    flock(fd, 8);
    return waited;
  };
}

function withProperLockfile(file: string): Cycle {
  const { lock } = createRequire(ask.peers)("proper-lockfile");
  const retries = { forever: true, factor: 1, minTimeout: 1, maxTimeout: 5 };
  return async () => {
    const begun = performance.now();
    const release = await lock(file, { retries, realpath: false });
    const waited = performance.now() - begun;
    change(file);
    await release();
    return waited;
  };
}

function change(file: string): void {
  const aside = `${file}.${process.pid}.new`;
  writeAside(aside, next(readFileSync(file, "utf8")));
  renameSync(aside, file);
  if (ask.durable) syncFolder(dirname(file));
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

function lockOf(file: string): string {
  return `${file}.lock`;
}

function next(text: string): string {
  return JSON.stringify({ count: (JSON.parse(text) as { count: number }).count + 1 });
}
