/** Finds the repository a folder lies in, and refuses one that okstra cannot work with. */
import type { Host, Repository } from "../host/index.ts";
import { fault } from "../model/index.ts";

/** The repository, or undefined outside any. Throws `git-missing` (absent, or older than 2.38) and `no-commits`. */
export async function findRepository(host: Host, folder: string): Promise<Repository | undefined> {
  const repository = await host.git.repository(folder);
  if (repository === undefined) return undefined;
  if ((await host.git.head(repository.root)) === undefined) {
    throw fault(
      "no-commits",
      `The repository ${repository.mainRoot} has no commit to start from`,
      "Commit something first: git commit --allow-empty -m start",
      { repository: repository.mainRoot },
    );
  }
  return repository;
}
