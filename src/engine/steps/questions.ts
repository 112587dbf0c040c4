/** Clarifications that a run raises: from workers' questions and from plan parts that most refused. */
import type { PlanBodyState } from "../../convergence/convergence.schema.ts";
import { raiseItems, refusedQuestions } from "../../lifecycle/index.ts";
import type { Clarification } from "../../lifecycle/task.schema.ts";
import { take } from "../../model/index.ts";
import {
  readClarifications,
  restoreClarifications,
  taskLock,
  withLock,
  writeClarification,
} from "../../registry/index.ts";
import { fact, type Run } from "../run.ts";
import { nowOf } from "../world.ts";
import type { Voice } from "./blind.ts";

type Sources = { readonly voices: readonly Voice[]; readonly planBody: PlanBodyState | null };

/** All clarifications of the task after this run's were added; remembered, so that a resumed run reports the same. */
export async function recordQuestions(run: Run, of: Sources): Promise<readonly Clarification[]> {
  const asked = of.voices.flatMap(({ spec, answer }) =>
    (answer.value?.questions ?? []).map((question) => ({ question, by: spec.worker })),
  );
  const refused = refusedQuestions(of.planBody?.items ?? []).map((question) => ({ question, by: "plan-check" }));
  return await fact(run, "clarifications", () =>
    withLock(run.world.host, taskLock(run.world.home, run.ref.key), "record clarifications", async () => {
      // Killed between the home's line and the file's, this run finds its question known and has nothing to raise.
      take(await restoreClarifications(run.world.host, run.place));
      const before = take(await readClarifications(run.world.host, run.place));
      const rows = raiseItems(before, [...asked, ...refused], { run: run.id, time: nowOf(run.world) });
      for (const row of rows) take(await writeClarification(run.world.host, run.place, row));
      return take(await readClarifications(run.world.host, run.place));
    }),
  );
}
