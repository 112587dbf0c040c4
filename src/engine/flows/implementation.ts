/**
 * The flow of one stage: the executor works, the engine looks, verifiers judge, what blocks goes back a bounded number of times;
 * then carry file, ledger row, integration. Nothing the executor says is a fact.
 *
 *   execute -> examine -> verify -> (blocking? fix -> examine -> verify)* -> settled | needs-decomposition
 *   settled -> carry.written -> ledger done -> merge.intended -> merge.done -> validated on the merged tree
 */
import { shellWord } from "../../model/index.ts";
import type { Ending } from "../ending.ts";
import { takeHold } from "../hold.ts";
import { writeCarryAndRow } from "../implementation/carry.ts";
import { examine } from "../implementation/examine.ts";
import { execute } from "../implementation/executor.ts";
import { fixLoop, type Loop } from "../implementation/fix-loop.ts";
import { integrateStage, type StageIntegration } from "../implementation/integration.ts";
import { openStage, type StageWork } from "../implementation/stage-work.ts";
import { implementationFacts, implementationReport } from "../reports/implementation-report.ts";
import { type Run, skipStep, step } from "../run.ts";
import { intake } from "../steps/intake.ts";
import { type Written, writeProse } from "../steps/write.ts";
import { weakenedId } from "../weakened.ts";
import { integration } from "./integration.ts";
import { announce } from "./study.ts";

export async function implementation(run: Run): Promise<Ending> {
  if (run.manifest.invocation.integrate !== undefined) return await integration(run);
  const work = await step(run, "intake", async () => {
    await takeHold(run);
    await intake(run);
    return await openStage(run);
  });
  await step(run, "prompts", () => announce(run));
  await step(run, "dispatch", () => execute(run, work, { purpose: "execute", round: 0, blocking: [] }));
  const first = await step(run, "collect", () => examine(run, work, 0));
  const loop = await step(run, "converge", () => fixLoop(run, work, first));
  await skipStep(run, "critique", "a stage has verifiers, no critic");
  const written = await step(run, "write", () =>
    writeProse(run, {
      ...{ state: null, voices: [], invariants: loop.last.invariants },
      ...{ cwd: work.tree, facts: implementationFacts(work, loop) },
    }),
  );
  const carry = await step(run, "check", () =>
    loop.settled ? writeCarryAndRow(run, work, loop) : Promise.resolve(null),
  );
  return await step(run, "record", async () => {
    const integrated = loop.settled ? await integrateStage(run, work, loop) : notTried;
    const report = await implementationReport(run, { work, loop, written, integration: integrated, carry });
    return conclusion(run, { work, loop, integration: integrated, written, report });
  });
}

const notTried: StageIntegration = {
  state: "not-tried",
  commit: null,
  files: [],
  note: "the stage is not done",
  validation: [],
};

/** The engine's own checks stand; what verifiers found, and weakened tests, a person may let pass. */
function orLetPass(run: Run, { last }: Loop): string {
  const item = last.blocking.find(({ id }) => id === weakenedId || last.items.some((one) => one.id === id));
  return item === undefined ? "" : `; or let it pass: okstra override ${shellWord(run.id)} ${item.id} --reason "..."`;
}

type Concluded = {
  readonly work: StageWork;
  readonly loop: Loop;
  readonly integration: StageIntegration;
  readonly written: Written;
  readonly report: Ending["report"];
};

function conclusion(run: Run, of: Concluded): Ending {
  const { loop, integration, report } = of;
  const stage = of.work.stage.stageNumber;
  if (!loop.settled) {
    return {
      outcome: "blocked",
      reason: "needs-decomposition",
      verdict: "FAIL",
      message: `Stage ${stage}: ${loop.last.blocking.length} blocking items stand after ${loop.fixRounds} fix rounds (${loop.shape})`,
      remedy: `Cut the stage smaller: okstra run --task-key ${shellWord(run.task.key)} --task-type implementation-planning${orLetPass(run, loop)}`,
      report,
    };
  }
  if (integration.state === "unmerged") {
    return {
      outcome: "completed",
      reason: null,
      verdict: "unmerged",
      message: `Stage ${stage} is done; the settings leave its merge to you`,
      remedy: `okstra integrate ${shellWord(run.task.key)} --stage ${stage}`,
      report,
    };
  }
  if (integration.state === "merged") {
    return {
      outcome: "completed",
      reason: null,
      verdict: "merged",
      message: `Stage ${stage} is done and merged`,
      remedy: `okstra go ${shellWord(run.task.key)}`,
      report,
    };
  }
  const conflict = integration.state === "merge-conflict";
  return {
    outcome: conflict ? "completed" : "blocked",
    reason: conflict ? null : "merge-blocked",
    verdict: integration.state,
    message: `Stage ${stage} is done; ${integration.state}: ${integration.note}`,
    remedy: `Settle it: okstra integrate ${shellWord(run.task.key)} --stage ${stage}`,
    report,
  };
}
