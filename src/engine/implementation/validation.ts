/** The engine's own runs of a stage's validation commands, each list in one clean throwaway tree at one commit. */
import { runCommand } from "../../evidence/index.ts";
import { take } from "../../model/index.ts";
import type { CommandRun } from "../../report/report.schema.ts";
import { commandEnvironment, confinedCommand } from "../child-environment.ts";
import { fact, progress, type Run } from "../run.ts";
import { withThrowaway } from "../throwaway.ts";

export type ValidationAsk = {
  /** Names logs and the remembered result: unique in the run. */
  readonly name: string;
  readonly commit: string;
  readonly commands: readonly string[];
};

/** One result a command, in order; a failed one does not stop the rest. */
export async function validate(run: Run, of: ValidationAsk): Promise<readonly CommandRun[]> {
  if (of.commands.length === 0) return [];
  return await fact(run, `validation:${of.name}`, () =>
    withThrowaway(run, { name: of.name, commit: of.commit }, async (cwd) => {
      const results: CommandRun[] = [];
      for (const [index, command] of of.commands.entries()) {
        const name = `${of.name}-${index + 1}`;
        const ask = {
          name,
          command,
          cwd,
          commit: of.commit,
          env: commandEnvironment(run),
          timeoutMs: run.project.settings.timeouts.command * 60_000,
          logPath: run.paths.log(name),
          secrets: run.secrets,
          ...confinedCommand(run),
        };
        const result = take(await runCommand(run.world.host, ask));
        await progress(run, "phase-7-check", `${of.name} "${command}" ${result.outcome}`);
        results.push(result);
      }
      return results;
    }),
  );
}
