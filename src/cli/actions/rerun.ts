/** Runs again what earlier runs were asked for. */
import { rerun as runAgain, type World } from "../../engine/index.ts";
import { take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { RerunOptions } from "../commands/rerun.ts";
import type { Context } from "../context.ts";
import { exitOfRuns } from "../exit-code.ts";
import { rerunText } from "../rerun-text.ts";
import { oneLine } from "../text.ts";
import { watched } from "../watched.ts";

export async function rerun(context: Context, options: RerunOptions): Promise<Answer> {
  const { cwd } = context;
  const { selector, max, dryRun, detach } = options;
  const watch = { title: `rerun ${oneLine(selector)}` };
  const again = (world: World) => runAgain(world, { cwd, selector, max, dryRun, detach });
  const done = take(await (dryRun || detach ? again(context.world) : watched(context, watch, again)));
  const { batch, record, runs } = done;
  const nothing = batch.summary.spawned === 0 && batch.summary.rejected > 0 && !dryRun;
  return {
    json: { ...batch, record, runs },
    text: (paint) => rerunText(done, paint),
    exit: exitOfRuns(runs) || (nothing ? 1 : 0),
  };
}
