/** What the engine's own commands and its agents see of this process' environment: an allow-list and the config's own values. */
import { join } from "node:path";
import { redactor } from "../agents/index.ts";
import type { CommandAsk } from "../evidence/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import { portBase } from "../worktrees/index.ts";
import { commandConfine, commandFolder } from "./confinement.ts";
import { tellRefused } from "./network.ts";
import { holdMark } from "./prepare/holder.ts";
import type { Run } from "./run.ts";

const passed = ["PATH", "LANG", "LC_ALL", "TZ", "TERM"];

/** For validation and evidence commands. The mark is how a killed engine's commands are found. HOME is an empty folder of the run, so that no credentials are found there. */
export function commandEnvironment(run: Run): Record<string, string> {
  const own = commandFolder(run.world, run.ref);
  const kept = passed.flatMap((name) => {
    const value = run.world.host.machine.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const folders = { HOME: `${own}/home`, TMPDIR: `${own}/tmp` };
  const qa = { OKSTRA_QA: taskPaths(run.project.projectRoot, run.ref.key).qa };
  return { ...Object.fromEntries(kept), ...folders, ...qa, CI: "1", ...slotVariables(run), ...holdMarkOf(run) };
}

/** How validation and evidence commands are confined, what reports say of it, and what is taken out of what they print. */
export function confinedCommand(run: Run): Pick<CommandAsk, "confine" | "sandbox" | "redact" | "kept"> {
  const own = commandFolder(run.world, run.ref);
  const confine = commandConfine(run, { ref: run.ref, own: [join(own, "home"), join(own, "tmp")] });
  return {
    sandbox: run.confinement.said,
    redact: redactor(run.secrets),
    ...(confine === undefined ? {} : { confine }),
    ...(run.confinement.gate === null ? {} : { kept: (command) => tellRefused(run, `"${command}"`) }),
  };
}

/** Number and ports of the worktree that the run works in, so that stages side by side do not meet; none without one. */
export const slotVariables = ({ slot }: Pick<Run, "slot">): Record<string, string> =>
  slot === null ? {} : { OKSTRA_SLOT: String(slot), OKSTRA_PORT_BASE: String(portBase(slot)) };

/** For the set-up of a throwaway tree. */
export const throwawayEnvironment = (run: Run): Record<string, string> => ({
  ...slotVariables(run),
  TMPDIR: join(commandFolder(run.world, run.ref), "tmp"),
  ...holdMarkOf(run),
});

/** In the environment of every process that the engine starts for this run, agents excepted. */
const holdMarkOf = (run: Run): Record<string, string> => ({ [holdMark]: run.manifest.nonce });

/** A config value `$NAME` passes okstra's own variable on; an absent one is left out. */
export function childEnvironmentOf(
  run: Pick<Run, "world">,
  wanted: Readonly<Record<string, string>>,
): Record<string, string> {
  const resolved = Object.entries(wanted).flatMap(([name, value]) => {
    const seen = value.startsWith("$") ? run.world.host.machine.env[value.slice(1)] : value;
    return seen === undefined ? [] : [[name, seen] as const];
  });
  return Object.fromEntries(resolved);
}

export type Writer = {
  /** Whose name commits bear; an agent's home has no git configuration. */
  readonly env: Readonly<Record<string, string>>;
  /** The git folder of the worktree and that of the repository: what a commit writes to. */
  readonly gitFolders: readonly string[];
};

/** What an agent that commits in a worktree needs besides the worktree. */
export async function writerIn({ world }: Pick<Run, "world">, tree: string): Promise<Writer> {
  const { git } = world.host;
  const { name, email } = await git.identity(tree);
  const folders = await git.plain(tree, "rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir");
  return {
    env: authorship({ name, email }),
    gitFolders: [...new Set(folders.split("\n").filter((line) => line !== ""))],
  };
}

export const authorship = ({ name, email }: { name: string; email: string }): Record<string, string> => ({
  GIT_AUTHOR_NAME: name,
  GIT_AUTHOR_EMAIL: email,
  GIT_COMMITTER_NAME: name,
  GIT_COMMITTER_EMAIL: email,
});

export const noWriter: Writer = { env: {}, gitFolders: [] };
