/**
 * The hand-off gate: the newest whole-task verification is accepted, or a person took its risks, and its commit is the present head of the task branch.
 * What cannot be proven to be what okstra wrote accepts nothing.
 */
import { inPresentCycle } from "../lifecycle/index.ts";
import type { TaskManifest } from "../lifecycle/task.schema.ts";
import { fault, readRun, shellWord, take } from "../model/index.ts";
import { verifyJournal } from "../registry/index.ts";
import type { ReportFinalVerification } from "../report/report.schema.ts";
import { sealedReport } from "./sealed.ts";
import { taskTreeOf } from "./task-tree-of.ts";
import { type ProjectPlace, placeOf, type TaskKey, type World } from "./world.ts";

type Of = { readonly key: TaskKey; readonly manifest: TaskManifest };

/** The accepting report. Throws `not-accepted` with what is missing. */
export async function requireAccepted(world: World, project: ProjectPlace, of: Of): Promise<ReportFinalVerification> {
  const verify = `okstra run --task-key ${shellWord(of.manifest.key)} --task-type final-verification`;
  const refuse = (why: string) =>
    fault("not-accepted", `${of.manifest.key} cannot be handed over: ${why}`, `Verify it: ${verify}`, {
      key: of.manifest.key,
      why,
    });
  const newest = inPresentCycle(of.manifest).runs.findLast(
    (run) => run.taskType === "final-verification" && run.scope === "task" && run.report !== null,
  );
  if (newest === undefined) throw refuse("the whole task was not verified");
  const ref = readRun(newest.id);
  const place = placeOf(world, project.projectRoot, of.key);
  const broken = take(await verifyJournal(world.host, place, ref)).find(
    // What a kill leaves is no edit; an unknown head is: without it nothing proves the report.
    ({ severity, kind }) => severity === "error" || kind === "no-head",
  );
  if (broken !== undefined) throw refuse(`the journal of ${newest.id} cannot be trusted: ${broken.message}`);
  const sealed = await sealedReport<ReportFinalVerification>(world, project.projectRoot, ref);
  if (sealed === undefined) throw refuse(`the report of ${newest.id} is not what okstra wrote`);
  const report = sealed.data;
  const isTaken = report.verdict === "conditional-accept" && report.acceptance !== undefined;
  if (report.verdict !== "accepted" && !isTaken) throw refuse(`the verdict is ${report.verdict}`);
  if (report.dbState === "db-unverified") throw refuse("the database state is not verified");
  const { projectRoot } = project;
  const tree = taskTreeOf(world, { projectRoot, key: of.key, runs: of.manifest.runs });
  const head = await world.host.git.head(tree);
  if (head?.commit !== report.verifiedCommit) {
    throw refuse(
      `verified was ${report.verifiedCommit.slice(0, 12)}, the task branch is at ${head?.commit.slice(0, 12) ?? "no commit"}`,
    );
  }
  return report;
}
