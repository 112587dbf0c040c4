/**
 * What changed beside the stage's own branch and worktree while its executor was at work, in one dispatch: other branches and, where
 * nothing confines, files of the project's own checkout.
 */
import type { Strays } from "../../evidence/index.ts";
import type { RefAt } from "../../host/index.ts";
import { straysOf } from "../branch-watch.ts";
import { fact, type Run } from "../run.ts";
import type { StageWork } from "./stage-work.ts";

/** `checkout`: what differs from HEAD there; null where an executor cannot write to it. Journals of before lack it. */
type Before = {
  readonly since: number;
  readonly refs: readonly RefAt[];
  readonly checkout?: readonly string[] | null;
};

/** To be called before the dispatch of a round; remembered. */
export const refsBefore = (run: Run, work: StageWork, round: number): Promise<Before> =>
  fact(run, `refs-before:${round}`, async () => ({
    since: run.world.host.clock.now(),
    refs: await othersOf(run, work),
    checkout: await checkoutOf(run, work),
  }));

/** Remembered, so that what moves later does not count. */
export const straysDuring = (run: Run, work: StageWork, round: number): Promise<Strays> =>
  fact(run, `strays:${round}`, async () => {
    const { since, refs, checkout = null } = await refsBefore(run, work, round);
    const seen = { before: refs, after: await othersOf(run, work), since };
    const strays = await straysOf(run, work.repository, seen);
    const now = checkout === null ? null : await checkoutOf(run, work);
    if (checkout === null || now === null) return strays;
    const known = new Set(checkout);
    return { ...strays, outside: now.filter((path) => !known.has(path)) };
  });

async function othersOf(run: Run, work: StageWork): Promise<readonly RefAt[]> {
  const refs = await run.world.host.git.refs(work.repository.mainRoot, "refs/");
  return refs.filter(({ ref }) => ref !== `refs/heads/${work.branch}` && !ref.startsWith("refs/okstra/"));
}

/** Merges change a linked worktree's own files. */
async function checkoutOf(run: Run, work: StageWork): Promise<readonly string[] | null> {
  if (run.confinement.confiner !== null || work.repository.linked) return null;
  const { changed, untracked } = await run.world.host.git.status(run.project.projectRoot);
  return [...changed, ...untracked].filter((path) => !path.startsWith(".okstra/"));
}
