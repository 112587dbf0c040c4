/**
 * Line count and hash of each run's journal, and the hash of its plan's approval record, kept in the home: what tells that a
 * file in the project was cut or changed. Written under the home lock, since approving and executing are different processes.
 */
import { checkHead } from "../generated/registry.check.js";
import type { Host } from "../host/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import { parseJson, printRun, type RunRef, schemaVersion } from "../model/index.ts";
import { homeLock, withLock } from "./lock-names.ts";
import type { Head } from "./registry.schema.ts";

/** Where a journal ends: how many lines it has, and the SHA-256 of the last one (64 zeros when it has none). */
export type JournalHead = { readonly lines: number; readonly sha256: string };

/** What the home knows of a run's journal, or undefined. Throws `malformed`, `newer-version`. */
export async function readHead(host: Host, home: string, run: RunRef): Promise<Head | undefined> {
  const path = homePaths(home).head(run);
  const text = await host.files.readText(path);
  return text === undefined ? undefined : parseJson(checkHead, text, "journal head", path);
}

/** Changes some of what the home knows of a run; the rest stays. Durable. */
export async function changeHead(
  host: Host,
  home: string,
  change: Partial<Head> & { readonly of: RunRef },
): Promise<void> {
  const { of, ...changed } = change;
  await withLock(host, homeLock(home), "save a journal head", async () => {
    const before = await readHead(host, home, of);
    const unknown: Head = {
      schemaVersion,
      run: printRun(of),
      lines: 0,
      sha256: noLine,
      ended: false,
      approvalSha256: null,
    };
    const text = `${JSON.stringify({ ...unknown, ...before, ...changed })}\n`;
    await host.files.replaceFile(homePaths(home).head(of), text, { durable: true });
  });
}

/** Records the hash of the approval record that a person's approval wrote. */
export const saveApprovalHead = (host: Host, home: string, run: RunRef, approvalSha256: string): Promise<void> =>
  changeHead(host, home, { of: run, approvalSha256 });

/** The hash that stands for "no line before". */
export const noLine = "0".repeat(64);
