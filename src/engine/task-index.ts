/** `task-index.md`: the task at a glance, for people. A projection of the task manifest. */
import type { TaskManifest } from "../lifecycle/task.schema.ts";
import { readRun } from "../model/index.ts";
import { markdownText } from "../report/index.ts";

export function taskIndex(task: TaskManifest): string {
  const rows = task.runs.map((run) => {
    const { seq } = readRun(run.id);
    const stage = run.stage === null ? "" : ` stage ${run.stage}`;
    return `| ${run.taskType}${stage} | ${String(seq).padStart(3, "0")} | ${run.outcome ?? "under way"} | ${markdownText(run.verdict ?? "", "cell")} | ${run.startedAt} |`;
  });
  return [
    `# ${markdownText(task.title, "within")}`,
    "",
    `- Key: ${task.key}`,
    `- Category: ${markdownText(task.category, "within")}`,
    `- Phase: ${task.phase}`,
    `- Approved plans: ${task.plans.length}`,
    "",
    "| run | seq | outcome | verdict | started |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
