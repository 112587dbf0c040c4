/**
 * The flow of every phase that reads and reports: discovery, analysis, planning. Blind pass, evidence, convergence, writer; planning
 * adds the plan-body check.
 */
import type { ConvergenceState, PlanBodyState } from "../../convergence/convergence.schema.ts";
import { fault, readRun, shellWord } from "../../model/index.ts";
import type { Ending } from "../ending.ts";
import { keepInvariants } from "../invariants.ts";
import { studyReport, verdictOf } from "../reports/study-report.ts";
import { fact, progress, type Run, step } from "../run.ts";
import { readManifest } from "../run-state.ts";
import { blindPass, collectFindings } from "../steps/blind.ts";
import { converge } from "../steps/converge.ts";
import { critique } from "../steps/critique.ts";
import { intake } from "../steps/intake.ts";
import { checkPlanBody } from "../steps/plan-check.ts";
import { recordQuestions } from "../steps/questions.ts";
import { requireQuorum } from "../steps/quorum.ts";
import { type Written, writeProse } from "../steps/write.ts";

export async function study(run: Run): Promise<Ending> {
  const tree = run.manifest.worktree.path;
  await step(run, "intake", () => intake(run));
  await step(run, "prompts", () => announce(run));
  const voices = await step(run, "dispatch", () => blindPass(run, tree));
  const findings = await step(run, "collect", async () => {
    const checked = await collectFindings(run, voices, tree);
    requireQuorum(run, voices, "workers");
    return checked;
  });
  const converged = await step(run, "converge", () => converge(run, voices, findings, tree));
  const state = await critique(run, { state: converged, voices, tree });
  const written = await step(run, "write", async () =>
    writeProse(run, { state, voices, invariants: await keepInvariants(run, state), cwd: tree }),
  );
  const planBody = await step(run, "check", () =>
    run.profile.planCheck ? checkPlanBody(run, written, tree) : Promise.resolve(null),
  );
  return await step(run, "record", async () => {
    const clarifications = await recordQuestions(run, { voices, planBody });
    await recordCategory(run, written);
    const report = await studyReport(run, { voices, state, written, planBody, clarifications });
    return conclusion(run, { state, planBody, written, report });
  });
}

/** The category that sorting the request came to; the end of the run puts it on the task. One that a person named stays. */
async function recordCategory(run: Run, { prose }: Written): Promise<void> {
  if (run.ref.taskType !== "requirements-discovery" || !("routing" in prose)) return;
  const [first] = run.task.runs;
  const invocation =
    first === undefined || first.id === run.id
      ? run.manifest.invocation
      : (await readManifest(run.world, run.project, readRun(first.id))).invocation;
  if (invocation.category === null) await fact(run, "category", async () => prose.category);
}

type Concluded = {
  state: ConvergenceState;
  planBody: PlanBodyState | null;
  written: Written;
  report: Ending["report"];
};

function conclusion(run: Run, of: Concluded): Ending {
  if (of.state.standing === "degraded")
    throw fault("degraded", "Fewer than two workers answered", "Start the phase again", {});
  return {
    outcome: "completed",
    reason: null,
    verdict: verdictOf(run, of),
    message: of.written.prose.summary.split("\n")[0]?.slice(0, 200) ?? "",
    remedy: of.planBody === null ? `okstra go ${shellWord(run.task.key)}` : `okstra approve ${shellWord(run.task.key)}`,
    report: of.report,
  };
}

/** Says who will work and what is already known about the roster. */
export async function announce(run: Run): Promise<void> {
  const asked = run.manifest.roster.filter((spec) => spec.role === "analyser" || spec.role === "executor");
  await progress(run, "phase-2-prompts", `preparing ${asked.length} worker prompts`);
  const roster = run.manifest.roster.map((spec) => `${spec.worker}=${spec.role}/${spec.family}`).join(" ");
  await progress(
    run,
    "phase-3-team-create",
    `${roster}${run.manifest.notes.length === 0 ? "" : ` (${run.manifest.notes.join("; ")})`}`,
  );
}
