/** What every report document has: facts of the run's state, prose of the writer. */
import { relative } from "node:path";
import type { ConvergenceState } from "../../convergence/convergence.schema.ts";
import { taskPaths } from "../../lifecycle/index.ts";
import type { Clarification, Usage } from "../../lifecycle/task.schema.ts";
import type { EventData, Outcome } from "../../model/index.ts";
import type { Report, ReportCommon } from "../../report/report.schema.ts";
import { confinedAs } from "../confinement.ts";
import { compared, whyWithoutCost } from "../counted.ts";
import { byStandIn } from "../dispatch.ts";
import { namedStandIn } from "../prepare/roster.ts";
import { fact, type Run } from "../run.ts";
import type { Voice } from "../steps/blind.ts";
import type { Prose } from "../steps/write.ts";
import { addUsage, noUsage } from "../summary.ts";
import { nowOf } from "../world.ts";

export type CommonFacts = {
  readonly outcome: Outcome;
  readonly prose: Prose | null;
  readonly state: ConvergenceState | null;
  readonly clarifications: readonly Clarification[];
  readonly verdictCard: Report["verdictCard"];
  readonly voices: readonly Voice[];
  readonly limits: readonly string[];
};

export async function commonOf(run: Run, facts: CommonFacts): Promise<ReportCommon> {
  const items = facts.state?.items ?? [];
  const author = run.manifest.roster.find((spec) => spec.role === "report-writer");
  return {
    schemaVersion: 1,
    taskKey: run.task.key,
    run: run.id,
    runSeq: run.ref.seq,
    stage: run.ref.stage,
    title: run.task.title,
    createdAt: await fact(run, "report-time", async () => nowOf(run.world)),
    okstraVersion: run.manifest.okstraVersion,
    language: run.project.settings.language ?? run.task.language,
    owner: await fact(run, "owner", async () => ownerOf(run)),
    author: author === undefined ? "okstra" : `${author.worker} (${author.model})`,
    scripted: run.manifest.roster.some((spec) => spec.agent.startsWith("scripted:")),
    sandbox: confinementsOf(run),
    outcome: facts.outcome,
    roster: rosterOf(run),
    verdictCard: facts.verdictCard,
    summary: facts.prose?.summary ?? facts.verdictCard.finalConclusion,
    clarifications: [...facts.clarifications],
    items,
    dissent: dissentOf(facts.state),
    evidence: evidenceOf(items),
    convergence: convergenceOf(facts.state),
    usage: usageOf(run),
    timeline: timelineOf(run),
    followUps: facts.prose?.followUps ?? [],
    limits: limitsOf(run, facts),
    attachments: await attachmentsOf(run),
  };
}

/** What confined it, each time that it was started. */
const confinementsOf = (run: Run): string =>
  [
    ...new Set([...run.memory.facts].flatMap(([key, value]) => (key.startsWith(confinedAs) ? [String(value)] : []))),
  ].join("; then ");

/** Every piece of evidence of the items' members, as checked. */
export const evidenceOf = (items: readonly Report["items"][number][]): Report["evidence"] =>
  items.flatMap((item) =>
    item.members.flatMap((member) =>
      member.evidence.map((checked) => ({ item: item.id, worker: member.worker, checked })),
    ),
  );

async function ownerOf(run: Run): Promise<string> {
  const repository = await run.world.host.git.repository(run.project.projectRoot);
  if (repository === undefined) return run.world.host.machine.env["USER"] ?? "unknown";
  const identity = await run.world.host.git.identity(repository.mainRoot);
  return identity.own ? identity.name : (run.world.host.machine.env["USER"] ?? "unknown");
}

/** One row a rostered worker, with the worst that became of its dispatches. */
function rosterOf(run: Run): Report["roster"] {
  return run.manifest.roster.map((spec) => {
    const done = doneOf(run, spec.worker).filter((one) => roleFits(spec.role, one.role));
    const failed = done.findLast(({ data }) => data.status !== "completed");
    const completed = done.findLast(({ data }) => data.status === "completed");
    const last = done.at(-1);
    const shown = completed === undefined || failed === last ? last : completed;
    return {
      workerId: spec.worker,
      role: spec.role,
      family: last?.data.family ?? spec.family,
      modelRequested: spec.model,
      modelServed: done.findLast(({ data }) => data.modelServed !== null)?.data.modelServed ?? null,
      status: shown?.data.status ?? "not-run",
      reason: shown?.data.reason ?? (shown === undefined ? "never asked" : null),
      durationMs: done.reduce((sum, { data }) => sum + data.durationMs, 0),
    };
  });
}

type Done = { readonly role: string; readonly data: EventData["dispatch.done"] };

function doneOf(run: Run, worker: string): readonly Done[] {
  return [...run.memory.done.values()].flatMap((data) => {
    const identity = run.memory.intended.get(data.name)?.[0];
    return identity?.worker === worker ? [{ role: identity.role, data }] : [];
  });
}

const roleFits = (rosterRole: string, fileRole: string): boolean =>
  rosterRole === fileRole ||
  (rosterRole === "report-writer" && fileRole === "grouping") ||
  (rosterRole === "analyser" && (fileRole === "plan-check" || fileRole === "critic-check"));

