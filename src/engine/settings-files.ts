/** Reads the two settings files of a call and resolves what holds. */
import { homePaths, projectPaths } from "../lifecycle/index.ts";
import { fault, take } from "../model/index.ts";
import { parseConfig, parseProject, resolveSettings } from "../settings/index.ts";
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
  const sourceOf = (key: string): string => table.find((row) => row.key === key)?.source ?? "built in";
  return { projectRoot, projectId: project.projectId, settings: values, sourceOf };
}
