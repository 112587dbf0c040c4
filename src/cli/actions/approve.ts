/** A person approves the newest plan: by the hash that its report prints, or on a terminal that shows the plan. */
import { approve as approvePlan, type PlanShown, planToApprove } from "../../engine/index.ts";
import { shortContent } from "../../lifecycle/index.ts";
import { fault, printKey, shellWord, type TaskKey, take } from "../../model/index.ts";
import { visible } from "../../report/index.ts";
import type { Answer } from "../command.ts";
import type { ApproveOptions } from "../commands/approve.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";
import { hint, oneLine } from "../text.ts";

export async function approve(context: Context, { task, content, note }: ApproveOptions): Promise<Answer> {
  const key = await keyOf(context, task);
  const given = content ?? (await confirmed(context, key));
  const done = take(
    await approvePlan(context.world, { cwd: context.cwd, key, content: given, note, via: context.via }),
  );
  return {
    json: { run: done.run, content: done.content, record: done.record, report: done.report },
    text: (paint) =>
      [
        `${paint.good("✓")} The plan ${oneLine(done.run)} is approved by ${oneLine(done.record.who)}: content ${shortContent(done.content)}`,
        ...hint(`okstra implement ${shellWord(printKey(key))} --stage all`, paint),
      ].join("\n"),
    exit: 0,
  };
}

/** Shows the plan and asks. Without a person at a terminal nothing is approved: the hash proves that the plan was read. */
async function confirmed(context: Context, key: TaskKey): Promise<string> {
  const plan = take(await planToApprove(context.world, context.cwd, key));
  const short = shortContent(plan.content);
  if (context.common.json || !context.terminal.canAsk()) throw unread(plan, key);
  context.terminal.write("story", `${visible(plan.markdown)}\n`);
  const said = await context.terminal.ask(`Approve this plan, content ${short}? Type yes: `, context.world.signal);
  if (said.trim().toLowerCase() === "yes") return plan.content;
  throw fault(
    "plan-not-approved",
    "The plan is not approved: the answer was not yes",
    `To approve it: ${command(key, short)}`,
  );
}

const unread = (plan: PlanShown, key: TaskKey) =>
  fault(
    "content-mismatch",
    `--content is missing: there is no terminal to show the plan ${plan.run} on`,
    `Read it (okstra report ${shellWord(printKey(key))}), then: ${command(key, shortContent(plan.content))}`,
    { content: plan.content, run: plan.run },
  );

const command = (key: TaskKey, short: string): string =>
  `okstra approve ${shellWord(printKey(key))} --content ${short}`;
