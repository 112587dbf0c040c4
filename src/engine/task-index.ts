/** `task-index.md`: the task at a glance, for people. A projection of the task manifest. */
import type { TaskManifest } from "../lifecycle/task.schema.ts";
import { readRun } from "../model/index.ts";

export function taskIndex(task: TaskManifest): string {
  const plain = (text: string): string => text.replace(/[\r\n|]+/g, " ").replace(/[<>`*_[\]\\]/g, "\\$&");
  const rows = task.runs.map((run) => {
    const { seq } = readRun(run.id);
    const stage = run.stage === null ? "" : ` stage ${run.stage}`;
    return `| ${run.taskType}${stage} | ${String(seq).padStart(3, "0")} | ${run.outcome ?? "under way"} | ${run.verdict ?? ""} | ${run.startedAt} |`;
  });
  return [
    `# ${plain(task.title)}`,
    "",
    `- Key: ${task.key}`,
    `- Category: ${task.category}`,
    `- Phase: ${task.phase}`,
    `- Approved plans: ${task.plans.length}`,
    "",
    "| run | seq | outcome | verdict | started |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
