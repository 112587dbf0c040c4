/** Branches beside the stage's own that moved while its executor was at work, in one dispatch. */
import type { Strays } from "../../evidence/index.ts";
import type { RefAt } from "../../host/index.ts";
import { straysOf } from "../branch-watch.ts";
import { fact, type Run } from "../run.ts";
import type { StageWork } from "./stage-work.ts";

type Before = { readonly since: number; readonly refs: readonly RefAt[] };

/** To be called before the dispatch of a round; remembered. */
export const refsBefore = (run: Run, work: StageWork, round: number): Promise<Before> =>
  fact(run, `refs-before:${round}`, async () => ({
    since: run.world.host.clock.now(),
    refs: await othersOf(run, work),
  }));

/** Remembered, so that what moves later does not count. */
export const straysDuring = (run: Run, work: StageWork, round: number): Promise<Strays> =>
  fact(run, `strays:${round}`, async () => {
    const { since, refs } = await refsBefore(run, work, round);
    return await straysOf(run, work.repository.mainRoot, { before: refs, after: await othersOf(run, work), since });
  });

async function othersOf(run: Run, work: StageWork): Promise<readonly RefAt[]> {
  const refs = await run.world.host.git.refs(work.repository.mainRoot, "refs/");
  return refs.filter(({ ref }) => ref !== `refs/heads/${work.branch}` && !ref.startsWith("refs/okstra/"));
}
