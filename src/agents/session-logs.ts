/**
 * The session logs that agents write themselves: in the home that okstra gave a dispatch, which goes when the run has ended, or in the
 * user's. They are kept with the run, so that what an agent did can be looked at later; what they say was used is told.
 */
import { join } from "node:path";
import type { Host } from "../host/index.ts";
import type { SessionLog } from "./contract.ts";
import { allDrivers } from "./drivers/registry.ts";
import { type Logged, logUse } from "./log-use.ts";
import { redactor } from "./redact.ts";

type Found = { readonly path: string; readonly of: SessionLog };

/**
 * Where the logs of these sessions lie below these homes, and below the user's. Of every agent: behind a program that speaks a common
 * protocol may be any of them. Reads names of folders, and of what fits the text.
 */
async function sessionLogs(host: Host, homes: readonly string[], sessions: readonly string[]): Promise<Found[]> {
  // An id is part of file names; one that is no id finds nothing.
  const ids = sessions.filter((session) => /^[\w-]{8,}$/.test(session));
  if (ids.length === 0) return [];
  const found: Found[] = [];
  for (const log of allDrivers.flatMap((driver) => driver.log ?? []))
    for (const folder of foldersOf(host, homes, log))
      for (const path of await filesBelow(host, folder, log.depth))
        for (const session of ids) if (await isOf(host, { path, of: log }, session)) found.push({ path, of: log });
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function foldersOf({ machine }: Host, homes: readonly string[], { folder, variable, below }: SessionLog): string[] {
  const own = variable === null ? undefined : machine.env[variable];
  const roots = [...homes.map((home) => join(home, folder)), own ?? join(machine.userHome, folder)];
  return roots.map((root) => join(root, below));
}

async function isOf(host: Host, { path, of }: Found, session: string): Promise<boolean> {
  if (!/\.jsonl?$/.test(path)) return false;
  if (path.includes(session)) return true;
  if (of.shortNames?.test(path) !== true || !path.includes(session.slice(0, 8))) return false;
  return (await host.files.readText(path))?.includes(session) === true;
}

async function filesBelow(host: Host, folder: string, depth: number): Promise<string[]> {
  const found: string[] = [];
  for (const { name, kind } of await host.files.list(folder)) {
    if (kind === "file") found.push(join(folder, name));
    else if (kind === "folder" && depth > 0) found.push(...(await filesBelow(host, join(folder, name), depth - 1)));
  }
  return found;
}

export type KeepAsk = {
  /** Homes that were made for the dispatch. */
  readonly homes: readonly string[];
  /** The conversations of the dispatch; more than one where the agent lost the first. */
  readonly sessions: readonly string[];
  readonly secrets: readonly string[];
  /** Where the n-th log goes, 1 first. */
  readonly to: (n: number) => string;
  /** Bytes of one log that are kept: the last ones, in whole lines. */
  readonly most?: number;
};

export type KeptLogs = {
  readonly count: number;
  /** What the logs say of the calls; null where they do not, or are too long to be read for that. */
  readonly said: Logged | null;
};

/** What a log that was cut begins with, as a line. */
export const cutMark = "okstra-cut-bytes";

/** A log that is longer is not read for what was used. */
const longest = 16 * 1024 * 1024;

/** Copies what the agent wrote of the sessions, secrets taken out, and sums what was used by it. */
export async function keepSessionLogs(host: Host, ask: KeepAsk): Promise<KeptLogs> {
  const redact = redactor(ask.secrets);
  const most = ask.most ?? 4 * 1024 * 1024;
  const logs = await sessionLogs(host, ask.homes, ask.sessions);
  const read: { of: SessionLog; bytes: Uint8Array }[] = [];
  for (const [at, { path, of }] of logs.entries()) {
    const size = (await host.files.look(path))?.size ?? 0;
    const bytes = (await host.files.readTail(path, size <= longest ? size : most)) ?? new Uint8Array();
    await host.files.replaceFile(ask.to(at + 1), redact(kept(bytes.subarray(Math.max(0, bytes.length - most)), size)));
    if (size <= longest) read.push({ of, bytes });
  }
  return { count: logs.length, said: read.length === logs.length ? logUse(read) : null };
}

function kept(bytes: Uint8Array, size: number): string {
  const text = Buffer.from(bytes).toString("utf8");
  const cut = size - bytes.length;
  if (cut <= 0) return text;
  const whole = text.slice(text.indexOf("\n") + 1);
  return `${JSON.stringify({ [cutMark]: size - Buffer.byteLength(whole) })}\n${whole}`;
}
