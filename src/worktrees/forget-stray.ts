/** A worktree that git knows, whose folder is gone and that nobody registered: git forgets it, and what only it held is kept. */
import type { Host, Repository } from "../host/index.ts";
import type { TaskKey } from "../model/index.ts";
import { repositoryLock, withLock } from "../registry/index.ts";
import { registeredAt } from "./registered.ts";
import { keepWork } from "./rescue.ts";

/** The ref that keeps the commit of a detached tree which no other ref holds; null when there was none to keep. */
export async function forgetStray(
  host: Host,
  home: string,
  ask: { readonly repository: Repository; readonly path: string; readonly key: TaskKey },
): Promise<string | null> {
  const { mainRoot, commonDir } = ask.repository;
  return await withLock(host, repositoryLock(home, commonDir), `forget ${ask.path}`, async () => {
    const known = await registeredAt(host, mainRoot, ask.path);
    if (known === undefined || (await host.files.look(known.path)) !== undefined) return null;
    const { commit } = known;
    const rescue =
      commit !== null && known.branch === null && (await isUnheld(host, mainRoot, commit))
        ? await keepWork(host, ask, { state: null, commits: [commit], from: ask.path })
        : null;
    await host.git.forgetTree(mainRoot, known.path);
    return rescue;
  });
}

async function isUnheld(host: Host, mainRoot: string, commit: string): Promise<boolean> {
  const refs = await host.git.plain(mainRoot, "for-each-ref", `--contains=${commit}`, "--count=1");
  return refs.trim() === "";
}
