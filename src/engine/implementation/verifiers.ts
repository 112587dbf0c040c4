/** Verifiers judge a stage in fresh conversations, read-only, in a throwaway tree at the stage's head. */

import type { PromptPurpose } from "../../briefing/index.ts";
import type { ConvergenceState, Grouping, Invariant, Item, KnownItem } from "../../convergence/convergence.schema.ts";
import { openConvergence, recognise } from "../../convergence/index.ts";
import { checkWorkerResult } from "../../generated/finding.check.js";
import type { Override } from "../../registry/registry.schema.ts";
import { stopIfOver } from "../budget.ts";
import { checkedEvidenceAt } from "../check-evidence.ts";
import { ask } from "../dispatch.ts";
import { keepInvariants } from "../invariants.ts";
import { overriddenItems } from "../overridden.ts";
import { keptPatch, promptOf, qaNamesOf } from "../prompts.ts";
import { guarded } from "../read-only.ts";
import { allOf, fact, knows, progress, type Run } from "../run.ts";
import type { CheckedFinding, Voice } from "../steps/blind.ts";
import { keepState } from "../steps/converge.ts";
import { groupedItems } from "../steps/group.ts";
import { requireQuorum } from "../steps/quorum.ts";
import { withThrowaway } from "../throwaway.ts";
import { questionOf } from "../verified-range.ts";
import { wantedChecks } from "../wanted-checks.ts";
import { type Blocking, isBlocking } from "./blocking.ts";
import type { Examination } from "./examine.ts";
import type { StageWork } from "./stage-work.ts";

/** `abstained`: the verifier gave no valid result; it neither vetoes nor passes. */
export type VerifierVerdict = {
  readonly workerId: string;
  readonly round: number;
  readonly verdict: "PASS" | "FAIL" | "abstained";
  readonly blocking: readonly string[];
};

/**
 * `known`: what the task's earlier runs and the rounds of this one found; an item keeps its id over both, whatever words it comes in.
 * `stated`: ids of the rounds' items.
 */
type Ask = {
  readonly round: number;
  readonly examination: Examination;
  readonly known: readonly KnownItem[];
  readonly stated: ReadonlySet<string>;
  /** The head that the round before judged; null in the first. Later rounds look at the change since. */
  readonly since: string | null;
  /** What blocked in the round before, for the verifiers to judge again. */
  readonly open: readonly Blocking[];
  readonly before: readonly Item[];
};

type Verified = {
  readonly verdicts: readonly VerifierVerdict[];
  readonly items: readonly Item[];
  readonly overridden: ReadonlyMap<string, Override>;
  readonly invariants: readonly Invariant[];
};

export async function verifyStage(run: Run, work: StageWork, of: Ask): Promise<Verified> {
  const specs = run.manifest.roster.filter((spec) => spec.role === "verifier");
  const answers = async (tree: string): Promise<Voice[]> =>
    guarded(run, { name: `verify-${of.round}`, tree }, () =>
      allOf(
        specs.map(async (spec) => {
          const answer = await ask(run, {
            spec,
            fileRole: "verifier",
            purpose: "verify",
            round: of.round === 0 ? null : of.round,
            writes: false,
            cwd: tree,
            prompt: await promptOf(run, spec, await verifyPurpose(run, work, of)),
            check: checkWorkerResult,
            hold: false,
            goOn: await wantedChecks(run, { worker: spec.worker, commit: of.examination.head, tree }),
            problems: (value) =>
              value.verdict === "pass" || value.verdict === "fail" ? [] : ['"verdict" must be "pass" or "fail"'],
          });
          await progress(
            run,
            "phase-5-collect",
            `worker=${spec.worker} verifier status=${answer.status} verdict=${answer.value?.verdict ?? "none"}`,
          );
          return { spec, answer };
        }),
      ),
    );
  const done = knows(run, `guard:verify-${of.round}:kept`);
  const { head } = of.examination;
  const voices = done
    ? await answers(work.tree)
    : await withThrowaway(run, { name: `verify-${of.round}`, commit: head }, answers);
  const heard = voices.filter((voice) => voice.answer.value !== null);
  await stopIfOver(run);
  requireQuorum(run, voices, "verifiers");
  const findings = await checkFindings(run, of, heard);
  const answered = heard.map(({ spec }) => spec.worker);
  const { items: grouped, grouping } = await groupedItems(run, findings, {
    ...{ name: `grouping-${of.round}`, round: of.round === 0 ? null : of.round, tree: work.tree },
  });
  const { items, resolved } = recognise(of.known, { taskType: questionOf(run.manifest), answered, items: grouped });
  const all = [...items, ...unheard(of, items, resolved)];
  const now = new Set(all.map(({ id }) => id));
  const earlier = of.known.filter(({ id }) => of.stated.has(id) && !now.has(id));
  const state = await keepItems(run, voices, { items: all, resolved, grouping, earlier });
  const invariants = await keepInvariants(run, state, of.known);
  const overridden = await overriddenItems(run, all);
  const standing = items.filter(({ id }) => !overridden.has(id));
  return { verdicts: voices.map((voice) => verdictOf(voice, of.round, standing)), items: all, overridden, invariants };
}

