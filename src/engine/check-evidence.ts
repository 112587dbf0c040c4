/** The engine's own look at evidence that agents cite, at the reviewed commit. */
import { redactor } from "../agents/index.ts";
import type { CheckedEvidence } from "../convergence/convergence.schema.ts";
import { checkEvidence, type KeptVerdicts, keptVerdicts } from "../evidence/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import type { Evidence } from "../model/finding.schema.ts";
import { take } from "../model/index.ts";
import type { CommandRun } from "../report/report.schema.ts";
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

/** What this process looked at for a run: the same evidence at the same commit is looked at once, and a command runs once there. */
type Seen = {
  readonly pieces: Map<string, Promise<CheckedEvidence>>;
  readonly commands: Map<string, Promise<CommandRun>>;
  readonly kept: Map<string, KeptVerdicts>;
};
const seenBy = new WeakMap<Run["memory"], Seen>();

function seenOf({ memory }: Run): Seen {
  const known = seenBy.get(memory) ?? { pieces: new Map(), commands: new Map(), kept: new Map() };
  seenBy.set(memory, known);
  return known;
}

/** The command at the commit, in a throwaway tree. */
export function ranOnce(run: Run, of: { name: string; command: string; commit: string | null }): Promise<CommandRun> {
  const { commands } = seenOf(run);
  const key = JSON.stringify([of.commit, of.name, of.command]);
  const known = commands.get(key);
  if (known !== undefined) return known;
  const { name, command, commit } = of;
  const running = inThrowaway(run, { name: `evidence-${name}`, commit }, (path) => ({
    ...{ name, command, cwd: path, commit, env: commandEnvironment(run) },
    timeoutMs: run.project.settings.timeouts.command * 60_000,
    logPath: run.paths.log(`evidence-${name}`),
    secrets: run.secrets,
    ...confinedCommand(run),
  }));
  commands.set(key, running);
  return running;
}

/** What earlier runs found at the commit; its file is read once. */
function keptAt(run: Run, commit: string): KeptVerdicts {
  const { host, home, okstraVersion: version } = run.world;
  const { kept } = seenOf(run);
  const known = kept.get(commit) ?? keptVerdicts(host, { home, commit, version });
  kept.set(commit, known);
  return known;
}

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
        redact: redactor(run.secrets),
        runQa: (name, command) => ranOnce(run, { name, command, commit }),
        seen: seenOf(run).pieces,
        ...(commit === null ? {} : { kept: keptAt(run, commit) }),
      },
      evidence,
    ),
  );
}
