/** Agent Execution Status: who took part, as which model, with what end; and the steps of the run. */
import { durationText } from "../amounts.ts";
import { type Block, fields, part, section, type Text, table } from "../document.ts";
import { headingOf, type Labels, wordOf } from "../labels/labels.ts";
import { inline } from "../prose.ts";
import type { Report } from "../report.schema.ts";
import { nameIn, none, reasonIn } from "./parts.ts";

export function execution(labels: Labels, report: Report): Block[] {
  return [
    section(null, headingOf(labels, "execution")),
    fields([
      [labels.fields.sandbox, report.sandbox],
      [labels.fields.standing, wordOf(labels.values.standings, report.convergence.standing)],
    ]),
    roster(labels, report),
    ...workerTimes(labels, report),
    part(headingOf(labels, "steps")),
    ...stepTimes(labels, report),
    steps(labels, report),
  ];
}

/** Nothing is drawn where everything took no time. */
function workerTimes(labels: Labels, { roster: all }: Report): Block[] {
  if (all.every(({ durationMs }) => durationMs <= 0)) return [];
  return [
    {
      kind: "chart",
      title: labels.sentences.timeOfWorkers,
      legend: [],
      rows: all.map(({ workerId, role, durationMs }) => ({
        label: nameIn(labels, workerId, role),
        amount: durationText(labels, durationMs),
        parts: [{ series: 0, from: 0, to: durationMs }],
      })),
    },
  ];
}

/** Each step from when to when, since the first began. One that did not end reaches to the last end. */
function stepTimes(labels: Labels, { timeline }: Report): Block[] {
  const times = timeline.map(({ startedAt, endedAt }) => ({
    from: Date.parse(startedAt),
    to: endedAt === null ? Number.NaN : Date.parse(endedAt),
  }));
  const begin = Math.min(...times.map(({ from }) => from));
  const end = Math.max(...times.flatMap(({ from, to }) => [from, to].filter(Number.isFinite)));
  if (!Number.isFinite(begin) || !(end > begin)) return [];
  return [
    {
      kind: "chart",
      title: labels.sentences.timeOf,
      legend: [],
      rows: timeline.map(({ step, startedAt, endedAt }, at) => {
        const { from, to } = times[at] ?? { from: begin, to: begin };
        const parts = [{ series: 0, from: from - begin, to: (Number.isFinite(to) ? to : end) - begin }];
        return {
          label: wordOf(labels.values.steps, step),
          amount: elapsed(labels, startedAt, endedAt) ?? labels.values.unknown,
          parts,
        };
      }),
    },
  ];
}

function roster(labels: Labels, report: Report): Block {
  const { fields: names, values } = labels;
  if (report.roster.length === 0) return none(labels);
  return table(
    [names.worker, names.role, names.family, names.model, names.status, names.duration, names.reason],
    report.roster.map((worker) => [
      worker.workerId,
      wordOf(values.roles, worker.role),
      worker.family,
      model(labels, report.scripted, worker),
      wordOf(values.workerStatuses, worker.status),
      durationText(labels, worker.durationMs),
      worker.reason === null ? values.nothing : inline(reasonIn(labels, worker.reason)),
    ]),
  );
}

/** A model that was not the one asked for is shown beside it. */
function model(labels: Labels, scripted: boolean, worker: Report["roster"][number]): Text {
  const { modelRequested: asked, modelServed: served } = worker;
  const name = served === null || served === asked ? asked : `${asked} -> ${served}`;
  return scripted ? `${labels.values.scripted} (${name})` : name;
}

function steps(labels: Labels, report: Report): Block {
  const { fields: names, values } = labels;
  if (report.timeline.length === 0) return none(labels);
  return table(
    [names.step, names.outcome, names.duration],
    report.timeline.map((step) => [
      wordOf(values.steps, step.step),
      inline(outcomeIn(labels, step.outcome)),
      elapsed(labels, step.startedAt, step.endedAt) ?? values.unknown,
    ]),
  );
}

/** `skipped: why`; the why is the engine's. */
function outcomeIn({ values }: Labels, outcome: string): string {
  const [, why] = /^skipped: ([\s\S]*)$/.exec(outcome) ?? [];
  return why === undefined ? wordOf(values.stepOutcomes, outcome) : `${values.stepOutcomes.skipped}: ${why}`;
}

function elapsed(labels: Labels, start: string, end: string | null): string | undefined {
  if (end === null) return labels.values.stillOpen;
  const ms = Date.parse(end) - Date.parse(start);
  return Number.isFinite(ms) && ms >= 0 ? durationText(labels, ms) : undefined;
}
