/** Where a run's report is, and its Markdown. */
import { runPaths } from "../lifecycle/index.ts";
import { fault, printKey, printRun, type RunRef, readRun, shellWord } from "../model/index.ts";
import { locate } from "./locate.ts";
import { requireTask } from "./require-task.ts";
import type { TaskKey, World } from "./world.ts";

/** The report of a run, or of the task's newest run that has one. */
export async function findReport(
  world: World,
  cwd: string,
  of: { readonly key: TaskKey; readonly run: RunRef | null },
): Promise<{ run: string; data: string; markdown: string; html: string; text: string }> {
  const project = await locate(world, cwd, of.key);
  const manifest = await requireTask(world, project.projectRoot, of.key);
  const listed = manifest.runs.find((run) => sameRun(readRun(run.id), of.run))?.id;
  if (of.run !== null && listed === undefined)
    throw fault(
      "not-a-run",
      `There is no run ${printRun(of.run)}`,
      `okstra status ${shellWord(manifest.key)} shows its runs`,
      {
        run: printRun(of.run),
      },
    );
  const withReport = manifest.runs.filter((run) => run.report !== null);
  const wanted = of.run === null ? withReport.at(-1)?.id : listed;
  const found = withReport.find((run) => run.id === wanted);
  if (found === undefined) {
    throw fault(
      "not-a-run",
      of.run === null ? `${printKey(of.key)} has no report yet` : `${wanted} has no report`,
      `okstra status ${shellWord(manifest.key)} shows its runs`,
      { key: manifest.key },
    );
  }
  const paths = runPaths(project.projectRoot, readRun(found.id));
  const text = await world.host.files.readText(paths.reportMarkdown);
  if (text === undefined)
    throw fault(
      "file-system",
      `${paths.reportMarkdown}: the file is missing`,
      `okstra validate report ${shellWord(found.id)} --fix makes it of the report's data`,
      { path: paths.reportMarkdown },
    );
  return { run: found.id, data: paths.reportData, markdown: paths.reportMarkdown, html: paths.reportHtml, text };
}

const sameRun = (a: RunRef, b: RunRef | null): boolean =>
  b !== null && a.taskType === b.taskType && a.stage === b.stage && a.seq === b.seq;
