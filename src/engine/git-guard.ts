/**
 * Around everything that agents do in a worktree: pointer, config, info and hooks of the repository are saved before and compared
 * after, before any git call (a planted `core.fsmonitor` would run in ours). What was saved also lies in a file, so that an engine
 * that died meanwhile compares with that and not with what the agent planted.
 */
import { join } from "node:path";
import { compareGuard, type GitGuard, type GuardChange, restoreGuard, takeGuard } from "../evidence/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import { type Fault, fault, take } from "../model/index.ts";
import type { Run } from "./run.ts";

/** `name`: of what is watched, one of a kind in the run. */
export type Watch = { readonly name: string; readonly tree: string; readonly commonDir: string };

/** What agents changed; it was put back, but for `stuck`. What they planted is kept in `log`. */
export type Tampering = {
  readonly sentences: readonly string[];
  readonly stuck: readonly string[];
  readonly log: string;
};

export type Watched<T> = { readonly tampering: null; readonly value: T } | { readonly tampering: Tampering };

/** Runs `body` and says what it gave, or what was changed meanwhile: then what it gave is not to be believed. */
export async function watchGit<T>(run: Run, watch: Watch, body: () => Promise<T>): Promise<Watched<T>> {
  const { host } = run.world;
  const file = fileOf(run, watch);
  const left = await host.files.readText(file);
  const earlier = left === undefined ? null : await compare(run, watch, parseGuard(left));
  if (earlier !== null) return { tampering: earlier };
  const guard = take(await takeGuard(host, { tree: watch.tree, commonDir: watch.commonDir }));
  await host.files.replaceFile(file, printGuard(guard), { durable: true, mode: 0o600 });
  const value = await body();
  const tampering = await compare(run, watch, guard);
  return tampering === null ? { tampering, value } : { tampering };
}

export const tampered = (who: string, { sentences, stuck, log }: Tampering): Fault =>
  fault(
    "contract-violation",
    `${who} changed the repository's own files: ${sentences.join(", ")}`,
    stuck.length === 0
      ? `They were put back, what was planted is kept in ${log}; read it before trusting that agent again`
      : `Could not be put back: ${stuck.join(", ")}; do it by hand`,
    { changes: sentences, stuck, log },
  );

const fileOf = (run: Run, { name }: Watch): string =>
  join(homePaths(run.world.home).scratch(run.ref), `git-guard-${name}.json`);

async function compare(run: Run, watch: Watch, guard: GitGuard): Promise<Tampering | null> {
  const { host } = run.world;
  const changes = take(await compareGuard(host, guard));
  if (changes.length === 0) {
    await host.files.removeFile(fileOf(run, watch));
    return null;
  }
  const log = run.paths.log(`${watch.name}-planted`);
  await host.files.replaceFile(log, await plantedText(run, changes));
  const stuck = take(await restoreGuard(host, guard, changes));
  await host.files.removeFile(fileOf(run, watch));
  return { sentences: changes.map(({ path, did }) => `${path} ${did}`), stuck: stuck.map(({ path }) => path), log };
}

const mostShown = 20_000;

/** What stands in the changed files, for people. Only text is read, nothing is executed. */
async function plantedText(run: Run, changes: readonly GuardChange[]): Promise<string> {
  const { files } = run.world.host;
  const parts: string[] = [];
  for (const { path, did } of changes) {
    const isFile = (await files.look(path))?.kind === "file";
    const text = isFile ? new TextDecoder().decode(await files.readBytes(path)).slice(0, mostShown) : "";
    parts.push(`# ${path} ${did}\n${text}`);
  }
  return `${parts.join("\n")}\n`;
}

type Saved = GitGuard["saved"] extends ReadonlyMap<string, infer S> ? S : never;
type Plain = { files: readonly string[]; folders: readonly string[]; saved: readonly (readonly [string, unknown])[] };

const printGuard = (guard: GitGuard): string => {
  const saved = [...guard.saved].map(
    ([path, one]) =>
      [
        path,
        "bytes" in one && one.bytes !== undefined ? { ...one, bytes: Buffer.from(one.bytes).toString("base64") } : one,
      ] as const,
  );
  const plain: Plain = { files: guard.files, folders: guard.folders, saved };
  return JSON.stringify(plain);
};

/** Only ever reads what this file wrote. */
function parseGuard(text: string): GitGuard {
  const plain = JSON.parse(text) as Plain;
  const saved = plain.saved.map(([path, one]) => {
    const value = one as { bytes?: string };
    const bytes = value.bytes === undefined ? {} : { bytes: new Uint8Array(Buffer.from(value.bytes, "base64")) };
    return [path, { ...value, ...bytes } as Saved] as const;
  });
  return { files: plain.files, folders: plain.folders, saved: new Map(saved) };
}
