/** Run after run until a gate needs a person. */
import { gateStop, go as goOn, planGo } from "../../engine/index.ts";
import { printKey, shellWord, type TaskKey, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { GoOptions } from "../commands/go.ts";
import type { Context } from "../context.ts";
import { detachCommand } from "../detach.ts";
import { exitOfRuns } from "../exit-code.ts";
import { keyOf } from "../key-of.ts";
import { nextStep } from "../next-step.ts";
import { type Told, tell, toldLines } from "../run-answer.ts";
import { stagesOf } from "../stages-of.ts";
import { hint, oneLine } from "../text.ts";
import { watched } from "../watched.ts";
import { dryRun } from "./dry-run.ts";

export async function go(context: Context, options: GoOptions): Promise<Answer> {
  const { agents, sandbox, network, parallel, answers, budget } = options;
  const key = await keyOf(context, options.task);
  if (options.dryRun) return await goDryRun(context, options, key);
  if (options.detach) return await detachCommand(context, key);
  const watch = { title: `go ${printKey(key)}`, stages: () => stagesOf(context, key) };
  const ask = { key, agents, sandbox, network, parallel, answers, budget: givenOf(budget), via: context.via };
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

const givenOf = (budget: GoOptions["budget"]): GoOptions["budget"] | null =>
  budget.usd === null && budget.tokens === null ? null : budget;

/** The run that would be started, as `run --dry-run` shows it; else what would be resumed, or is needed from a person. */
async function goDryRun(context: Context, options: GoOptions, key: TaskKey): Promise<Answer> {
  const ask = {
    key,
    agents: options.agents,
    sandbox: options.sandbox,
    network: options.network,
    budget: givenOf(options.budget),
    via: context.via,
  };
  const { status, resumes, needs, request } = take(await planGo(context.world, context.cwd, ask));
  if (request !== null) return await dryRun(context, request);
  const next = nextStep(status);
  return {
    json: { runs: [], needs, task: status.task, resumes },
    text: (paint) =>
      [
        ...resumes.map((run) => `Would be resumed: ${oneLine(run)}`),
        ...(resumes.length > 0 ? [] : [next === undefined ? "Nothing is left to do" : "Nothing could start"]),
        ...hint(resumes.length > 0 ? `okstra go ${shellWord(printKey(key))}` : next, paint),
      ].join("\n"),
    exit: resumes.length > 0 || next === undefined ? 0 : 3,
  };
}
