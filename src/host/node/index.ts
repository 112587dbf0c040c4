/** Room host/node: the only real host. Everything that reads or changes the outside world lies in this folder. */
import { engineMark, type Host } from "../index.ts";
import { nodeClock } from "./clock.ts";
import { nodeFiles } from "./files.ts";
import { nodeGit } from "./git.ts";
import { nodeLocks } from "./locks.ts";
import { nodeMachine } from "./machine.ts";
import { nodeProcesses } from "./processes.ts";
import { nodeRandom } from "./random.ts";

export { exitNow } from "./locks.ts";

export type NodeHostOptions = {
  /** The environment that git and look-ups see; usually that of this process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder with okstra's package.json. */
  readonly packageRoot: string;
  /** The kind of lock the home uses; without it, flock where it can be loaded, else link. */
  readonly lockKind?: "flock" | "link";
  /** Instead of the system's. */
  readonly temporaryFolder?: string;
};

/** The real host. Costs nothing until used: koffi is loaded at the first lock, git looked for at the first call. */
export function nodeHost(options: NodeHostOptions): Host {
  const machine = nodeMachine(options);
  return {
    files: nodeFiles(machine.temporaryFolder),
    processes: nodeProcesses,
    git: nodeGit({
      env: options.env,
      mark: () => ({ [engineMark.name]: engineMark.of(machine) }),
      cores: machine.cores,
      temporaryFolder: machine.temporaryFolder,
    }),
    locks: nodeLocks(options.lockKind),
    clock: nodeClock,
    random: nodeRandom,
    machine,
  };
}
