/** Attempts at a stage, each with a scenario of its own before the honest one; and what a report may say of them: git's facts. */
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import type { Report, ReportImplementation } from "../../src/report/report.schema.ts";
import { key, scenario } from "./calculator.ts";
import type { Ran, Rig } from "./rig.ts";

type Json = Record<string, unknown>;

export type Told<R extends Report> = {
  readonly ran: Ran;
  readonly run: RunSummary;
  /** Null when the run ended without one. */
  readonly report: R | null;
  readonly markdown: string;
  /** The message of the journal's `run.ended`. */
  readonly message: string;
};

export type Attempt = Told<ReportImplementation>;

/** One run of one stage in which these entries play first. */
export async function attempt(rig: Rig, stage: number, first: readonly Json[]): Promise<Attempt> {
  const file = `${rig.folder}/attempt.yaml`;
  rig.write(file, scenario(first));
  const ran = await rig.okstra(["implement", key, "--stage", String(stage), "--agents", `scripted:${file}`, "--json"]);
  return toldOf<ReportImplementation>(rig, ran);
}

/** What an executing command answered, with the report of its (last) run. */
export function toldOf<R extends Report>(rig: Rig, ran: Ran): Told<R> {
  const answer = ran.json<{ runs?: RunSummary[]; error?: unknown } & RunSummary>();
  if (answer.error !== undefined) throw new Error(`no run: ${ran.stdout}${ran.stderr}`);
  const run = answer.runs?.at(-1) ?? answer;
  const report = run.report === null ? null : (JSON.parse(rig.read(run.report.data)) as R);
  return {
    ran,
    run,
    report,
    markdown: run.report === null ? "" : rig.read(run.report.markdown),
    message: messageOf(rig, run),
  };
}

function messageOf(rig: Rig, run: RunSummary): string {
  const journal = rig.read(`${run.runDir}/state/events-${String(run.seq).padStart(3, "0")}.jsonl`);
  const lines = journal
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; data: { message?: string } });
  return lines.findLast((line) => line.type === "run.ended")?.data.message ?? "";
}

/** What git says of a stage's branch. */
export function factsOf(
  rig: Rig,
  base: string,
  branch: string,
): { readonly commits: readonly string[]; readonly files: readonly string[]; readonly head: string } {
  const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");
  return {
    commits: lines(rig.git("rev-list", "--reverse", `${base}..${branch}`)),
    files: lines(rig.git("diff", "--name-only", base, branch)).sort(),
    head: rig.git("rev-parse", branch),
  };
}

/** Settings of the project, changed for what follows. */
export function configure(rig: Rig, changes: Json): void {
  const path = ".okstra/project.json";
  rig.write(path, `${JSON.stringify({ ...(JSON.parse(rig.read(path)) as Json), ...changes }, null, 2)}\n`);
}
