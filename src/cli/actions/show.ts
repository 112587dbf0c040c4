/** One run in full, or a task with the files of its runs. */
import { type RunState, showRun, taskStatus } from "../../engine/index.ts";
import { shellWord, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { ShowOptions } from "../commands/show.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import type { Paint } from "../paint.ts";
import { dispatchesOf, stepsOf } from "../run-parts.ts";
import { endOf, signOf } from "../run-words.ts";
import { statusText } from "../status-text.ts";
import { columns, durationOf, hint, minuteOf, oneLine } from "../text.ts";

export async function show(context: Context, { subject }: ShowOptions): Promise<Answer> {
  const { world, cwd } = context;
  if (subject.is === "run") return runShown(take(await showRun(world, cwd, subject.run)));
  const status = take(await taskStatus(world, cwd, await keyOf(context, subject.task)));
  const files = status.runs.flatMap((run) => [
    `  ${oneLine(run.id)}`,
    `    ${oneLine(run.runDir)}`,
    ...(run.report === null ? [] : [`    ${oneLine(run.report.markdown)}`]),
  ]);
  return {
    json: status,
    text: (paint) => [statusText(status, paint), "", paint.strong("Files"), ...files].join("\n"),
    exit: 0,
  };
}

function runShown(state: Shown): Answer {
  const { manifest, events, summary } = state;
  const steps = stepsOf(events);
  const dispatches = dispatchesOf(events);
  const json = {
    run: summary,
    roster: manifest.roster,
    notes: manifest.notes,
    invocation: manifest.invocation,
    steps,
    dispatches,
  };
  return { json, text: (paint) => runText(state, { steps, dispatches }, paint), exit: 0 };
}

type Shown = RunState & { readonly interrupted: boolean };
type Parts = { readonly steps: ReturnType<typeof stepsOf>; readonly dispatches: ReturnType<typeof dispatchesOf> };

function runText({ manifest, summary, interrupted }: Shown, { steps, dispatches }: Parts, paint: Paint): string {
  const { worktree, report, verdict } = summary;
  const dead = interrupted ? [summary.id] : [];
  const facts = [
    ["started", `${minuteOf(summary.startedAt)} UTC`],
    ["ended", summary.endedAt === null ? "-" : `${minuteOf(summary.endedAt)} UTC`],
    ...(verdict === null ? [] : [["verdict", verdict]]),
    ["folder", summary.runDir],
    ...(report === null ? [] : [["report", report.markdown]]),
    ...(worktree === null ? [] : [["worktree", `${worktree.path} (${worktree.status})`]]),
    ...(worktree?.branch == null ? [] : [["branch", worktree.branch]]),
    ...manifest.notes.map((note) => ["note", note]),
  ].map((row) => row.map(oneLine));
  const roster = manifest.roster.map((spec) => [spec.role, spec.worker, spec.model, spec.agent].map(oneLine));
  return [
    `${signOf(summary, paint, dead)} ${paint.strong(oneLine(summary.id))}: ${endOf(summary, dead)}`,
    ...columns(facts).map((line) => `  ${line}`),
    ...part(paint, "Roster", columns(roster)),
    ...part(paint, "Steps", columns(steps.map((step) => [step.step, step.state, oneLine(step.note)]))),
    ...part(
      paint,
      "Dispatches",
      columns(
        dispatches.map((one) =>
          [
            ...[one.name, one.status, one.durationMs === null ? "" : durationOf(one.durationMs)],
            ...(one.reason === null ? [] : [one.reason]),
          ].map(oneLine),
        ),
      ),
    ),
    ...hint(interrupted ? `okstra resume ${shellWord(summary.id)}` : undefined, paint),
  ].join("\n");
}

const part = (paint: Paint, name: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", paint.strong(name), ...lines.map((line) => `  ${line}`)];
