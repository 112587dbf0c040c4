/**
 * The session logs that agents write themselves: in the home that okstra gave a dispatch, which goes when the run has ended, or in the
 * user's. They are kept with the run, so that what an agent did can be looked at later.
 */
import { join } from "node:path";
import type { Host } from "../host/index.ts";
import { redactor } from "./redact.ts";

/** Where the logs of this session lie below these homes, and below the user's. Reads names of folders, and of what fits the text. */
async function sessionLogs(host: Host, homes: readonly string[], session: string): Promise<string[]> {
  // An id is part of file names; one that is no id finds nothing.
  if (!/^[\w-]{8,}$/.test(session)) return [];
  const { env, userHome } = host.machine;
  const folders = [
    ...homes.flatMap((home) => [
      { folder: join(home, ".claude", "projects"), depth: 1 },
      { folder: join(home, ".codex", "sessions"), depth: 3 },
      { folder: join(home, ".gemini", "tmp"), depth: 2 },
    ]),
    { folder: join(env["CLAUDE_CONFIG_DIR"] ?? join(userHome, ".claude"), "projects"), depth: 1 },
    { folder: join(env["CODEX_HOME"] ?? join(userHome, ".codex"), "sessions"), depth: 3 },
    { folder: join(userHome, ".gemini", "tmp"), depth: 2 },
  ];
  const found: string[] = [];
  for (const { folder, depth } of folders)
    for (const path of await filesBelow(host, folder, depth)) {
      if (!isOf(path, session)) continue;
      // Gemini names a chat by the beginning of its id only.
      if (path.includes(session) || (await host.files.readText(path))?.includes(session) === true) found.push(path);
    }
  return found.sort();
}

const isOf = (path: string, session: string): boolean =>
  /\.jsonl?$/.test(path) &&
  (path.includes(session) || (/\/chats\/session-[^/]*$/.test(path) && path.includes(session.slice(0, 8))));

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
  readonly session: string;
  readonly secrets: readonly string[];
  /** Where the n-th log goes, 1 first. */
  readonly to: (n: number) => string;
  /** Bytes of one log that are kept: the last ones, in whole lines. */
  readonly most?: number;
};

/** What a log that was cut begins with, as a line. */
export const cutMark = "okstra-cut-bytes";

/** Copies what the agent wrote of the session, secrets taken out. How many there were. */
export async function keepSessionLogs(host: Host, ask: KeepAsk): Promise<number> {
  const redact = redactor(ask.secrets);
  const most = ask.most ?? 4 * 1024 * 1024;
  const paths = await sessionLogs(host, ask.homes, ask.session);
  for (const [at, path] of paths.entries()) {
    const size = (await host.files.look(path))?.size ?? 0;
    const bytes = (await host.files.readTail(path, most)) ?? new Uint8Array();
    await host.files.replaceFile(ask.to(at + 1), redact(kept(bytes, size)));
  }
  return paths.length;
}

function kept(bytes: Uint8Array, size: number): string {
  const text = Buffer.from(bytes).toString("utf8");
  const cut = size - bytes.length;
  if (cut <= 0) return text;
  const whole = text.slice(text.indexOf("\n") + 1);
  return `${JSON.stringify({ [cutMark]: size - Buffer.byteLength(whole) })}\n${whole}`;
}
