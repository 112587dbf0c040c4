/** Commands run by the engine on a commit happen in a clean, detached, throwaway worktree, provisioned like any other. */
import type { CommandAsk } from "../evidence/index.ts";
import { runCommand } from "../evidence/index.ts";
import { fault, take } from "../model/index.ts";
import type { CommandRun } from "../report/report.schema.ts";
import { findRepository, openThrowaway, type Throwaway, type ThrowawayAsk } from "../worktrees/index.ts";
import { commandEnvironment, confinedCommand, throwawayEnvironment } from "./child-environment.ts";
import { provisionRules, setupLimitMs } from "./prepare/provision.ts";
import type { Run } from "./run.ts";

type Place = { readonly name: string; readonly commit: string | null };

/** Opens a throwaway tree at `commit`, lets `body` work in it, removes it. Throws `not-a-repository` where there is none. */
export async function withThrowaway<T>(run: Run, place: Place, body: (path: string) => Promise<T>): Promise<T> {
  await using tree = await throwawayOf(run, place);
  return await body(tree.path);
}

/** A throwaway tree that stays open until its scope ends: `await using tree = await throwawayOf(...)`. */
export async function throwawayOf(run: Run, place: Place): Promise<Throwaway> {
  const repository = take(await findRepository(run.world.host, run.project.projectRoot));
  if (repository === undefined || place.commit === null) {
    throw fault(
      "not-a-repository",
      `${run.project.projectRoot} is not a git repository`,
      "Run git init and commit, then start again",
      {},
    );
  }
  return take(
    await openThrowaway(run.world.host, run.world.home, {
      repository,
      key: run.ref.key,
      name: `${run.ref.taskType}${run.ref.stage ?? ""}-${run.ref.seq}-${place.name}`,
      commit: place.commit,
      provision: provisionRules(run.project),
      ...setupOf(run),
      setupTimeoutMs: setupLimitMs(run.project),
    }),
  );
}

/** Set-up runs what agents may have written: where it is confined it has the HOME of commands, since the user's is hidden. */
function setupOf(run: Run): Pick<ThrowawayAsk, "env" | "confine" | "kept"> {
  const { confine, kept } = confinedCommand(run);
  const env = throwawayEnvironment(run);
  if (confine === undefined) return { env };
  const { HOME = "" } = commandEnvironment(run);
  return { env: { ...env, HOME }, confine, ...(kept === undefined ? {} : { kept }) };
}

/** One command in a throwaway tree of its own. */
export const inThrowaway = (run: Run, place: Place, command: (path: string) => CommandAsk): Promise<CommandRun> =>
  withThrowaway(run, place, async (path) => take(await runCommand(run.world.host, command(path))));
