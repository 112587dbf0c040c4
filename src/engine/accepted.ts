/** The hand-off gate: the newest whole-task verification is accepted, and its commit is the present head of the task branch. */
import { checkReportFinalVerification } from "../generated/report.check.js";
import { runPaths } from "../lifecycle/index.ts";
import type { TaskManifest } from "../lifecycle/task.schema.ts";
import { fault, parseJson, readRun } from "../model/index.ts";
import type { ReportFinalVerification } from "../report/report.schema.ts";
import { taskTreeOf } from "./stage-states.ts";
import type { ProjectPlace, TaskKey, World } from "./world.ts";

type Of = { readonly key: TaskKey; readonly manifest: TaskManifest };

/** The accepting report. Throws `not-accepted` with what is missing. */
export async function requireAccepted(world: World, project: ProjectPlace, of: Of): Promise<ReportFinalVerification> {
  const verify = `okstra run --task-key ${of.manifest.key} --task-type final-verification`;
  const refuse = (why: string) =>
    fault("not-accepted", `${of.manifest.key} cannot be handed over: ${why}`, `Verify it: ${verify}`, {
      key: of.manifest.key,
      why,
    });
  const newest = of.manifest.runs.findLast(
    (run) => run.taskType === "final-verification" && run.scope === "task" && run.report !== null,
  );
  if (newest === undefined) throw refuse("the whole task was not verified");
  const path = runPaths(project.projectRoot, readRun(newest.id)).reportData;
  const text = await world.host.files.readText(path);
  if (text === undefined) throw refuse(`the report ${path} is gone`);
  const report = parseJson(checkReportFinalVerification, text, "verification report", path);
  if (report.verdict !== "accepted") throw refuse(`the verdict is ${report.verdict}`);
  if (report.dbState === "db-unverified") throw refuse("the database state is not verified");
  const head = await world.host.git.head(taskTreeOf(world, of.key));
  if (head?.commit !== report.verifiedCommit) {
    throw refuse(
      `verified was ${report.verifiedCommit.slice(0, 12)}, the task branch is at ${head?.commit.slice(0, 12) ?? "no commit"}`,
    );
  }
  return report;
}
