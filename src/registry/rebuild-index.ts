/**
 * The run index made anew from the manifests of all tasks of all projects that the home knows. What must stay true: the index is
 * a projection, yet nothing leaves it only because it cannot be read now (a disk that is not mounted, a manifest that is broken):
 * its rows of before are kept. Under the home lock, so that no run that is recorded meanwhile is lost.
 */
import { join } from "node:path";
import { checkIndexRow } from "../generated/registry.check.js";
import { checkTaskManifest } from "../generated/task.check.js";
import type { Host } from "../host/index.ts";
import { homePaths, projectPaths } from "../lifecycle/index.ts";
import type { TaskManifest } from "../lifecycle/task.schema.ts";
import { Fault, parseJson, schemaVersion } from "../model/index.ts";
import { homeLock, withLock } from "./lock-names.ts";
import { type FoundProject, knownProjects } from "./projects.ts";
import type { IndexRow } from "./registry.schema.ts";

/** What the index lists now, and what could not be read; `kept`: runs whose rows were taken over from the index before. */
export type Rebuilt = {
  readonly projects: number;
  readonly tasks: number;
  readonly runs: number;
  readonly kept: number;
  readonly unread: readonly { readonly path: string; readonly why: string }[];
};

type Unread = { path: string; why: string };

export async function rebuildIndex(host: Host, home: string): Promise<Rebuilt> {
  return await withLock(host, homeLock(home), "rebuild the run index", async () => {
    const unread: Unread[] = [];
    const before = await rowsBefore(host, home);
    const projects = await readable(host, home, unread);
    const manifests: { task: TaskManifest; projectRoot: string }[] = [];
    for (const { projectRoot } of projects) manifests.push(...(await tasksOf(host, projectRoot, unread)));
    const rows = manifests.flatMap(({ task, projectRoot }) => rowsOf(task, projectRoot, before));
    const runs = new Set(rows.map(({ run }) => run));
    const kept = [...before.values()].filter((row) => !runs.has(row.run) && isUnread(row, projects, unread));
    const all = [...rows, ...kept].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    const ended = new Set(all.filter(({ event }) => event === "ended").map(({ run }) => run));
    const paths = homePaths(home);
    await host.files.replaceFile(paths.recent, linesOf(all));
    await host.files.replaceFile(
      paths.active,
      linesOf(all.filter(({ event, run }) => event === "prepared" && !ended.has(run))),
    );
    return {
      projects: projects.length,
      tasks: manifests.length,
      runs: runs.size,
      kept: new Set(kept.map(({ run }) => run)).size,
      unread,
    };
  });
}

const linesOf = (rows: readonly IndexRow[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Whole rows of the index as it is, by event and run; what cannot be read is why one rebuilds. */
async function rowsBefore(host: Host, home: string): Promise<ReadonlyMap<string, IndexRow>> {
  const rows = new Map<string, IndexRow>();
  for (const line of ((await host.files.readText(homePaths(home).recent)) ?? "").split("\n")) {
    const row = rowIn(line);
    if (row !== undefined) rows.set(`${row.event} ${row.run}`, row);
  }
  return rows;
}

function rowIn(line: string): IndexRow | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const row: unknown = JSON.parse(line);
    return checkIndexRow(row) ? row : undefined;
  } catch {
    return undefined; // torn or rubbish: made anew from the manifests, or it was never a row
  }
}

/** The projects that are where the home knows them. */
async function readable(host: Host, home: string, unread: Unread[]): Promise<FoundProject[]> {
  const found: FoundProject[] = [];
  for (const project of await knownProjects(host, home)) {
    if ((await host.files.look(projectPaths(project.projectRoot).folder))?.kind === "folder") found.push(project);
    else unread.push({ path: project.projectRoot, why: `project ${project.projectId} is not there` });
  }
  return found;
}

async function tasksOf(
  host: Host,
  projectRoot: string,
  unread: Unread[],
): Promise<{ task: TaskManifest; projectRoot: string }[]> {
  const { tasks } = projectPaths(projectRoot);
  const found: { task: TaskManifest; projectRoot: string }[] = [];
  for (const group of await foldersIn(host, tasks))
    for (const folder of await foldersIn(host, group)) {
      const path = join(folder, "task-manifest.json");
      const text = await host.files.readText(path);
      if (text === undefined) continue;
      try {
        found.push({ task: parseJson(checkTaskManifest, text, "task manifest", path), projectRoot });
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        unread.push({ path, why: thrown.failure.message });
      }
    }
  return found;
}

const foldersIn = async (host: Host, folder: string): Promise<string[]> =>
  (await host.files.list(folder)).filter(({ kind }) => kind === "folder").map(({ name }) => join(folder, name));

/** A row for each run that was prepared, one more when it ended; the command that prepared it as the index had it. */
const rowsOf = (task: TaskManifest, projectRoot: string, before: ReadonlyMap<string, IndexRow>): IndexRow[] =>
  task.runs.flatMap((run) => {
    const { id, taskType, stage, seq, outcome } = run;
    const common = { schemaVersion, run: id, taskKey: task.key, taskType, stage, seq, projectRoot } as const;
    const prepared: IndexRow = {
      ...common,
      event: "prepared",
      outcome: null,
      time: run.startedAt,
      invocation: before.get(`prepared ${id}`)?.invocation ?? null,
      costUsd: null,
    };
    if (run.endedAt === null) return [prepared];
    const ended = { ...common, event: "ended", outcome, time: run.endedAt, invocation: null } as const;
    return [prepared, { ...ended, costUsd: run.usage.costUsd }];
  });

/** Whether the row's run stands in something that could not be read; else its task or its run was deleted. */
const isUnread = (row: IndexRow, projects: readonly FoundProject[], unread: readonly Unread[]): boolean =>
  !projects.some(({ projectRoot }) => projectRoot === row.projectRoot) ||
  unread.some(({ path }) => path.startsWith(`${projectPaths(row.projectRoot).tasks}/`));
