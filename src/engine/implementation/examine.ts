/** The engine's own look at what an executor left: commits, validation in a clean tree, TDD evidence, mechanical checks. */

import { redactor, redactValue } from "../../agents/index.ts";
import { type Mechanical, mechanicalChecks, runCommand, tddEvidence } from "../../evidence/index.ts";
import { checkExecutorResult } from "../../generated/finding.check.js";
import type { ExecutorResult } from "../../model/finding.schema.ts";
import { fault, shellWord, take } from "../../model/index.ts";
import type { CommandRun, TddEvidence } from "../../report/report.schema.ts";
import { commandEnvironment, confinedCommand } from "../child-environment.ts";
import { overridesOf } from "../overridden.ts";
import { fact, progress, type Run } from "../run.ts";
import { withThrowaway } from "../throwaway.ts";
import { explainedBy, explanationOf, weakenedId } from "../weakened.ts";
import type { StageWork } from "./stage-work.ts";
import { straysDuring } from "./strays.ts";
import { validate } from "./validation.ts";

/** Facts of a stage at one head. */
export type Examination = Mechanical & {
  readonly head: string;
  readonly validation: readonly CommandRun[];
  readonly tdd: readonly TddEvidence[];
};

/** `round` 0 after the first execution. Throws `no-work` when nothing was committed at all. */
export async function examine(run: Run, work: StageWork, round: number): Promise<Examination> {
  const { git } = run.world.host;
  const head = await fact(run, `head:${round}`, async () => {
    const branchHead = await git.resolve(work.repository.mainRoot, `refs/heads/${work.branch}`);
    if (branchHead === undefined)
      throw fault(
        "contract-violation",
        `The branch ${work.branch} is gone`,
        `git reflog in ${work.tree} shows where it was`,
        { branch: work.branch },
      );
    return branchHead;
  });
  const claims = await claimsOf(run);
  const left = await git.status(work.tree);
  if (head === work.base && left.changed.length + left.untracked.length === 0) {
    throw fault(
      "no-work",
      `The executor changed nothing in stage ${work.stage.stageNumber}`,
      `See its result with okstra show ${shellWord(run.id)}`,
      { base: work.base },
    );
  }
  const validation = await validate(run, { name: `stage-${round}`, commit: head, commands: postCommands(work) });
  const tdd = await fact(run, `tdd:${round}`, () => testFirst(run, work, { head, round, claims }));
  const mechanical = await fact(run, `mechanical:${round}`, async () => {
    const found = take(
      await mechanicalChecks(run.world.host, {
        tree: work.tree,
        branch: work.branch,
        base: work.base,
        head,
        stage: work.stage,
        others: work.othersFiles,
        claims,
        validation,
        tdd,
        dataAccessPatterns: run.project.settings.dataAccessPatterns,
        dbRun: await databaseRun(run, work, head, round),
        strays: await straysDuring(run, work, round),
      }),
    );
    // A commit message may hold a key as well.
    return redactValue(found, redactor(run.secrets));
  });
  const explained = await explainedChecks(run, mechanical);
  const failed = mechanical.checks.filter((check) => !check.ok);
  await progress(
    run,
    "phase-7-check",
    `round=${round} checks=${mechanical.checks.length} failed=${failed.map((check) => check.id).join(",") || "none"}`,
  );
  return { ...mechanical, checks: explained, head, validation, tdd };
}

/** Weakened tests that a person explained, each of them, block no more; the check still says what was weakened, and who explained it. */
async function explainedChecks(run: Run, { checks, weakened }: Mechanical): Promise<Mechanical["checks"]> {
  if (weakened.length === 0) return checks;
  const rows = await overridesOf(run);
  const by = weakened.map(({ why }) => explainedBy(rows, { manifest: run.manifest, why }));
  const [first] = by;
  if (first === undefined || by.includes(undefined)) return checks;
  return checks.map((check) =>
    check.id === weakenedId
      ? { ...check, blocking: false, message: `${check.message}; ${explanationOf(first)}` }
      : check,
  );
}

const postCommands = (work: StageWork): readonly string[] => [
  ...new Set([...work.stage.validation.mid, ...work.stage.validation.post]),
];

type TddAt = { readonly head: string; readonly round: number; readonly claims: readonly ExecutorResult[] };

async function testFirst(run: Run, work: StageWork, at: TddAt): Promise<TddEvidence[]> {
  const commits = await run.world.host.git.commits(work.tree, work.base, at.head);
  return take(
    await tddEvidence(run.world.host, {
      repository: work.tree,
      commits,
      stage: work.stage,
      exemptions: at.claims.flatMap((claim) => claim.tddExemptions),
      runAt: (commit, command) =>
        fact(run, `tdd-run:${commit}:${command}`, () =>
          withThrowaway(run, { name: `tdd-${commit.slice(0, 12)}`, commit }, (cwd) =>
            runAt(run, { cwd, commit, command, name: `tdd-${commit.slice(0, 12)}` }),
          ),
        ),
    }),
  );
}

type RunAt = { readonly cwd: string; readonly commit: string; readonly command: string; readonly name: string };

async function runAt(run: Run, of: RunAt): Promise<CommandRun> {
  const ask = {
    ...of,
    env: commandEnvironment(run),
    timeoutMs: run.project.settings.timeouts.command * 60_000,
    logPath: run.paths.log(`${of.name}-${of.command}`),
    secrets: run.secrets,
    ...confinedCommand(run),
    signal: run.world.signal,
  };
  return take(await runCommand(run.world.host, ask));
}

/** `qa:db-test`, when the project has one: the real run that data access needs. */
async function databaseRun(run: Run, work: StageWork, head: string, round: number): Promise<CommandRun | null> {
  const command = run.project.settings.qaCommands["db-test"];
  if (command === undefined) return null;
  const [done] = await validate(run, { name: `db-test-${round}`, commit: head, commands: [command] });
  return work.stage.files.length === 0 ? null : (done ?? null);
}

/** What each dispatch of the executor said, oldest first. */
async function claimsOf(run: Run): Promise<readonly ExecutorResult[]> {
  const claims: ExecutorResult[] = [];
  for (const data of run.memory.done.values()) {
    const identity = run.memory.intended.get(data.name)?.[0];
    if (identity?.role !== "executor" || data.sha256 === null) continue;
    const { worker, role, round, attempt } = identity;
    const text = await run.world.host.files.readText(
      run.paths.result({ worker, role, ...(round === null ? {} : { round }), attempt }),
    );
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    if (checkExecutorResult(value)) claims.push(value);
  }
  return claims;
}
