/** A person reopens a finished task for a fix, or closes it again. */
import { closeFixCycle, openFixCycle } from "../../engine/index.ts";
import { printKey, shellWord, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { FixcycleOptions } from "../commands/fixcycle.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { hint, oneLine } from "../text.ts";

export async function fixcycle(context: Context, options: FixcycleOptions): Promise<Answer> {
  const { world, cwd, via } = context;
  const key = await keyOf(context, options.task);
  const task = printKey(key);
  if (options.action === "open") {
    const fixCycle = take(await openFixCycle(world, { cwd, key, reason: options.reason, via }));
    return {
      json: { task, fixCycle, as: null },
      exit: 0,
      text: (paint) =>
        [
          `${paint.good("✓")} Fix cycle ${fixCycle.cycle} of ${paint.strong(oneLine(task))} is open; it reopens ${oneLine(fixCycle.reopens)}`,
          ...hint(`okstra go ${shellWord(task)}`, paint),
        ].join("\n"),
    };
  }
  const { cycle, as } = take(await closeFixCycle(world, { cwd, key, note: options.note, drop: options.drop, via }));
  const ended = as === "dropped" ? "given up; the task stands where it stood before" : "closed";
  return {
    json: { task, fixCycle: cycle, as },
    exit: 0,
    text: (paint) => `${paint.good("✓")} Fix cycle ${cycle.cycle} of ${paint.strong(oneLine(task))} is ${ended}`,
  };
}
