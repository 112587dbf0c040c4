/**
 * Findings into items: code groups, and of the pairs that it cannot tell an assistant says whether they are one. The assistant is the
 * report writer's agent in a conversation of its own. It decides nothing else: what it may answer of each pair is given, and no answer
 * brings together what the rules of grouping keep apart. One that is not there or fails changes nothing: what code kept apart stays so.
 */
import { driverFor, resolveModel } from "../../agents/index.ts";
import type { Grouping, Item } from "../../convergence/convergence.schema.ts";
import { type Doubt, doubtsOf, groupFindings, isFollowed, type Judged } from "../../convergence/index.ts";
import { checkGroupingResult } from "../../generated/finding.check.js";
import type { WorkerSpec } from "../../lifecycle/task.schema.ts";
import type { GroupingResult } from "../../model/finding.schema.ts";
import { take } from "../../model/index.ts";
import { ask } from "../dispatch.ts";
import { placedOf } from "../prepare/roster.ts";
import { promptOf } from "../prompts.ts";
import { guarded } from "../read-only.ts";
import { progress, type Run } from "../run.ts";
import type { CheckedFinding } from "./blind.ts";

type Where = { readonly name: string; readonly round: number | null; readonly tree: string };
type Grouped = { readonly items: Item[]; readonly grouping?: Grouping };

export async function groupedItems(run: Run, findings: readonly CheckedFinding[], at: Where): Promise<Grouped> {
  const spec = assistantOf(run);
  const doubts = spec === undefined ? [] : doubtsOf(findings);
  if (spec === undefined || doubts.length === 0) return { items: groupFindings(findings) };
  const answer = await guarded(run, { name: at.name, tree: at.tree }, async () =>
    ask(run, {
      spec,
      fileRole: "grouping",
      purpose: "group",
      round: at.round,
      writes: false,
      cwd: at.tree,
      prompt: await promptOf(run, spec, { purpose: "group", pairs: doubts.map(pairOf) }),
      check: checkGroupingResult,
      hold: false,
      problems: (value) => problemsOf(doubts, value),
    }),
  );
  const judged = doubts.flatMap(({ id, a, b }) => {
    const said = answer.value?.pairs.find(({ pair }) => pair === id);
    return said === undefined ? [] : [{ a: nameOf(a), b: nameOf(b), decision: said.decision, reason: said.reason }];
  });
  const items = groupFindings(findings, judged);
  const { family, status, reason } = answer;
  const pairs = judged.map((one) => ({ ...one, followed: isFollowed(items, one) }));
  const changed = pairs.filter(({ decision, followed }) => followed && changing.has(decision)).length;
  await progress(run, "phase-5.5-convergence", `grouping pairs=${doubts.length} status=${status} changed=${changed}`);
  return { items, grouping: { worker: spec.worker, family, status, reason, asked: doubts.length, pairs } };
}

const changing: ReadonlySet<Judged["decision"]> = new Set(["merge", "split"]);

/** Undefined where the settings want none, or nobody writes the report. */
function assistantOf(run: Run): WorkerSpec | undefined {
  const { settings } = run.project;
  const writer = run.manifest.roster.find(({ role }) => role === "report-writer");
  if (writer === undefined || !settings.convergence.assistant) return undefined;
  const spec: WorkerSpec = { ...writer, role: "assistant" };
  const wanted = run.manifest.invocation.models["assistant"] ?? settings.models["assistant"];
  if (wanted === undefined) return spec;
  const driver = take(driverFor(placedOf(run.project, writer).agent));
  return { ...spec, model: take(resolveModel(driver.name, wanted.replace(/^=/, ""), wanted.startsWith("="))).id };
}

const nameOf = ({ worker, finding }: Doubt["a"]): Judged["a"] => ({ worker, finding });

/** Who stated what, and how bad it is, is not for the assistant to weigh. */
const pairOf = ({ id, choices, a, b }: Doubt) => ({ pair: id, choices, a: sideOf(a), b: sideOf(b) });
const sideOf = ({ title, claim, place }: Doubt["a"]) => ({ title, claim, place });

function problemsOf(doubts: readonly Doubt[], { pairs }: GroupingResult): readonly string[] {
  const missing = doubts
    .filter(({ id }) => !pairs.some(({ pair }) => pair === id))
    .map(({ id }) => `no decision on ${id}`);
  const wrong = pairs.flatMap(({ pair, decision }, at) => {
    const doubt = doubts.find(({ id }) => id === pair);
    if (doubt === undefined) return [`${pair} is no pair that was asked about`];
    if (pairs.findIndex((other) => other.pair === pair) !== at) return [`${pair} is decided twice`];
    return doubt.choices.includes(decision) ? [] : [`${pair} can be ${doubt.choices.join(" or ")}, not ${decision}`];
  });
  return [...missing, ...wrong];
}
