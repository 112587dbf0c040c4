/** Beside each result: its rendering for people, and the audit of what the engine saw of the dispatch. */
import { type Act, type DispatchOutcome, hearLog } from "../agents/index.ts";
import type { DispatchName } from "../lifecycle/index.ts";
import type { TokenUse } from "../model/index.ts";
import { markdownText, oneLine } from "../report/index.ts";
import type { Counted } from "./counted.ts";
import { resultMarkdown, type Shown } from "./result-markdown.ts";
import type { OpenRun, Run } from "./run.ts";

export type ResultFiles = {
  readonly file: DispatchName;
  readonly role: string;
  readonly model: string;
  /** Results of a blind pass wait in the home; so does what shows them. */
  readonly hold: boolean;
  readonly outcome: DispatchOutcome<unknown>;
  readonly count: Counted;
};

export async function writeResultFiles(run: Run, of: ResultFiles): Promise<void> {
  const { files } = run.world.host;
  const { file, outcome } = of;
  await files.replaceFile(run.paths.audit(file), audit(run, of, await actsOf(run, of)));
  if (outcome.value !== null && !of.hold)
    await files.replaceFile(
      run.paths.resultMarkdown(file),
      shownResult(run, {
        ...{ worker: file.worker, role: of.role, modelRequested: of.model },
        ...{ modelServed: outcome.modelServed, value: outcome.value },
      }),
    );
  if (outcome.status === "completed") return;
  const error = {
    schemaVersion: 1,
    status: outcome.status,
    reason: outcome.reason,
    message: outcome.message,
    problems: outcome.problems,
    exitCode: outcome.exitCode,
    stderrTail: outcome.stderrTail,
  };
  await files.replaceFile(run.paths.dispatchErrors(file), `${JSON.stringify(error, null, 2)}\n`);
}

/** A stream that is longer is not read for the audit; it lies beside it. */
const longestStream = 16 << 20;

/** What the agent did, by its own stream; undefined where that is too long. */
async function actsOf(run: Run, { file }: ResultFiles): Promise<readonly Act[] | undefined> {
  const path = run.paths.stream(file);
  const { files } = run.world.host;
  const size = (await files.look(path))?.size ?? 0;
  return size > longestStream ? undefined : hearLog((await files.readText(path)) ?? "").acts;
}

const mostLines = 200;

/** Each once, in the order in which it came; no line of an agent can act as markup. */
function actLines(acts: readonly Act[] | undefined, did: Act["did"]): string[] {
  if (acts === undefined) return ["the stream is too long to be read for this"];
  const lines = new Set(
    acts
      .filter((act) => act.did === did)
      .map(({ what, refused }) => `- ${plainLine(what)}${refused ? " (refused)" : ""}`),
  );
  if (lines.size === 0) return ["none seen"];
  const more = lines.size > mostLines ? [`- and ${lines.size - mostLines} more`] : [];
  return [...[...lines].slice(0, mostLines), ...more];
}

const plainLine = (text: string): string => `\`${oneLine(text).replaceAll("`", "'").slice(0, 400)}\``;

/** What agents name (models, tools) and what their programs say stays text. Exported for its test. */
export function audit(
  run: { readonly id: string; readonly paths: Pick<Run["paths"], "prompt" | "stream"> },
  of: Omit<ResultFiles, "hold">,
  acts: readonly Act[] | undefined,
): string {
  const { file, role, model, outcome, count } = of;
  const tools = Object.entries(outcome.tools).map(([name, times]) => `- ${said(name)}: ${times}`);
  const notes = [...outcome.notes, ...(count.note === null ? [] : [count.note])];
  return [
    `# Audit: ${file.worker} as ${role} in ${run.id}`,
    "",
    `- Status: ${outcome.status}${outcome.reason === null ? "" : ` (${said(outcome.reason)})`}`,
    `- Model requested: ${model}; served: ${said(outcome.modelServed ?? "not said")}; family: ${said(outcome.family)}`,
    `- Duration: ${Math.round(outcome.durationMs)} ms; asked again: ${outcome.reasks}; exit code: ${outcome.exitCode ?? "none"}`,
    `- Tokens by its stream: ${tokensText(outcome.usage)}`,
    ...(count.logged === null ? [] : [`- Tokens by its session log: ${tokensText(count.logged)}`]),
    `- Given: ${run.paths.prompt(file)}, and the files of the instruction set that it names`,
    `- Stream: ${run.paths.stream(file)}`,
    "",
    "## Tool calls",
    ...(tools.length === 0 ? ["none seen"] : tools),
    "",
    "## Files and folders read",
    ...actLines(acts, "read"),
    "",
    "## Files written",
    ...actLines(acts, "wrote"),
    "",
    "## Commands",
    ...actLines(acts, "ran"),
    "",
    "## Notes",
    ...(notes.length === 0 ? ["none"] : notes.map((note) => `- ${said(note)}`)),
    "",
  ].join("\n");
}

const tokensText = (usage: TokenUse | null): string =>
  usage === null
    ? "unknown"
    : `input ${usage.input}, cached ${usage.cachedInput}, cache write ${usage.cacheWrite}, output ${usage.output}, reasoning ${usage.reasoning}`;

const said = (text: string): string => markdownText(text, "within");

/** The result as people read it. */
export const shownResult = (run: OpenRun, of: Omit<Shown, "task" | "taskType">): string =>
  resultMarkdown({
    task: `${run.task.project}:${run.task.group}:${run.task.task}`,
    taskType: run.ref.taskType,
    ...of,
  });
