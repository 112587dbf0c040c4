/** Beside each result: its rendering for people, and the audit of what the engine saw of the dispatch. */
import type { DispatchOutcome } from "../agents/index.ts";
import type { DispatchName } from "../lifecycle/index.ts";
import { resultMarkdown, type Shown } from "./result-markdown.ts";
import type { OpenRun, Run } from "./run.ts";

export type ResultFiles = {
  readonly file: DispatchName;
  readonly role: string;
  readonly model: string;
  /** Results of a blind pass wait in the home; so does what shows them. */
  readonly hold: boolean;
  readonly outcome: DispatchOutcome<unknown>;
};

export async function writeResultFiles(run: Run, of: ResultFiles): Promise<void> {
  const { files } = run.world.host;
  const { file, outcome } = of;
  await files.replaceFile(run.paths.audit(file), audit(run, of));
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

function audit(run: Run, { file, role, model, outcome }: ResultFiles): string {
  const tools = Object.entries(outcome.tools).map(([name, count]) => `- ${name}: ${count}`);
  const { usage } = outcome;
  return [
    `# Audit: ${file.worker} as ${role} in ${run.id}`,
    "",
    `- Status: ${outcome.status}${outcome.reason === null ? "" : ` (${outcome.reason})`}`,
    `- Model requested: ${model}; served: ${outcome.modelServed ?? "not said"}; family: ${outcome.family}`,
    `- Duration: ${Math.round(outcome.durationMs)} ms; asked again: ${outcome.reasks}; exit code: ${outcome.exitCode ?? "none"}`,
    `- Tokens: ${usage === null ? "unknown" : `input ${usage.input}, cached ${usage.cachedInput}, cache write ${usage.cacheWrite}, output ${usage.output}, reasoning ${usage.reasoning}`}`,
    `- Given: ${run.paths.prompt(file)}, and the files of the instruction set that it names`,
    `- Stream: ${run.paths.stream(file)}`,
    "",
    "## Tool calls",
    ...(tools.length === 0 ? ["none seen"] : tools),
    "",
    "## Notes",
    ...(outcome.notes.length === 0 ? ["none"] : outcome.notes.map((note) => `- ${note.replaceAll("\n", " ")}`)),
    "",
  ].join("\n");
}

/** The result as people read it. */
export const shownResult = (run: OpenRun, of: Omit<Shown, "task" | "taskType">): string =>
  resultMarkdown({
    task: `${run.task.project}:${run.task.group}:${run.task.task}`,
    taskType: run.ref.taskType,
    ...of,
  });
