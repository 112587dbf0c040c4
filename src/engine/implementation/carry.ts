/** Carry file and ledger row of a stage that is done: evidence first, then the row that others act on. */
import { take } from "../../model/index.ts";
import { appendLedger, taskLock, type WrittenCarry, withLock, writeCarry } from "../../registry/index.ts";
import type { Carry } from "../../registry/registry.schema.ts";
import { requireHold } from "../hold.ts";
import { fact, type Run, record } from "../run.ts";
import { nowOf } from "../world.ts";
import type { Loop } from "./fix-loop.ts";
import type { StageWork } from "./stage-work.ts";

/** Idempotent: the same loop gives the same bytes, and the ledger takes a row once. */
export async function writeCarryAndRow(run: Run, work: StageWork, loop: Loop): Promise<WrittenCarry> {
  const { examination } = loop.last;
  const carry: Carry = {
    schemaVersion: 1,
    stage: work.stage.stageNumber,
    plan: work.plan.content,
    cycle: work.plan.cycle,
    run: run.id,
    status: "done",
    stageCommitRange: { base: work.base, head: examination.head },
    commits: examination.commits.map(({ sha, subject }) => ({ sha, subject })),
    files: examination.files.map((file) => file.path),
    validation: examination.validation.map(({ command, exitCode, log }) => ({
      command,
      exitCode: exitCode ?? -1,
      log,
    })),
    exitContract: work.stage.exitContract,
    outOfPlanEdits: [...examination.outOfPlanEdits],
    notes: loop.fixRounds === 0 ? [] : [`${loop.fixRounds} fix rounds (${loop.shape})`],
  };
  return await withLock(
    run.world.host,
    taskLock(run.world.home, run.ref.key),
    `finish stage ${carry.stage}`,
    async () => {
      await requireHold(run);
      const written = take(await writeCarry(run.world.host, run.place, carry));
      await fact(run, "carry", async () => {
        await record(
          run,
          {
            type: "carry.written",
            data: { stage: carry.stage, path: written.path, sha256: written.sha256, head: examination.head },
          },
          { durable: true },
        );
        return written.sha256;
      });
      take(
        await appendLedger(run.world.host, run.place, {
          schemaVersion: 1,
          impl_task_key: run.task.key,
          stage: carry.stage,
          status: "done",
          plan: carry.plan,
          cycle: carry.cycle,
          attempt: run.manifest.attempt,
          started_at: await fact(run, "done-time", async () => nowOf(run.world)),
          head_commit: examination.head,
          carry_path: written.path,
          run: run.id,
          source: "engine",
          machine: run.world.host.machine.name,
        }),
      );
      return written;
    },
  );
}
