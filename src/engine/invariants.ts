/** The register of invariants (`state/invariants.json`), as the newest run of a folder knows it: a projection of the task's items. */
import type { ConvergenceState, Invariant, KnownItem } from "../convergence/convergence.schema.ts";
import { invariantsOf, remember } from "../convergence/index.ts";
import { itemsIn, rememberedItems } from "./known-items.ts";
import type { Run } from "./run.ts";

/** Written anew with the run's items; `known` is what came before them. No file where the task has none and had none. */
export async function keepInvariants(
  run: Run,
  state: ConvergenceState,
  known?: readonly KnownItem[],
): Promise<readonly Invariant[]> {
  const { files } = run.world.host;
  const invariants = invariantsOf(remember(known ?? (await rememberedItems(run)), itemsIn(run.manifest, state)));
  const path = run.paths.invariants;
  if (invariants.length > 0 || (await files.look(path)) !== undefined)
    await files.replaceFile(path, `${JSON.stringify({ schemaVersion: 1, run: run.id, invariants }, null, 2)}\n`);
  return invariants;
}