/** Items of the round before whose staters all failed to answer in this one: nobody took them back, so they stand. */
function unheard(of: Ask, items: readonly Item[], resolved: ReturnType<typeof recognise>["resolved"]): readonly Item[] {
  const settled = new Set([...items, ...resolved].map(({ id }) => id));
  return of.before
    .filter((item) => isBlocking(item) && !settled.has(item.id))
    .map((item) => ({ ...item, persistence: "persists" as const }));
}

type Kept = ReturnType<typeof recognise> & {
  readonly grouping: Grouping | undefined;
  readonly earlier: KnownItem[];
};

/** The items of this look with their votes, for `okstra inspect`; verifiers' findings are not sent round. */
async function keepItems(
  run: Run,
  voices: readonly Voice[],
  { items, resolved, grouping, earlier }: Kept,
): Promise<ConvergenceState> {
  const config = {
    enabled: false,
    maxRounds: 1,
    verificationMode: "lightweight",
    adversarial: false,
    severityFloor: "minor",
  } as const;
  const workers = voices.map(({ spec, answer }) => ({
    worker: spec.worker,
    family: answer.family,
    status: answer.status,
    reason: answer.reason,
  }));
  const opened = openConvergence(config, workers, items);
  const state = {
    ...opened,
    ...(grouping === undefined ? {} : { grouping }),
    ...(resolved.length === 0 ? {} : { resolved }),
    ...(earlier.length === 0 ? {} : { earlier }),
  };
  await keepState(run, state);
  return state;
}

async function checkFindings(run: Run, of: Ask, voices: readonly Voice[]): Promise<CheckedFinding[]> {
  const checked: CheckedFinding[] = [];
  for (const { spec, answer } of voices) {
    for (const [index, finding] of (answer.value?.findings ?? []).entries()) {
      const key = `evidence:verify-${of.round}:${spec.worker}:${index}`;
      const evidence = await fact(run, key, () => checkedEvidenceAt(run, finding.evidence, of.examination.head));
      checked.push({ worker: spec.worker, family: answer.family, finding, evidence });
    }
  }
  return checked;
}

async function verifyPurpose(run: Run, work: StageWork, of: Ask): Promise<PromptPurpose> {
  const { examination } = of;
  const { git } = run.world.host;
  const base = of.since ?? work.base;
  const range = { run: run.id, tree: work.repository.mainRoot, base, head: examination.head };
  const patch = await keptPatch(run.world, run.project, range);
  const since = new Set((await git.diffFiles(range.tree, base, range.head)).map(({ path }) => path));
  const files = of.since === null ? examination.files : examination.files.filter(({ path }) => since.has(path));
  return {
    purpose: "verify",
    round: of.round + 1,
    stage: work.stage,
    diff: { base, head: examination.head, files, patch },
    checks: examination.checks,
    commands: examination.validation,
    openItems: of.open,
    qaNames: qaNamesOf(run.project),
    extraRules: rulesText(run),
  };
}

/** As the rules that ship with okstra are written: an id, what it weighs, what must not be. */
const rulesText = ({ project }: Run): string | null => {
  const { reviewRules } = project.settings;
  return reviewRules.length === 0
    ? null
    : reviewRules.map(({ id, severity, rule }) => `${id} (${severity}): ${rule.replace(/\s+/g, " ")}`).join("\n");
};

/** FAIL needs a blocking item of this verifier whose evidence held; a bare "fail" without one is no veto. */
function verdictOf(voice: Voice, round: number, items: readonly Item[]): VerifierVerdict {
  const workerId = voice.spec.worker;
  if (voice.answer.value === null) return { workerId, round, verdict: "abstained", blocking: [] };
  const own = items.filter((item) => isBlocking(item) && item.members.some((member) => member.worker === workerId));
  return { workerId, round, verdict: own.length > 0 ? "FAIL" : "PASS", blocking: own.map((item) => item.title) };
}
