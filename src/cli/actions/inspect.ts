/** Why each item of a run ended in its class. */
import { explainItem, explainPlanItem } from "../../convergence/index.ts";
import { type Inspected, inspectRun, type RunsOf, yieldOf } from "../../engine/index.ts";
import { fault, nearest, shellWord, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { InspectOptions } from "../commands/inspect.ts";
import type { Context } from "../context.ts";
import type { InspectAnswer } from "../inspect.schema.ts";
import { inspectText } from "../inspect-text.ts";
import { keyOf } from "../key-of.ts";
import type { Subject } from "../subject.ts";
import { yieldText } from "../yield-text.ts";

export async function inspect(context: Context, options: InspectOptions): Promise<Answer> {
  if (options.is === "yield") return await yielded(context, options.subject);
  const { subject, items } = options;
  const of =
    subject.is === "run"
      ? { key: subject.run.key, run: subject.run }
      : { key: await keyOf(context, subject.task), run: null };
  const found = take(await inspectRun(context.world, context.cwd, of));
  const json = answerOf(found, new Set(items.map((id) => id.toUpperCase())));
  return { json, text: (paint) => inspectText(json, { inFull: items.length > 0 }, paint), exit: 0 };
}

/** What workers' findings came to over past runs. */
async function yielded(context: Context, subject: Subject | null): Promise<Answer> {
  const { world, cwd } = context;
  const of: RunsOf =
    subject === null
      ? { is: "all" }
      : subject.is === "run"
        ? subject
        : { is: "task", key: await keyOf(context, subject.task) };
  const { rows, runs, notes } = take(await yieldOf(world, cwd, of));
  const json = { runs, rows: [...rows], notes: [...notes] };
  return { json, text: (paint) => yieldText(json, paint), exit: 0 };
}

/** Everything of the chosen items; of all when none is chosen. */
function answerOf(found: Inspected, wanted: ReadonlySet<string>): Omit<InspectAnswer, "schemaVersion"> {
  const { run, convergence, planBody, notes, overrides, acceptance } = found;
  requireItems(found, wanted);
  const chosen = ({ id }: { id: string }): boolean => wanted.size === 0 || wanted.has(id);
  const commit = run.manifest.reviewedCommit;
  const answer = { run: run.summary, reviewedCommit: commit, notes: [...notes], how: howChecked(run.summary, commit) };
  return {
    ...answer,
    ...(convergence === null ? { convergence, items: [] } : convergedPart(convergence, chosen)),
    overrides: overrides.map(({ item, run: at, who, time, reason }) => ({ item: item.id, run: at, who, time, reason })),
    acceptance: acceptance === null ? null : { who: acceptance.who, time: acceptance.time, reason: acceptance.note },
    planBody: planBody === null ? null : planPart(planBody, chosen),
  };
}

type Chosen = (one: { id: string }) => boolean;

function convergedPart(
  state: NonNullable<Inspected["convergence"]>,
  chosen: Chosen,
): Pick<InspectAnswer, "convergence" | "items"> {
  const { schemaVersion: _, items, ...convergence } = state;
  return {
    convergence,
    items: items.filter(chosen).map((item) => ({ ...item, explained: explainItem(state, item) })),
  };
}

function planPart(state: NonNullable<Inspected["planBody"]>, chosen: Chosen): InspectAnswer["planBody"] {
  const { schemaVersion: _, items, ...plan } = state;
  return { ...plan, items: items.filter(chosen).map((item) => ({ ...item, why: explainPlanItem(item) })) };
}

/** Throws `usage` for an id that the run does not have. */
function requireItems({ run, convergence, planBody }: Inspected, wanted: ReadonlySet<string>): void {
  const known = [...(convergence?.items ?? []), ...(planBody?.items ?? [])].map(({ id }) => id);
  const unknown = [...wanted].find((id) => !known.includes(id));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  throw fault(
    "usage",
    `${run.summary.id} has no item ${unknown}${near === undefined ? "" : `; did you mean ${near}?`}`,
    `okstra inspect ${shellWord(run.summary.id)} lists its items`,
    { item: unknown, near: near ?? null },
  );
}

function howChecked({ taskType }: InspectAnswer["run"], commit: string | null): Record<string, string> {
  const at =
    taskType === "implementation"
      ? "the head that the verifiers saw"
      : commit === null
        ? "no commit, since the project is no git repository"
        : `commit ${commit.slice(0, 12)}`;
  return {
    file: `the quote looked up at ${at}, white space folded`,
    document: "the quote looked up in the task's instruction set",
    check: `the command run in a throwaway worktree at ${at}`,
    search: `the search made again at ${at}`,
    absence: `the search made again at ${at}`,
  };
}
