/** Sends the newest plan back. */
import { reject as rejectPlan } from "../../engine/index.ts";
import { printKey, shellWord, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { RejectOptions } from "../commands/reject.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { hint } from "../text.ts";

export async function reject(context: Context, { task, reason }: RejectOptions): Promise<Answer> {
  const key = await keyOf(context, task);
  const { item, run, marked } = take(
    await rejectPlan(context.world, { cwd: context.cwd, key, reason, via: context.via }),
  );
  const again = `okstra run --task-key ${shellWord(printKey(key))} --task-type implementation-planning`;
  return {
    json: { clarification: item },
    text: (paint) =>
      [
        `${paint.good("✓")} The plan is sent back; the reason is ${item.id}`,
        ...(marked
          ? []
          : [
              `  Its report does not say so: it was changed after okstra wrote it (okstra validate run ${shellWord(run)})`,
            ]),
        ...hint(again, paint),
      ].join("\n"),
    exit: 0,
  };
}
