/** The secrets of a project: the values in the files that its worktrees get copies of. Never written anywhere. */
import { join } from "node:path";
import type { Host, Repository } from "../host/index.ts";
import { secretsOf } from "./provision.ts";
import { filesToCopy } from "./provision-look.ts";

/** `copyFiles` as in the settings. For redaction of logs and errors. */
export async function projectSecrets(
  host: Host,
  ask: { readonly repository: Repository; readonly copyFiles: readonly string[] },
): Promise<string[]> {
  const found = new Set<string>();
  for (const file of await filesToCopy(host, ask.repository.mainRoot, ask.copyFiles)) {
    for (const secret of await secretsOf(host, join(ask.repository.mainRoot, file))) found.add(secret);
  }
  return [...found];
}
