/** The project's task catalog and its latest task: projections that read commands show. */
import { checkCatalog, checkLatestTask } from "../generated/task.check.js";
import type { Host } from "../host/index.ts";
import { projectPaths } from "../lifecycle/index.ts";
import type { Catalog, CatalogEntry, LatestTask } from "../lifecycle/task.schema.ts";
import { schemaVersion } from "../model/index.ts";
import { type JsonFile, readDocument, writeDocument } from "./json-file.ts";
import { projectLock, withLock } from "./lock-names.ts";

/** Every task of the project, sorted by key; empty when there is no file. */
export const readCatalog = async (host: Host, projectRoot: string): Promise<Catalog> =>
  (await readDocument(host, catalogFile(projectRoot))) ?? { schemaVersion, tasks: [] };

type Of = { readonly projectId: string; readonly projectRoot: string };

/** Puts a task into the catalog, in place of its entry before, under the project lock. */
export async function updateCatalog(host: Host, home: string, project: Of, entry: CatalogEntry): Promise<void> {
  await withLock(host, projectLock(home, project.projectId), `catalog ${entry.key}`, async () => {
    const { tasks } = await readCatalog(host, project.projectRoot);
    const others = tasks.filter((task) => task.key !== entry.key);
    const sorted = [...others, entry].sort((a, b) => (a.key < b.key ? -1 : 1));
    await writeDocument(host, catalogFile(project.projectRoot), { schemaVersion, tasks: sorted });
  });
}

/**
 * Writes the catalog anew with what `tasks` gives, under the project lock; one that could not be read is written over, since it only
 * lists tasks whose folders stay.
 */
export async function rebuildCatalog(
  host: Host,
  home: string,
  project: Of,
  tasks: () => Promise<readonly CatalogEntry[]>,
): Promise<void> {
  await withLock(host, projectLock(home, project.projectId), "rebuild the catalog", async () => {
    const sorted = [...(await tasks())].sort((a, b) => (a.key < b.key ? -1 : 1));
    await writeDocument(host, catalogFile(project.projectRoot), { schemaVersion, tasks: sorted });
  });
}

/** The task last touched, or undefined. */
export const readLatestTask = (host: Host, projectRoot: string): Promise<LatestTask | undefined> =>
  readDocument(host, latestFile(projectRoot));

export const writeLatestTask = (host: Host, projectRoot: string, latest: LatestTask): Promise<void> =>
  writeDocument(host, latestFile(projectRoot), latest);

const catalogFile = (projectRoot: string): JsonFile<Catalog> => ({
  path: projectPaths(projectRoot).catalog,
  what: "task catalog",
  check: checkCatalog,
  remedy: "Have it made again from the tasks: okstra doctor --fix",
});

const latestFile = (projectRoot: string): JsonFile<LatestTask> => ({
  path: projectPaths(projectRoot).latestTask,
  what: "latest task",
  check: checkLatestTask,
  remedy: `Remove ${projectPaths(projectRoot).latestTask}: the next run writes it again`,
});
