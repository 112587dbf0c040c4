/** Registers a project. */
import { initProject } from "../../engine/index.ts";
import { take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { InitOptions } from "../commands/init.ts";
import type { Context } from "../context.ts";
import { columns, hint, oneLine } from "../text.ts";

export async function init(context: Context, options: InitOptions): Promise<Answer> {
  const { projectId, projectRoot, already, project, branch, notes } = take(
    await initProject(context.world, { cwd: context.cwd, ...options }),
  );
  const listed = (names: readonly string[] | undefined): string => oneLine((names ?? []).join(", ")) || "none";
  return {
    json: { projectId, projectRoot, already, project, branch, notes },
    exit: 0,
    text: (paint) =>
      [
        `${paint.good("✓")} ${oneLine(projectRoot)} is ${already ? "registered already" : "registered"} as project ${paint.strong(oneLine(projectId))}`,
        ...columns([
          ["  linked into worktrees", listed(project.worktreeSyncDirs)],
          ["  copied into worktrees", listed(project.worktreeCopyFiles)],
          ...Object.entries(project.qaCommands ?? {}).map(([name, command]) => [
            `  ${oneLine(name)}`,
            oneLine(String(command)),
          ]),
          ...notes.map((note) => ["  note", oneLine(note)]),
        ]),
        ...hint(
          `okstra run BRIEF --task-key ${projectId}/<group>/<task> --task-type error-analysis --base-ref ${branch ?? "BRANCH"}`,
          paint,
        ),
      ].join("\n"),
  };
}
