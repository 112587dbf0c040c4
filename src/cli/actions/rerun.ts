/** Runs again what earlier runs were asked for. */
import { rerun as runAgain } from "../../engine/index.ts";
import { take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { RerunOptions } from "../commands/rerun.ts";
import type { Context } from "../context.ts";
import { exitOfRuns } from "../exit-code.ts";
import { rerunText } from "../rerun-text.ts";

export async function rerun({ world, cwd }: Context, options: RerunOptions): Promise<Answer> {
  const { selector, max, dryRun, detach } = options;
  const done = take(await runAgain(world, { cwd, selector, max, dryRun, detach }));
  const { batch, record, runs } = done;
  const nothing = batch.summary.spawned === 0 && batch.summary.rejected > 0 && !dryRun;
  return {
    json: { ...batch, record, runs },
    text: (paint) => rerunText(done, paint),
    exit: exitOfRuns(runs) || (nothing ? 1 : 0),
  };
}
