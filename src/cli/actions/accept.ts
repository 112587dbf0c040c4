/** A person takes the residual risks of the newest verification. */
import { accept as acceptRisks } from "../../engine/index.ts";
import { shortContent } from "../../lifecycle/index.ts";
import { printKey, shellWord, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { AcceptOptions } from "../commands/accept.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { hint, oneLine } from "../text.ts";

export async function accept(context: Context, { task, content, reason }: AcceptOptions): Promise<Answer> {
  const key = await keyOf(context, task);
  const done = take(await acceptRisks(context.world, { cwd: context.cwd, key, content, reason, via: context.via }));
  return {
    json: { run: done.run, content: done.content, record: done.record, report: done.report },
    text: (paint) =>
      [
        `${paint.good("✓")} The residual risks of ${oneLine(done.run)} are taken by ${oneLine(done.record.who)}: content ${shortContent(done.content)}`,
        ...hint(`okstra handoff ${shellWord(printKey(key))} --action commit-only`, paint),
      ].join("\n"),
    exit: 0,
  };
}
