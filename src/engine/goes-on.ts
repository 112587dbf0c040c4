/** Failures that leave a run as it is: it can go on once their cause is gone. */
import { type Failure, Fault, shellWord } from "../model/index.ts";

/** They stop the process but do not end the run. */
export const suspending: ReadonlySet<Failure["reason"]> = new Set([
  "interrupted",
  "disk-full",
  "no-permission",
  "read-only",
  "file-system",
  "git-missing",
  "lock-kind",
  "registry-unreadable",
  "newer-version",
]);

/** What `body` throws of these says in its remedy how the run goes on. */
export async function sayingHow<T>(run: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (thrown) {
    if (!(thrown instanceof Fault) || !suspending.has(thrown.failure.reason)) throw thrown;
    if (thrown.failure.reason === "interrupted") throw thrown;
    const { remedy } = thrown.failure;
    throw new Fault({ ...thrown.failure, remedy: `${remedy}; the run goes on with: okstra resume ${shellWord(run)}` });
  }
}
