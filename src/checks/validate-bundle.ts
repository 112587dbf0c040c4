/** Whether a run has the files that it has to have, by its type and how far it got. Looks only. */
import type { Host } from "../host/index.ts";
import { runPaths, taskPaths } from "../lifecycle/index.ts";
import { readJournal } from "../registry/index.ts";
import type { Check, CheckList } from "./checks.schema.ts";
import { failed, listOf, passed } from "./rows.ts";
import type { ValidateRunAsk } from "./validate-run.ts";

/** The folders and files that a run has by its type and how far it got. */
export async function validateBundle(host: Host, { home, projectRoot, run }: ValidateRunAsk): Promise<CheckList> {
  const [task, own] = [taskPaths(projectRoot, run.key), runPaths(projectRoot, run)];
  const journal = await readJournal(host, { host, home, projectRoot, key: run.key }, run);
  const events = journal.ok ? journal.value.events : [];
  const ended = events.findLast((event) => event.type === "run.ended");
  const reported = ended?.type === "run.ended" && ended.data.outcome === "completed";
  const due: Readonly<Record<string, string>> = {
    "task-manifest": task.manifest,
    "task-index": task.index,
    brief: task.brief,
    timeline: task.timeline,
    manifest: own.manifest,
    journal: own.journal,
    ...(run.taskType === "implementation" ? { ledger: task.ledger } : {}),
    ...(reported
      ? { "report-data": own.reportData, "report-markdown": own.reportMarkdown, "report-page": own.reportHtml }
      : {}),
  };
  const rows: Check[] = [];
  for (const [name, where] of Object.entries(due)) {
    const about = { id: `bundle:${name}`, where };
    const seen = await host.files.look(where);
    const empty = seen?.kind === "file" && seen.size === 0;
    rows.push(
      seen?.kind === "file" && !empty
        ? passed(about, "there")
        : failed(about, empty ? "is empty" : "is missing", lostFile),
    );
  }
  return listOf(rows);
}

const lostFile = "Restore it from a copy; okstra reconcile makes anew what can be made from the rest";
