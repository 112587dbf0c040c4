/** Whether the files of runs, or plans, are what they should be. */
import { validateBundle, validatePlan, validateReport, validateRun, validateSession } from "../../checks/index.ts";
import { findRuns, type RunsOf } from "../../engine/index.ts";
import { fault, printRun, type RunRef, take } from "../../model/index.ts";
import { checkListAnswer, type RunChecks, runsAnswer } from "../checks-text.ts";
import type { Answer } from "../command.ts";
import type { Validated, ValidateOptions } from "../commands/validate.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";

const checks = {
  run: validateRun,
  plan: validatePlan,
  report: validateReport,
  bundle: validateBundle,
  session: validateSession,
} as const;

export async function validate(context: Context, { kind, subject, fix }: ValidateOptions): Promise<Answer> {
  const { world, cwd } = context;
  const { projectRoot, runs } = take(await findRuns(world, cwd, await runsOf(context, subject)));
  const check = checks[kind];
  const lists: RunChecks[] = [];
  for (const run of kind === "plan" ? plansOf(runs, subject) : runs)
    lists.push({ run: printRun(run), ...take(await check(world.host, { home: world.home, projectRoot, run, fix })) });
  const [only] = lists;
  const isOne = lists.length === 1 && subject.is !== "all";
  return only !== undefined && isOne ? checkListAnswer(only, cwd) : runsAnswer(lists, cwd);
}

async function runsOf(context: Context, subject: Validated): Promise<RunsOf> {
  return subject.is === "task" ? { is: "task", key: await keyOf(context, subject.task) } : subject;
}

/** Of a task, its newest plan. */
function plansOf(runs: readonly RunRef[], subject: Validated): readonly RunRef[] {
  const plans = runs.filter(({ taskType }) => taskType === "implementation-planning");
  const newest = plans.at(-1);
  if (newest !== undefined) return subject.is === "task" ? [newest] : plans;
  if (subject.is === "all") return [];
  throw fault(
    "not-a-run",
    subject.is === "run" ? `${printRun(subject.run)} makes no plan` : "There is no plan",
    "Plans are made by runs of the type implementation-planning",
  );
}