function usageOf(run: Run): Report["usage"] {
  const byWorker = run.manifest.roster.map((spec) => ({
    workerId: spec.worker,
    role: spec.role,
    usage: doneOf(run, spec.worker)
      .filter((one) => roleFits(spec.role, one.role))
      .reduce((sum: Usage, { data }) => addUsage(sum, data.usage), noUsage),
  }));
  const all = [...run.memory.done.values()].reduce((sum: Usage, data) => addUsage(sum, data.usage), noUsage);
  const differing = [...run.memory.done.values()].flatMap((data) => compared(data) ?? []);
  return { all, byWorker, ...(differing.length === 0 ? {} : { compared: differing }) };
}

function timelineOf(run: Run): Report["timeline"] {
  const rows: Report["timeline"] = [];
  for (const event of run.journal.events) {
    if (event.type === "step.started") {
      // One that a kill cut short goes on where it was.
      if (rows.some((row) => row.step === event.data.step && row.endedAt === null)) continue;
      rows.push({ step: event.data.step, startedAt: event.time, endedAt: null, outcome: "under way" });
    } else if (event.type === "step.skipped")
      rows.push({
        step: event.data.step,
        startedAt: event.time,
        endedAt: event.time,
        outcome: `skipped: ${event.data.why}`,
      });
    else if (event.type === "step.completed") {
      const open = rows.findLastIndex((row) => row.step === event.data.step);
      const row = rows[open];
      if (row !== undefined) rows[open] = { ...row, endedAt: event.time, outcome: "completed" };
    }
  }
  return rows.filter((row) => row.step !== "record");
}

function dissentOf(state: ConvergenceState | null): Report["dissent"] {
  return (state?.items ?? [])
    .map((item) => ({ item: item.id, verdicts: item.verdicts.filter((verdict) => verdict.verdict === "DISAGREE") }))
    .filter((row) => row.verdicts.length > 0);
}

function convergenceOf(state: ConvergenceState | null): Report["convergence"] {
  if (state === null) return { standing: "off", rounds: 0, endedBecause: "off", counts: {}, skippedWorkers: [] };
  const counts: Record<string, number> = {};
  for (const item of state.items) counts[item.class] = (counts[item.class] ?? 0) + 1;
  return {
    standing: state.standing,
    rounds: state.rounds.length,
    endedBecause: state.endedBecause,
    counts,
    ...(state.resolved === undefined ? {} : { resolved: state.resolved }),
    skippedWorkers: state.skippedWorkers,
  };
}

function limitsOf(run: Run, facts: CommonFacts): string[] {
  const unexamined = facts.voices.flatMap(({ spec, answer }) =>
    (answer.value?.notExamined ?? []).map((text) => `${spec.worker}: ${text}`),
  );
  const missing = facts.voices
    .filter((voice) => voice.answer.value === null)
    .map(({ spec, answer }) => `${spec.worker} gave no result (${answer.status})`);
  return [
    ...run.manifest.notes,
    ...facts.limits,
    ...standIns(run),
    ...withoutCost(run),
    ...missing,
    ...criticMissing(facts.state),
    ...unexamined,
  ];
}

/** Each model once whose cost is not known. */
function withoutCost(run: Run): string[] {
  const { prices: own } = run.project.settings;
  const said = run.manifest.roster.flatMap((spec) =>
    doneOf(run, spec.worker)
      .filter((one) => roleFits(spec.role, one.role))
      .flatMap(
        ({ data: { usage: use, modelServed } }) =>
          whyWithoutCost(spec, use, { model: modelServed ?? spec.model, own }) ?? [],
      ),
  );
  return [...new Set(said)];
}

/** Whoever answered in the place of a worker whose quota was used up. */
function standIns(run: Run): string[] {
  const identities = [...run.memory.done.values()].flatMap(({ name }) => run.memory.intended.get(name)?.[0] ?? []);
  const workers = new Set(identities.filter(({ attempt }) => attempt === byStandIn).map(({ worker }) => worker));
  return [...workers].map(
    (worker) => `${worker}'s quota was used up; ${nameOfStandIn(run, worker)} answered in its place`,
  );
}

const nameOfStandIn = (run: Run, worker: string): string => {
  const spec = run.manifest.roster.find((one) => one.worker === worker);
  return (spec === undefined ? undefined : namedStandIn(run, spec)) ?? "another agent of its family";
};

function criticMissing(state: ConvergenceState | null): string[] {
  const critic = state?.critique;
  return critic === undefined || critic.status === "completed"
    ? []
    : [`the critic ${critic.worker} gave no result (${critic.reason ?? critic.status})`];
}

async function attachmentsOf(run: Run): Promise<Report["attachments"]> {
  const { files } = run.world.host;
  const folder = taskPaths(run.project.projectRoot, run.ref.key).folder;
  const attached: Report["attachments"] = [];
  for (const data of run.memory.done.values()) {
    const identity = run.memory.intended.get(data.name)?.[0];
    if (identity === undefined || data.sha256 === null) continue;
    const { worker, role, round, attempt } = identity;
    attached.push({
      path: relative(folder, run.paths.result({ worker, role, ...(round === null ? {} : { round }), attempt })),
      sha256: data.sha256,
    });
  }
  for (const path of [run.paths.convergence, run.paths.planBody]) {
    const hash = await files.hash(path);
    if (hash !== undefined) attached.push({ path: relative(folder, path), sha256: hash });
  }
  return attached.sort((a, b) => (a.path < b.path ? -1 : 1));
}
