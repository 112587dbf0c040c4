/**
 * What the reports of a task leave behind: parts that it falls into, candidates to pick from, follow-ups. Each row can become a task of
 * its own; which did stands in the task's manifest. Reads only.
 */
import type { Item } from "../convergence/convergence.schema.ts";
import { runPaths, segment } from "../lifecycle/index.ts";
import type { RunSummary, TaskManifest } from "../lifecycle/task.schema.ts";
import { type Category, printKey, readRun, readTaskKey, type TaskType } from "../model/index.ts";
import type { FollowUp, Report } from "../report/report.schema.ts";
import type { World } from "./world.ts";

export type LeftBehind = {
  readonly id: string;
  readonly title: string;
  readonly taskType: TaskType;
  readonly why: string;
  /** part: of the request, by requirements-discovery; candidate: by improvement-discovery, best first; follow-up: section 7. */
  readonly kind: "part" | "candidate" | "follow-up";
  /** The run whose report holds the row. */
  readonly run: string;
  /** The task that was made of it; null while there is none. */
  readonly key: string | null;
};

/** A row with what its task is told. */
export type Row = LeftBehind & { readonly category: Category | null; readonly items: readonly Item[] };

/** Rows of the newest report of each phase and stage, in order; of two with the same id the first counts. */
export async function rowsOf(world: World, projectRoot: string, task: TaskManifest): Promise<readonly Row[]> {
  const newest = new Map<string, RunSummary>();
  for (const run of task.runs) if (run.report !== null) newest.set(`${run.taskType} ${run.stage}`, run);
  const rows = new Map<string, Row>();
  for (const run of newest.values()) {
    for (const row of await rowsOfRun(world, projectRoot, { task, run })) {
      const own = segment(row.id);
      if (!rows.has(own)) rows.set(own, row);
    }
  }
  return [...rows.values()];
}

/** Rows of one report. */
export async function rowsOfRun(
  world: World,
  projectRoot: string,
  { task, run }: { readonly task: TaskManifest; readonly run: RunSummary },
): Promise<readonly Row[]> {
  const text = await world.host.files.readText(runPaths(projectRoot, readRun(run.id)).reportData);
  if (text === undefined) return [];
  const report = JSON.parse(text) as Report;
  const discovery = "discovery" in report ? report.discovery : null;
  const items = new Map(report.items.map((item) => [item.id, item]));
  const made = new Map((task.spawned ?? []).map(({ id, key }) => [id, key]));
  const row = (of: FollowUp, kind: Row["kind"], ids: readonly string[] = []): Row => ({
    id: of.suggestedId,
    title: of.title,
    taskType: of.taskType,
    why: of.why,
    kind,
    run: run.id,
    key: made.get(segment(of.suggestedId)) ?? null,
    category: kind === "follow-up" ? null : (discovery?.category ?? null),
    items: ids.flatMap((id) => items.get(id) ?? []),
  });
  const kind = run.taskType === "improvement-discovery" ? "candidate" : "part";
  return [
    ...(discovery?.fanOut ?? []).map((one) => row(one, kind, one.items)),
    ...report.followUps.map((one) => row(one, "follow-up")),
  ];
}

/** The key that a row's task gets. */
export const keyOfRow = (task: TaskManifest, group: string | null, id: string): string => {
  const parent = readTaskKey(task.key);
  return printKey({ ...parent, group: group ?? parent.group, task: segment(id) });
};
