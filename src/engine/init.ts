/** Registers a project: writes `.okstra/project.json`, its `.gitignore`, and where the project is into the home. */
import { basename, join, resolve } from "node:path";
import { projectPaths, segment } from "../lifecycle/index.ts";
import { fault, take } from "../model/index.ts";
import { openHome, registerProject } from "../registry/index.ts";
import { detectQaCommands } from "../settings/index.ts";
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
  readonly notes: readonly string[];
};

/** Files whose content tells which commands check a project. */
const clues = ["package.json", "Makefile", "pyproject.toml", "Cargo.toml", "go.mod"];

export async function initProject(world: World, ask: InitAsk): Promise<Initialised> {
  take(await openHome(world.host, world.home));
  const repository = await world.host.git.repository(ask.cwd);
  const projectRoot = repository?.root ?? resolve(ask.cwd);
  const paths = projectPaths(projectRoot);
  const notes =
    repository === undefined
      ? ["not a git repository: runs work in the folder itself, and implementation is not possible"]
      : [];
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
    return { projectId, projectRoot, already: true, project: await readBack(world, paths.project), notes };
  }
  const project = await proposal(world, projectRoot, ask);
  take(await registerProject(world.host, world.home, { projectId: project.projectId, projectRoot }));
  await world.host.files.replaceFile(paths.gitignore, "*\n!.gitignore\n!project.json\n");
  await world.host.files.replaceFile(paths.project, `${JSON.stringify(project, null, 2)}\n`, { durable: true });
  return { projectId: project.projectId, projectRoot, already: false, project, notes };
}

async function proposal(world: World, projectRoot: string, ask: InitAsk): Promise<Project> {
  const { files } = world.host;
  const texts: Record<string, string> = {};
  for (const name of clues) {
    const text = await files.readText(join(projectRoot, name));
    if (text !== undefined) texts[name] = text;
  }
  const copied = ask.copyFiles ?? ((await files.look(join(projectRoot, ".env"))) === undefined ? [] : [".env"]);
  return {
    schemaVersion: 1,
    projectId: ask.projectId ?? segment(basename(projectRoot)),
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
