/** The register of invariants (`state/invariants.json`), as the newest run of a folder knows it: a projection of the task's items. */
import type { Invariant, Item, KnownItem } from "../convergence/convergence.schema.ts";
import { invariantsOf, remember } from "../convergence/index.ts";
import type { Run } from "./run.ts";
import { questionOf } from "./verified-range.ts";

type Of = {
  readonly known: readonly KnownItem[];
  readonly items: readonly Item[];
  readonly answered: readonly string[];
};

/** Written anew with the run's items. No file where the task has none and had none. */
export async function keepInvariants(run: Run, of: Of): Promise<readonly Invariant[]> {
  const { files } = run.world.host;
  const taskType = questionOf(run.manifest);
  const invariants = invariantsOf(
    remember(of.known, { run: run.id, taskType, answered: of.answered, items: of.items }),
  );
  const path = run.paths.invariants;
  if (invariants.length > 0 || (await files.look(path)) !== undefined)
    await files.replaceFile(path, `${JSON.stringify({ schemaVersion: 1, run: run.id, invariants }, null, 2)}\n`);
  return invariants;
}
