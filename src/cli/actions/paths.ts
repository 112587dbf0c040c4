/** Where okstra keeps what. */
import { join } from "node:path";
import { projectHere } from "../../engine/index.ts";
import { homePaths, projectPaths } from "../../lifecycle/index.ts";
import { take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { Context } from "../context.ts";
import { columns, oneLine } from "../text.ts";

export async function paths({ world, cwd }: Context): Promise<Answer> {
  const here = await projectHere(world, cwd);
  const outside = !here.ok && here.error.reason === "not-a-project";
  const root = outside ? null : take(here).projectRoot;
  const found = {
    home: textsOf(homePaths(world.home)),
    project: root === null ? null : { root, ...textsOf(projectPaths(root)) },
    package: packagePaths(world.host.machine.packageRoot),
  };
  return {
    json: found,
    text: (paint) =>
      Object.entries(found)
        .flatMap(([name, part]) => [
          paint.strong(name),
          ...(part === null
            ? ["  not in a project"]
            : columns(Object.entries(part).map(([key, path]) => [`  ${key}`, oneLine(path)]))),
        ])
        .join("\n"),
    exit: 0,
  };
}

const packagePaths = (folder: string): Record<string, string> => ({
  folder,
  prompts: join(folder, "prompts"),
  schemas: join(folder, "schemas"),
  demo: join(folder, "demo"),
  skills: join(folder, "skills"),
});

/** The paths among what a path table holds; functions of a task or run are left out, a group of paths is flattened. */
function textsOf(table: Readonly<Record<string, unknown>>, before = ""): Record<string, string> {
  const pairs = Object.entries(table).flatMap(([key, value]): [string, string][] => {
    if (typeof value === "string") return [[before + key, value]];
    return typeof value === "object" && value !== null ? Object.entries(textsOf({ ...value }, `${before + key}.`)) : [];
  });
  return Object.fromEntries(pairs);
}
