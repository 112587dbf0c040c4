import { secretsIn } from "../agents/index.ts";
import { take } from "../model/index.ts";
import { findRepository, projectSecrets } from "../worktrees/index.ts";
import { childEnvironmentOf } from "./child-environment.ts";
import type { OpenRun } from "./run.ts";

/** What must not show anywhere: of our own environment and the agents', by their names, and of the files that worktrees get copies of. */
export async function secretsOf(run: Pick<OpenRun, "world" | "project">): Promise<readonly string[]> {
  const { host } = run.world;
  const { agents, worktreeCopyFiles: copyFiles } = run.project.settings;
  const own = Object.entries(host.machine.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const configured = Object.values(agents).map(({ env = {} }) => childEnvironmentOf(run, env));
  const known = [Object.fromEntries(own) as Record<string, string>, ...configured].flatMap(secretsIn);
  const repository = take(await findRepository(host, run.project.projectRoot));
  if (repository === undefined) return known;
  return [...new Set([...known, ...take(await projectSecrets(host, { repository, copyFiles }))])];
}
