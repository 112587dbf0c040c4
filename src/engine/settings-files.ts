/** Reads the two settings files of a call and resolves what holds. */
import { homePaths, projectPaths } from "../lifecycle/index.ts";
import { fault, take } from "../model/index.ts";
import { findProject } from "../registry/index.ts";
import { parseConfig, parseProject, resolveSettings, type Settings } from "../settings/index.ts";
import type { ProjectPlace, World } from "./world.ts";

export async function checkSettings(world: World, projectRoot: string): Promise<ProjectPlace> {
  const { files, machine } = world.host;
  const projectFile = projectPaths(projectRoot).project;
  const projectText = await files.readText(projectFile);
  if (projectText === undefined)
    throw fault("not-a-project", `${projectFile} is gone`, "Run okstra init in the project's folder", { projectRoot });
  const globalFile = homePaths(world.home).config;
  const globalText = await files.readText(globalFile);
  const project = take(parseProject(projectText, projectFile));
  const global = globalText === undefined ? undefined : take(parseConfig(globalText, globalFile));
  const { values, table } = take(resolveSettings({ global, project, env: machine.env, flags: {} }));
  return { projectRoot, projectId: project.projectId, settings: values, sourceOf: sourceIn(table) };
}

const sourceIn =
  (table: readonly { readonly key: string; readonly source: string }[]) =>
  (key: string): string =>
    table.find((row) => row.key === key)?.source ?? "built in";

/** What holds in a folder, in a project or not, for who looks at a place where nothing may be in order: a layer that cannot be read is left out. */
export async function settingsAround(
  world: World,
  cwd: string,
): Promise<{ readonly settings: Settings; readonly sourceOf: (key: string) => string }> {
  const { files, machine } = world.host;
  const found = await findProject(world.host, world.home, cwd);
  const projectFile = found.ok && found.value !== undefined ? projectPaths(found.value.projectRoot).project : undefined;
  const globalFile = homePaths(world.home).config;
  const projectText = projectFile === undefined ? undefined : await files.readText(projectFile);
  const project = parseProject(projectText ?? "", projectFile ?? "");
  const global = parseConfig((await files.readText(globalFile)) ?? "", globalFile);
  const layers = {
    global: global.ok ? global.value : undefined,
    project: project.ok ? project.value : undefined,
    flags: {},
  };
  const all = resolveSettings({ ...layers, env: machine.env });
  const { values, table } = all.ok ? all.value : take(resolveSettings({ ...layers, env: {} }));
  return { settings: values, sourceOf: sourceIn(table) };
}
