/**
 * Where projects are. `projects/<id>/meta.json` in the home is the authority: a `project.json` may be committed, and then lies
 * in every worktree and clone as well, of which only one is the project.
 */
import { dirname, join, relative, resolve, sep } from "node:path";
import { checkProjectMeta } from "../generated/registry.check.js";
import { type Host, isoTime } from "../host/index.ts";
import { homePaths, isReservedProject, projectPaths, segment } from "../lifecycle/index.ts";
import { type Fault, fault, schemaVersion } from "../model/index.ts";
import { type JsonFile, readDocument, writeDocument } from "./json-file.ts";
import { projectLock, withLock } from "./lock-names.ts";
import type { ProjectMeta } from "./registry.schema.ts";

export type FoundProject = { readonly projectId: string; readonly projectRoot: string };

/**
 * The project that a folder belongs to, or undefined: by walking up to a `.okstra/project.json`; from inside a worktree in the
 * home, or a linked worktree of the project's repository, the project it was made from. Throws `config-unreadable`, `newer-version`,
 * and `segment-taken` in a second clone, naming both.
 */
export async function findProject(host: Host, home: string, cwd: string): Promise<FoundProject | undefined> {
  const start = (await host.files.realPath(cwd)) ?? resolve(cwd);
  const treeOf = await projectOfHomeTree(host, home, start);
  if (treeOf !== undefined) return await registered(host, home, treeOf);
  for (const folder of upwards(start)) {
    const found = await projectAt(host, folder);
    if (found !== undefined) return await authoritative(host, home, found);
    if ((await host.files.look(join(folder, ".git")))?.kind === "file") {
      const main = await projectOfMainWorktree(host, folder);
      if (main !== undefined) return await authoritative(host, home, main);
    }
  }
  return undefined;
}

/** Where the project with this id is, or undefined when none is registered. Throws `not-a-project` when it is there no more. */
export async function projectRootOf(host: Host, home: string, projectId: string): Promise<string | undefined> {
  const meta = await readMeta(host, home, projectId);
  if (meta === undefined) return undefined;
  if (await isProject(host, meta)) return meta.projectRoot;
  const isThere = (await host.files.look(meta.projectRoot)) !== undefined;
  const init = `okstra init --project-id "${meta.projectId}"`;
  throw fault(
    "not-a-project",
    `Project "${meta.projectId}" was at ${meta.projectRoot}, which ${isThere ? "does not say so any more" : "is gone"}`,
    isThere
      ? `Register it again: ${init} --cwd "${meta.projectRoot}"; where it was moved: ${init}`
      : `Run this in the folder it was moved to: ${init}`,
    { ...meta },
  );
}

/** Every project that the home knows, wherever it is now. Throws `malformed` for a record that cannot be read. */
export async function knownProjects(host: Host, home: string): Promise<FoundProject[]> {
  const found: FoundProject[] = [];
  for (const { name, kind } of await host.files.list(homePaths(home).projects)) {
    const meta = kind === "folder" ? await readMeta(host, home, name) : undefined;
    if (meta !== undefined) found.push({ projectId: meta.projectId, projectRoot: meta.projectRoot });
  }
  return found;
}

/** Under which id the home knows the project at this folder, whether the folder still says so or not. */
export async function projectIdAt(host: Host, home: string, folder: string): Promise<string | undefined> {
  for (const { name, kind } of await host.files.list(homePaths(home).projects)) {
    if (kind !== "folder") continue;
    const meta = await readMeta(host, home, name);
    if (meta !== undefined && (await sameFolder(host, meta.projectRoot, folder))) return meta.projectId;
  }
  return undefined;
}

/**
 * Records where a project is, durably; again for the same place changes nothing, and a project that moved is moved. Throws
 * `segment-taken` when another project that exists has the same id or one of the same file-system form, naming both.
 */
export async function registerProject(host: Host, home: string, project: FoundProject): Promise<void> {
  refuseReserved(project.projectId, "Choose another: okstra init --project-id NAME");
  const projectRoot = (await host.files.realPath(project.projectRoot)) ?? resolve(project.projectRoot);
  await withLock(host, projectLock(home, project.projectId), `register ${project.projectId}`, async () => {
    const before = await readMeta(host, home, project.projectId);
    if (before !== undefined) {
      const sameRoot = await sameFolder(host, before.projectRoot, projectRoot);
      if (sameRoot && before.projectId === project.projectId) return;
      if (!sameRoot && (await isProject(host, before))) throw taken(before, { ...project, projectRoot });
    }
    const { projectId } = project;
    const meta: ProjectMeta = { schemaVersion, projectId, projectRoot, updatedAt: isoTime(host.clock) };
    await writeDocument(host, metaFile(home, projectId), meta, { durable: true });
  });
}

