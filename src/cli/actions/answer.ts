/** A person's answer to a question. */
import { answer as answerItem } from "../../engine/index.ts";
import { printKey, shellWord, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { AnswerOptions } from "../commands/answer.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { hint, shortened } from "../text.ts";

export async function answer(context: Context, { task, id, text }: AnswerOptions): Promise<Answer> {
  const key = await keyOf(context, task);
  const said = text === "-" ? (await context.terminal.readInput()).trim() : text;
  const { item, replaced } = take(await answerItem(context.world, { cwd: context.cwd, key, id, text: said }));
  return {
    json: { clarification: item, replaced },
    text: (paint) =>
      [
        `${paint.good("✓")} ${item.id} is answered: ${shortened(item.userInput ?? "", 120)}`,
        ...(replaced === null ? [] : [`  This replaces the answer before: ${shortened(replaced, 120)}`]),
        ...hint(`okstra go ${shellWord(printKey(key))}`, paint),
      ].join("\n"),
    exit: 0,
  };
}
