/** Tasks that a task leaves behind. */
import { type LeftBehind, listFollowUps, type Spawned, spawnFollowUps, taskStatus } from "../../engine/index.ts";
import { printKey, readTaskKey, shellWord, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { FollowupsOptions } from "../commands/followups.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { nextStep } from "../next-step.ts";
import { columns, hint, oneLine, shortened } from "../text.ts";

export async function followups(context: Context, { action, task, only, group }: FollowupsOptions): Promise<Answer> {
  const { world, cwd } = context;
  const key = await keyOf(context, task);
  if (action === "list") return listed(printKey(key), take(await listFollowUps(world, cwd, key)));
  return await spawned(context, printKey(key), take(await spawnFollowUps(world, { cwd, key, only, group })));
}

function listed(task: string, rows: readonly LeftBehind[]): Answer {
  const open = rows.filter(({ key }) => key === null).map(({ id }) => id);
  const lines = rows.map(({ id, kind, taskType, title, key }) => [
    oneLine(id),
    kind,
    taskType,
    oneLine(key ?? "-"),
    shortened(title, 80),
  ]);
  return {
    json: { task, rows: rows.map((row) => ({ ...row, made: null })) },
    exit: 0,
    text: (paint) =>
      rows.length === 0
        ? `${task} leaves no task behind`
        : [
            ...columns([["ID", "KIND", "TASK TYPE", "TASK", "TITLE"], ...lines]),
            ...hint(
              open.length === 0 ? undefined : `okstra followups spawn ${shellWord(task)} --only ${open.join(",")}`,
              paint,
            ),
          ].join("\n"),
  };
}

async function spawned({ world, cwd }: Context, task: string, rows: readonly Spawned[]): Promise<Answer> {
  const [first] = rows;
  const next = first === undefined ? undefined : nextStep(take(await taskStatus(world, cwd, readTaskKey(first.key))));
  return {
    json: { task, rows },
    exit: 0,
    text: (paint) =>
      [
        ...rows.map(
          ({ key, made, title }) =>
            `${paint.good("✓")} ${paint.strong(oneLine(key))} ${made === "now" ? "is made" : "was there already"}: ${shortened(title, 100)}`,
        ),
        ...hint(next, paint),
      ].join("\n"),
  };
}
