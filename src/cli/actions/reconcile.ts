/** The records of tasks, brought back to what is true. */
import { reconcile as bringBack, type Reconciled } from "../../engine/index.ts";
import { shellWord, take } from "../../model/index.ts";
import type { ReconcileAnswer } from "../answers.schema.ts";
import type { Answer } from "../command.ts";
import type { ReconcileOptions } from "../commands/reconcile.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import type { Paint } from "../paint.ts";
import { oneLine } from "../text.ts";

export async function reconcile(context: Context, { task, accept }: ReconcileOptions): Promise<Answer> {
  const key = task === null ? null : await keyOf(context, task);
  const tasks = take(await bringBack(context.world, { cwd: context.cwd, key, accept }));
  const json = { tasks: tasks as ReconcileAnswer["tasks"] } satisfies Omit<ReconcileAnswer, "schemaVersion">;
  return {
    json,
    text: (paint) => (tasks.length === 0 ? "No task yet" : tasks.flatMap((one) => linesOf(one, paint)).join("\n")),
    exit: tasks.some(({ left }) => left.length > 0) ? 3 : 0,
  };
}

function linesOf({ key, undone, recorded, rows, corrected, accepted, left }: Reconciled, paint: Paint): string[] {
  const did = [
    ...undone.map((run) => `undid ${run}, whose prepare was killed`),
    ...recorded.map((run) => `wrote the record of ${run}, which had ended`),
    ...rows.map(({ stage, status, run }) => `wrote the lost row again: stage ${stage} ${status} (${run})`),
    ...corrected.map(({ what, stage, from, to, by }) => {
      const named =
        what === "stage" ? `stage ${stage}` : what === "anchor" ? "the base of the plan's stages" : "the task's base";
      return `corrected ${named}: ${from.slice(0, 12)} is now ${to?.slice(0, 12)} (by ${by})`;
    }),
    ...accepted.map(
      ({ stage, head, merged }) =>
        `stage ${stage} counts as done at ${head.slice(0, 12)}${merged ? "" : `; merge it: okstra integrate ${shellWord(key)}`}`,
    ),
  ];
  if (did.length + left.length === 0) return [`${paint.good("✓")} ${oneLine(key)}: all agrees`];
  return [
    `${left.length === 0 ? paint.good("✓") : paint.warn("!")} ${oneLine(key)}`,
    ...did.map((line) => `  ${oneLine(line)}`),
    ...left.flatMap(({ what, why, remedy }) => [
      `  ${paint.warn("left:")} ${oneLine(what)}: ${oneLine(why)}`,
      `    ${paint.faint("↳")} ${oneLine(remedy)}`,
    ]),
  ];
}
