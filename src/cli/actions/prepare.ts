/** Prepares a run and stops. */
import { relative } from "node:path";
import { prepare as prepareRun } from "../../engine/index.ts";
import { runPaths } from "../../lifecycle/index.ts";
import { readRun, shellWord, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { PrepareOptions } from "../commands/prepare.ts";
import type { Context } from "../context.ts";
import { requestOf } from "../request.ts";
import { columns, hint, oneLine } from "../text.ts";

export async function prepare(context: Context, options: PrepareOptions): Promise<Answer> {
  const request = await requestOf(context, options.ask);
  if (options.dryRun) return await (await import("./dry-run.ts")).dryRun(context, request);
  const prepared = take(await prepareRun(context.world, request));
  const { project, summary, prompts, manifest } = prepared;
  const path = runPaths(project.projectRoot, readRun(summary.id)).manifest;
  const below = (file: string): string => oneLine(relative(context.cwd, file) || file);
  return {
    json: { ...summary, prompts, manifest: path },
    exit: 0,
    text: (paint) => {
      const { worktree, stage } = summary;
      const facts = [
        ["manifest", below(path)],
        ...(worktree === null ? [] : [["worktree", `${oneLine(worktree.path)} (${worktree.status})`]]),
        ...(worktree?.branch == null ? [] : [["branch", oneLine(worktree.branch)]]),
        ...manifest.roster.map((spec) => [spec.role, `${oneLine(spec.worker)} ${oneLine(spec.model)}`]),
        ...prompts.map((prompt) => ["prompt", below(prompt)]),
        ...manifest.notes.map((note) => ["note", oneLine(note)]),
      ];
      return [
        `${paint.good("✓")} ${paint.strong(oneLine(summary.id))}: prepared`,
        ...(stage === null ? [] : [`  selected stages: ${stage}`]),
        ...columns(facts).map((line) => `  ${line}`),
        ...hint(`okstra resume ${shellWord(summary.id)}`, paint),
      ].join("\n");
    },
  };
}
