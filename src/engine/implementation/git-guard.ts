/**
 * Around each dispatch of an executor: pointer, config, info and hooks of the repository are saved before it and compared after it,
 * before any git call (a planted `core.fsmonitor` would run in ours). What was saved also lies in a file, so that an engine that
 * died during the dispatch compares with that and not with what the agent planted.
 */
import { join } from "node:path";
import { compareGuard, type GitGuard, restoreGuard, takeGuard } from "../../evidence/index.ts";
import { homePaths } from "../../lifecycle/index.ts";
import { fault, take } from "../../model/index.ts";
import type { Run } from "../run.ts";
import type { StageWork } from "./stage-work.ts";

const fileOf = (run: Run): string => join(homePaths(run.world.home).scratch(run.ref), "git-guard.json");

type Saved = GitGuard["saved"] extends ReadonlyMap<string, infer S> ? S : never;

/** Throws `contract-violation` when the executor changed what is guarded; it is put back first. */
export async function withGitGuard<T>(run: Run, work: StageWork, body: () => Promise<T>): Promise<T> {
  const left = await run.world.host.files.readText(fileOf(run));
  if (left !== undefined) await compare(run, parseGuard(left));
  const guard = take(await takeGuard(run.world.host, { tree: work.tree, commonDir: work.repository.commonDir }));
  await run.world.host.files.replaceFile(fileOf(run), printGuard(guard), { durable: true, mode: 0o600 });
  const value = await body();
  await compare(run, guard);
  return value;
}

async function compare(run: Run, guard: GitGuard): Promise<void> {
  const { host } = run.world;
  const changes = take(await compareGuard(host, guard));
  if (changes.length > 0) {
    const stuck = take(await restoreGuard(host, guard, changes));
    await host.files.removeFile(fileOf(run));
    const list = changes.map((change) => `${change.path} ${change.did}`).join(", ");
    throw fault(
      "contract-violation",
      `The executor changed the repository's own files: ${list}`,
      stuck.length === 0
        ? "They were put back; look at the executor's log before trusting its work"
        : `Could not be put back: ${stuck.map((change) => change.path).join(", ")}; do it by hand`,
      { changes, stuck },
    );
  }
  await host.files.removeFile(fileOf(run));
}

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
