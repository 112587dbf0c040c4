/** Hands accepted work over. */
import { resolve } from "node:path";
import { start } from "../../engine/index.ts";
import { take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { HandoffOptions } from "../commands/handoff.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { runAnswer } from "../run-answer.ts";

export async function handoff(context: Context, { task, wishes }: HandoffOptions): Promise<Answer> {
  const key = await keyOf(context, task);
  const choice = wishes.handoff;
  const template = choice?.prTemplate ?? null;
  const handoff = choice === null ? null : { ...choice, prTemplate: template && resolve(context.cwd, template) };
  const request = { ...wishes, handoff, cwd: context.cwd, key, taskType: "release-handoff", via: context.via } as const;
  return await runAnswer(context, take(await start(context.world, request)));
}