/** The project's segment, when the folder is in `<home>/worktrees/<project>/`; what is checked out there is no project itself. */
async function projectOfHomeTree(host: Host, home: string, folder: string): Promise<string | undefined> {
  const trees = await host.files.realPath(homePaths(home).worktrees);
  if (trees === undefined || !folder.startsWith(`${trees}${sep}`)) return undefined;
  return relative(trees, folder).split(sep)[0];
}

async function registered(host: Host, home: string, projectId: string): Promise<FoundProject | undefined> {
  const projectRoot = await projectRootOf(host, home, projectId);
  return projectRoot === undefined ? undefined : await projectAt(host, projectRoot);
}

/** The project in the main worktree of the linked worktree at `folder`, or above the main worktree's top folder. */
async function projectOfMainWorktree(host: Host, folder: string): Promise<FoundProject | undefined> {
  const repository = await host.git.repository(folder);
  return repository?.linked === true ? await projectAt(host, repository.mainRoot) : undefined;
}

/** What was found, unless the home knows the project elsewhere: then that, if this is a worktree of the same repository. */
async function authoritative(host: Host, home: string, found: FoundProject): Promise<FoundProject> {
  const meta = await readMeta(host, home, found.projectId);
  if (meta === undefined || (await sameFolder(host, meta.projectRoot, found.projectRoot))) return found;
  if (!(await isProject(host, meta))) return found;
  const [here, there] = await Promise.all([
    host.git.repository(found.projectRoot),
    host.git.repository(meta.projectRoot),
  ]);
  if (here !== undefined && here.commonDir === there?.commonDir) {
    return { projectId: meta.projectId, projectRoot: meta.projectRoot };
  }
  throw taken(meta, found);
}

async function projectAt(host: Host, folder: string): Promise<FoundProject | undefined> {
  const path = projectPaths(folder).project;
  const text = await host.files.readText(path);
  if (text === undefined) return undefined;
  return { projectId: idIn(text, path), projectRoot: folder };
}

/** Only what finding needs, of a version that is known; settings read the file in full and name what else is wrong with it. */
function idIn(text: string, path: string): string {
  const input = jsonOf(text, path);
  if (typeof input !== "object" || input === null) throw unreadable(path, "it is not a JSON object");
  const version = "schemaVersion" in input ? input.schemaVersion : undefined;
  if (typeof version === "number" && version > schemaVersion) throw newer(path, version);
  const projectId = "projectId" in input ? input.projectId : undefined;
  if (typeof projectId !== "string" || projectId === "") throw unreadable(path, "projectId is missing or not a text");
  refuseReserved(projectId, `Change projectId in ${path}`);
  return projectId;
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw unreadable(path, `it is not JSON: ${thrown.message}`);
  }
}

/** Whether the place that the home knows is still that project. */
async function isProject(host: Host, meta: FoundProject): Promise<boolean> {
  const there = await projectAt(host, meta.projectRoot);
  return there !== undefined && segment(there.projectId) === segment(meta.projectId);
}

const sameFolder = async (host: Host, a: string, b: string): Promise<boolean> =>
  resolve(a) === resolve(b) || ((await host.files.realPath(a)) ?? a) === ((await host.files.realPath(b)) ?? b);

function* upwards(folder: string): Generator<string> {
  for (let at = folder; ; at = dirname(at)) {
    yield at;
    if (at === dirname(at)) return;
  }
}

const readMeta = (host: Host, home: string, projectId: string): Promise<ProjectMeta | undefined> =>
  readDocument(host, metaFile(home, projectId));

const metaFile = (home: string, projectId: string): JsonFile<ProjectMeta> => ({
  path: homePaths(home).projectMeta(projectId),
  what: "project record",
  check: checkProjectMeta,
  remedy: `Remove ${homePaths(home).projectMeta(projectId)} and run okstra init in the project's folder`,
});

function refuseReserved(projectId: string, remedy: string): void {
  if (!isReservedProject(projectId)) return;
  throw fault(
    "segment-taken",
    `"${projectId}" cannot be the id of a project: okstra itself uses the name ${segment(projectId)} beside the projects`,
    remedy,
    { projectId },
  );
}

const newer = (path: string, seen: number): Fault =>
  fault(
    "newer-version",
    `${path} has schemaVersion ${seen}; this okstra knows ${schemaVersion}`,
    "Update okstra: npm install -g okstra@latest",
    { path, schemaVersion: seen, known: schemaVersion },
  );

const unreadable = (path: string, why: string): Fault =>
  fault("config-unreadable", `${path} cannot be read: ${why}`, `Correct ${path}, or remove it and run okstra init`, {
    path,
    why,
  });

const taken = (there: FoundProject, wanted: FoundProject): Fault =>
  fault(
    "segment-taken",
    `Project "${wanted.projectId}" at ${wanted.projectRoot}: "${there.projectId}" at ${there.projectRoot} has that id already`,
    `Choose another id in ${projectPaths(wanted.projectRoot).folder} (okstra init --project-id), or work in ${there.projectRoot}`,
    { wanted, existing: { projectId: there.projectId, projectRoot: there.projectRoot } },
  );
