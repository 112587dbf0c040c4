/** Room host/node: the only real host. Everything that reads or changes the outside world lies in this folder. */
import { engineMark, type Git, type Host, type Processes } from "../index.ts";
import { nodeClock } from "./clock.ts";
import { nodeFiles } from "./files.ts";
import { killOne } from "./group.ts";
import { late } from "./late.ts";
import { nodeLocks } from "./locks.ts";
import { nodeMachine } from "./machine.ts";
import { isAlive } from "./process-table.ts";
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

/** The real host. Costs nothing until used: koffi is loaded at the first lock, git and what starts programs at the first call. */
export function nodeHost(options: NodeHostOptions): Host {
  const machine = nodeMachine(options);
  return {
    files: nodeFiles(machine.temporaryFolder),
    processes: {
      ...late<Omit<Processes, "alive" | "askToStop">>(
        programVerbs,
        async () => (await import("./processes.ts")).programs,
      ),
      alive: isAlive,
      askToStop: (process) => isAlive(process) && killOne(process.pid, "SIGTERM"),
    },
    git: late<Git>(gitVerbs, async () => {
      const { nodeGit } = await import("./git.ts");
      return nodeGit({
        env: options.env,
        mark: () => ({ [engineMark.name]: engineMark.of(machine) }),
        cores: machine.cores,
        temporaryFolder: machine.temporaryFolder,
      });
    }),
    locks: nodeLocks(options.lockKind),
    clock: nodeClock,
    random: nodeRandom,
    machine,
  };
}

const programVerbs = {
  run: true,
  supervise: true,
  withMark: true,
  awaitEnd: true,
  end: true,
  inside: true,
  listening: true,
  ancestorHas: true,
  find: true,
  openGateway: true,
  launchDetached: true,
} as const;

const gitVerbs = {
  version: true,
  repository: true,
  resolve: true,
  head: true,
  refs: true,
  trees: true,
  addTree: true,
  fillTree: true,
  forgetTree: true,
  pruneTrees: true,
  deleteBranch: true,
  setRef: true,
  isAncestor: true,
  mergeBase: true,
  probeMerge: true,
  merge: true,
  abortMerge: true,
  beginMerge: true,
  unsettled: true,
  concludeMerge: true,
  fastForward: true,
  status: true,
  diffFiles: true,
  diffText: true,
  commits: true,
  commit: true,
  patchIds: true,
  blob: true,
  blobs: true,
  files: true,
  search: true,
  ignoredFiles: true,
  isIgnored: true,
  snapshot: true,
  commitTree: true,
  reset: true,
  hooked: true,
  identity: true,
  plain: true,
} as const;
