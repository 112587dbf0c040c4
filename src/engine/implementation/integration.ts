/**
 * Merges a done stage into the task branch and runs its validation on the merged tree. `merge.intended` stands in the journal
 * before the merge, and the merge commit names the run, so that a killed engine finds it again.
 */

import { fault, take } from "../../model/index.ts";
import type { CommandRun } from "../../report/report.schema.ts";
import { integrate } from "../../worktrees/index.ts";
import { hookedHost } from "../confined-hooks.ts";
import { requireHold } from "../hold.ts";
import { mergeSubject } from "../merge-message.ts";
import { tellRefused } from "../network.ts";
import { whileNobodyReads } from "../readers.ts";
import { fact, progress, type Run, record } from "../run.ts";
import { taskTreeOf } from "../task-tree-of.ts";
import type { Loop } from "./fix-loop.ts";
import type { StageWork } from "./stage-work.ts";
import { validate } from "./validation.ts";

export type StageIntegration = {
  readonly state: "merged" | "unmerged" | "merge-conflict" | "merge-blocked" | "not-tried";
  readonly commit: string | null;
  readonly files: readonly string[];
  readonly note: string;
  readonly validation: readonly CommandRun[];
};

export async function integrateStage(run: Run, work: StageWork, loop: Loop): Promise<StageIntegration> {
  const merged = await fact(run, "integration", () =>
    run.project.settings.integration === "manual"
      ? Promise.resolve({ ...left, at: loop.last.examination.head })
      : merge(run, work, loop.last.examination.head),
  );
  await progress(
    run,
    "phase-7-integrate",
    `stage=${work.stage.stageNumber} state=${merged.state}${merged.note === "" ? "" : ` ${merged.note}`}`,
  );
  if (merged.state !== "merged") return { ...merged, validation: [] };
  const validation = await validate(run, { name: "merged", commit: merged.at, commands: work.stage.validation.post });
  const broken = validation.find((one) => one.outcome !== "passed");
  if (broken === undefined) return { ...merged, validation };
  return {
    ...merged,
    state: "merge-blocked",
    note: `merged, but "${broken.command}" ${broken.outcome} on the merged tree`,
    validation,
  };
}

/** Policy `manual`. */
const left = { state: "unmerged", commit: null, files: [], note: "" } as const;

type Merged = Omit<StageIntegration, "validation"> & { readonly at: string };

/** Under the task lock, while nobody reads the task's worktree: hold proven, head compared, merged, recorded. Tries again when the task branch moved meanwhile. */
async function merge(run: Run, work: StageWork, head: string): Promise<Merged> {
  const { host } = run.world;
  const taskTree = taskTreeOf(run.world, {
    projectRoot: run.project.projectRoot,
    key: run.ref.key,
    runs: run.task.runs,
  });
  return await whileNobodyReads(run, `merge stage ${work.stage.stageNumber}`, async () => {
    await requireHold(run);
    const last = run.journal.events.findLast(({ type }) => type === "merge.intended" || type === "merge.done");
    const begun = last?.type === "merge.intended";
    for (let attempt = 0; attempt < 3; attempt++) {
      const before = await host.git.head(taskTree);
      if (before === undefined)
        throw fault("git-failed", `${taskTree} has no commit checked out`, "Look at it with git status", { taskTree });
      const taskHead = before.commit;
      const intent = { stage: work.stage.stageNumber, head, taskHead };
      const [hooked] = await Promise.all([
        hookedHost(run, taskTree),
        record(run, { type: "merge.intended", data: intent }, { durable: true }),
      ]);
      const done = take(
        await integrate(hooked, {
          repository: work.repository,
          taskTree,
          taskHead,
          stageHead: head,
          message: mergeSubject(work.stage.stageNumber, work.stage.title),
          runTrailer: run.id,
          branch: before.branch,
          begun: begun && attempt === 0,
        }),
      );
      await tellRefused(run, "a hook of the merge");
      if (done.state === "moved") continue;
      const after = await host.git.head(taskTree);
      await record(
        run,
        {
          type: "merge.done",
          data: { stage: work.stage.stageNumber, state: done.state, commit: done.commit, files: done.files },
        },
        { durable: true },
      );
      return {
        state: done.state,
        commit: done.commit,
        files: [...done.files],
        note: done.note,
        at: after?.commit ?? taskHead,
      };
    }
    return { state: "merge-blocked", commit: null, files: [], note: "the task branch kept moving", at: head };
  });
}
