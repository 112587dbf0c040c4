/** What a run would be. */
import { planRun, type RunRequest } from "../../engine/index.ts";
import { take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { Context } from "../context.ts";
import { planText } from "../plan-text.ts";

/** `schemaVersion` is that of every answer. */
export async function dryRun({ world }: Context, request: RunRequest): Promise<Answer> {
  const plan = take(await planRun(world, request));
  return { json: plan, text: (paint) => planText(plan, paint), exit: 0 };
}
