/** A person lets a blocking item pass. */
import { override as overrideItem } from "../../engine/index.ts";
import { printKey, shellWord, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { OverrideOptions } from "../commands/override.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { hint, oneLine } from "../text.ts";

export async function override(context: Context, { subject, item, reason }: OverrideOptions): Promise<Answer> {
  const run = subject.is === "run" ? subject.run : null;
  const key = subject.is === "run" ? subject.run.key : await keyOf(context, subject.task);
  const { world, cwd, via } = context;
  const done = take(await overrideItem(world, { cwd, key, run, item, reason, via }));
  const task = printKey(key);
  const stage = done.scope === "task" ? "" : ` --stage ${done.scope.replace("stage-", "")}`;
  const again =
    done.taskType === "implementation"
      ? `okstra implement ${shellWord(task)}${stage}`
      : `okstra run --task-key ${shellWord(task)} --task-type final-verification${stage}`;
  return {
    json: { record: done.record },
    text: (paint) =>
      [
        `${paint.good("✓")} ${done.record.item.id} (${oneLine(done.title)}) blocks no more from the next run on`,
        ...hint(again, paint),
      ].join("\n"),
    exit: 0,
  };
}
