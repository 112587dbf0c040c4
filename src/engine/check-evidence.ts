/** The engine's own look at evidence that agents cite, at the reviewed commit. */
import type { CheckedEvidence } from "../convergence/convergence.schema.ts";
import { checkEvidence } from "../evidence/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import type { Evidence } from "../model/finding.schema.ts";
import { take } from "../model/index.ts";
import { commandEnvironment, confinedCommand } from "./child-environment.ts";
import type { Run } from "./run.ts";
import { inThrowaway } from "./throwaway.ts";

/** Each piece with its state. Declared QA commands run in a throwaway worktree at the reviewed commit, never in the agents' tree. */
export const checkedEvidence = (run: Run, evidence: readonly Evidence[], tree: string): Promise<CheckedEvidence[]> =>
  checkedAt(run, evidence, { commit: run.manifest.reviewedCommit, trees: [tree, run.project.projectRoot] });

/** The same at another commit, such as the head that verifiers look at. */
export const checkedEvidenceAt = (
  run: Run,
  evidence: readonly Evidence[],
  commit: string,
): Promise<CheckedEvidence[]> =>
  checkedAt(run, evidence, { commit, trees: [run.manifest.worktree.path, run.project.projectRoot] });

type At = { readonly commit: string | null; readonly trees: readonly [string, ...string[]] };

async function checkedAt(run: Run, evidence: readonly Evidence[], { commit, trees }: At): Promise<CheckedEvidence[]> {
  return take(
    await checkEvidence(
      run.world.host,
      {
        repository: commit === null ? null : trees[0],
        roots: trees,
        commit,
        instructionSet: taskPaths(run.project.projectRoot, run.ref.key).instructionSet,
        qaCommands: run.project.settings.qaCommands,
        runQa: (name, command) =>
          inThrowaway(run, { name: `evidence-${name}`, commit }, (path) => ({
            name,
            command,
            cwd: path,
            commit,
            env: commandEnvironment(run),
            timeoutMs: run.project.settings.timeouts.command * 60_000,
            logPath: run.paths.log(`evidence-${name}`),
            secrets: run.secrets,
            ...confinedCommand(run),
          })),
      },
      evidence,
    ),
  );
}
