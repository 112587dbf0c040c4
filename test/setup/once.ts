/** Before any test: what is tested is what was last written, and the seed of the property tests is known. */
import { freshen } from "../../scripts/fresh.ts";
import { seed } from "./seed-of-run.ts";

export function setup(): void {
  freshen();
  console.log(`fast-check seed ${seed} (another one: FC_SEED=<number>)`);
}
