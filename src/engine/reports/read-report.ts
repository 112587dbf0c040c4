/** Reads a run's report back, checked by the schema of its task type. */
import * as checks from "../../generated/report.check.js";
import { runPaths } from "../../lifecycle/index.ts";
import { type Check, fault, parseJson, printRun, type RunRef, shellWord, type TaskType } from "../../model/index.ts";
import type { Report } from "../../report/report.schema.ts";
import { locate } from "../locate.ts";
import type { World } from "../world.ts";

const checkOf: Readonly<Record<TaskType, Check<Report>>> = {
  "requirements-discovery": checks.checkReportRequirementsDiscovery as Check<Report>,
  "improvement-discovery": checks.checkReportImprovementDiscovery as Check<Report>,
  "error-analysis": checks.checkReportErrorAnalysis as Check<Report>,
  "implementation-planning": checks.checkReportImplementationPlanning as Check<Report>,
  implementation: checks.checkReportImplementation as Check<Report>,
  "final-verification": checks.checkReportFinalVerification as Check<Report>,
  "release-handoff": checks.checkReportReleaseHandoff as Check<Report>,
};

/** The schema of a task type's report. */
export const checkOfReport = (taskType: TaskType): Check<Report> => checkOf[taskType];

/** Throws `not-a-run` when there is no report, `malformed` when it was edited into something else. */
export async function readReport(world: World, cwd: string, ref: RunRef): Promise<Report> {
  const project = await locate(world, cwd, ref.key);
  const path = runPaths(project.projectRoot, ref).reportData;
  const text = await world.host.files.readText(path);
  if (text !== undefined) return parseJson(checkOf[ref.taskType], text, "report", path);
  throw fault(
    "not-a-run",
    `${printRun(ref)} has no report`,
    `okstra show ${shellWord(printRun(ref))} says how it ended`,
    {
      path,
    },
  );
}
