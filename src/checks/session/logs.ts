/**
 * Where the logs of a dispatch are: the stream that the run kept, and the agent's own session log, in the home that okstra gave it
 * (gone when the run has ended) or in the user's.
 */
import { join } from "node:path";
import type { Host } from "../../host/index.ts";

export type SessionLog = { readonly path: string; readonly text: string };

/** Session logs of this id below these homes. Reads the names of folders, and of what fits the text. */
export async function sessionLogs(host: Host, homes: readonly string[], session: string): Promise<SessionLog[]> {
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
  const found: SessionLog[] = [];
  for (const { folder, depth } of folders)
    for (const path of await filesBelow(host, folder, depth)) {
      if (!isOf(path, session)) continue;
      const text = await host.files.readText(path);
      // Gemini names a chat by the beginning of its id only.
      if (text?.includes(session)) found.push({ path, text });
    }
  return found;
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
