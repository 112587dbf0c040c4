/** Run after run until a gate needs a person. */
import { gateStop, go as goOn } from "../../engine/index.ts";
import { printKey, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { GoOptions } from "../commands/go.ts";
import type { Context } from "../context.ts";
import { detachCommand } from "../detach.ts";
import { exitOfRuns } from "../exit-code.ts";
import { keyOf } from "../key-of.ts";
import { nextStep } from "../next-step.ts";
import { type Told, tell, toldLines } from "../run-answer.ts";
import { stagesOf } from "../stages-of.ts";
import { hint } from "../text.ts";
import { watched } from "../watched.ts";

export async function go(context: Context, options: GoOptions): Promise<Answer> {
  const { agents, sandbox, parallel, answers, budget } = options;
  const key = await keyOf(context, options.task);
  if (options.detach) return await detachCommand(context, key);
  const watch = { title: `go ${printKey(key)}`, stages: () => stagesOf(context, key) };
  const given = budget.usd !== null || budget.tokens !== null;
  const ask = { key, agents, sandbox, parallel, answers, budget: given ? budget : null, via: context.via };
  const gone = take(await watched(context, watch, (world) => goOn(world, context.cwd, ask)));
  const { runs, status, needs } = gone;
  const told: Told[] = [];
  for (const summary of runs) told.push(await tell(context, summary));
  const next = nextStep(status);
  const decision = gateStop(status, runs.at(-1) ?? null);
  return {
    json: { runs, needs, task: status.task, ...(context.common.unattended ? { decision } : {}) },
    text: (paint) =>
      [
        ...(runs.length === 0
          ? [next === undefined ? "Nothing is left to do" : "Nothing could start"]
          : told.flatMap((one) => toldLines(one, paint))),
        ...hint(next, paint),
      ].join("\n"),
    exit: exitOfRuns(runs) || (next === undefined ? 0 : 3),
  };
}
