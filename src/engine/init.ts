/** Registers a project: writes `.okstra/project.json`, its `.gitignore`, and where the project is into the home. */
import { basename, join, resolve, sep } from "node:path";
import { homePaths, projectPaths, segment } from "../lifecycle/index.ts";
import { fault, take } from "../model/index.ts";
import { findProject, openHome, projectIdAt, registerProject } from "../registry/index.ts";
import { detectQaCommands, qaSources } from "../settings/index.ts";
import type { Project } from "../settings/settings.schema.ts";
import { checkSettings } from "./settings-files.ts";
import type { World } from "./world.ts";

export type InitAsk = {
  readonly cwd: string;
  readonly projectId: string | null;
  readonly syncDirs: readonly string[] | null;
  readonly copyFiles: readonly string[] | null;
};

export type Initialised = {
  readonly projectId: string;
  readonly projectRoot: string;
  readonly already: boolean;
  readonly project: Project;
  /** The branch that is checked out: what a first task most likely starts from. */
  readonly branch: string | null;
  readonly notes: readonly string[];
};

export async function initProject(world: World, ask: InitAsk): Promise<Initialised> {
  await refuseOwnTree(world, ask.cwd);
  take(await openHome(world.host, world.home));
  const repository = await world.host.git.repository(ask.cwd);
  const projectRoot = repository?.root ?? resolve(ask.cwd);
  const paths = projectPaths(projectRoot);
  const notes =
    repository === undefined
      ? ["not a git repository: runs work in the folder itself, and implementation is not possible"]
      : [];
  const branch = repository === undefined ? null : ((await world.host.git.head(projectRoot))?.branch ?? null);
  if ((await world.host.files.look(paths.project)) !== undefined) {
    const { projectId } = await checkSettings(world, projectRoot);
    if (ask.projectId !== null && segment(ask.projectId) !== segment(projectId)) {
      throw fault(
        "segment-taken",
        `This project is registered as "${projectId}" already`,
        `Go on with ${projectId}; the id of a project never changes`,
        { projectId },
      );
    }
    take(await registerProject(world.host, world.home, { projectId, projectRoot }));
    const project = await readBack(world, paths.project);
    return { projectId, projectRoot, already: true, project, branch, notes: [...notes, ...withoutChecks(project)] };
  }
  const project = await proposal(world, projectRoot, ask);
  take(await registerProject(world.host, world.home, { projectId: project.projectId, projectRoot }));
  await world.host.files.replaceFile(paths.gitignore, "*\n!.gitignore\n!project.json\n");
  await world.host.files.replaceFile(paths.project, `${JSON.stringify(project, null, 2)}\n`, { durable: true });
  const shared =
    repository === undefined
      ? []
      : ["git add .okstra: project.json and .gitignore are to be shared, git ignores the rest"];
  const { projectId } = project;
  return {
    projectId,
    projectRoot,
    already: false,
    project,
    branch,
    notes: [...notes, ...withoutChecks(project), ...shared],
  };
}

/** A worktree that okstra made is checked out of a project, and is none itself. */
async function refuseOwnTree({ host, home }: World, cwd: string): Promise<void> {
  const trees = await host.files.realPath(homePaths(home).worktrees);
  const here = (await host.files.realPath(cwd)) ?? resolve(cwd);
  if (trees === undefined || !`${here}${sep}`.startsWith(`${trees}${sep}`)) return;
  const project = take(await findProject(host, home, cwd));
  throw fault(
    "usage",
    project === undefined
      ? `${here} is in okstra's home, where worktrees lie`
      : `${here} is a worktree that okstra made of the project "${project.projectId}"`,
    project === undefined
      ? "Run okstra init in the project's own folder"
      : `The project is registered, at ${project.projectRoot}; okstra works from here as from there`,
    { folder: here, project: project?.projectId ?? null },
  );
}

/** Without a check of its own a project is only tested by what plans name. */
const withoutChecks = ({ qaCommands }: Project): readonly string[] =>
  Object.keys(qaCommands ?? {}).length > 0
    ? []
    : ['no check was found; name yours in .okstra/project.json: "qaCommands": {"test": "the command"}'];

async function proposal(world: World, projectRoot: string, ask: InitAsk): Promise<Project> {
  const { files } = world.host;
  const texts: Record<string, string> = {};
  for (const name of qaSources) {
    // A lock file only has to be there.
    const lock = /lock/.test(name) && (await files.look(join(projectRoot, name))) !== undefined;
    const text = lock ? "" : await files.readText(join(projectRoot, name));
    if (text !== undefined) texts[name] = text;
  }
  const copied = ask.copyFiles ?? ((await files.look(join(projectRoot, ".env"))) === undefined ? [] : [".env"]);
  return {
    schemaVersion: 1,
    projectId:
      ask.projectId ?? take(await projectIdAt(world.host, world.home, projectRoot)) ?? segment(basename(projectRoot)),
    projectRoot: ".",
    worktreeSyncDirs: [...(ask.syncDirs ?? (await linkable(world, projectRoot)))],
    worktreeCopyFiles: [...copied],
    qaCommands: detectQaCommands(texts),
  };
}

/** Ignored dependency folders that worktrees need and that are there now. */
async function linkable(world: World, projectRoot: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of ["node_modules", ".venv", "vendor"]) {
    if ((await world.host.files.look(join(projectRoot, name)))?.kind !== "folder") continue;
    if (
      (await world.host.git.repository(projectRoot)) !== undefined &&
      (await world.host.git.isIgnored(projectRoot, name))
    )
      found.push(name);
  }
  return found;
}

async function readBack(world: World, path: string): Promise<Project> {
  return JSON.parse((await world.host.files.readText(path)) ?? "{}") as Project;
}
