/** What a task's carry files say against its ledger and the journals that vouch for them. Looks only. */
import { hasEnded, type KnownRun, type TaskFacts, type World } from "../../engine/index.ts";
import { taskPaths } from "../../lifecycle/index.ts";
import { printKey, shellWord, take } from "../../model/index.ts";
import { examineLedger, listCarries, stageStates, type TaskPlace } from "../../registry/index.ts";
import { type Finding, leftAlone } from "./finding.ts";

export async function carryFindings(world: World, facts: TaskFacts, place: TaskPlace): Promise<Finding[]> {
  const plan = facts.manifest?.plans.at(-1)?.content;
  const ledger = await examineLedger(world.host, place);
  if (plan === undefined || facts.manifest === null || !ledger.ok) return [];
  const { cycle } = facts.manifest;
  const states = stageStates(ledger.value.rows, plan, cycle);
  const carries = take(await listCarries(world.host, place));
  const paths = taskPaths(facts.project.projectRoot, facts.key);
  const task = printKey(facts.key);
  const findings: Finding[] = [];
  // A later row, of a verification or a correction, rests on the one that a person accepted.
  const accepted = new Set(
    ledger.value.rows
      .filter((row) => row.plan === plan && row.cycle === cycle && row.source.startsWith("accept-carry"))
      .map(({ stage }) => stage),
  );
  for (const { stage, run, status } of states.values()) {
    const known = facts.runs.find((one) => one.id === run);
    if (status === "started" || status === "released" || accepted.has(stage)) continue;
    // A journal that cannot be read is named where it lies.
    if (known !== undefined && known.journal === null) continue;
    const written = known === undefined || known.journal === null ? undefined : allWritten(known.journal).at(-1);
    if (written === undefined)
      findings.push(unproven({ task, stage, run, where: paths.ledger, known: known !== undefined }));
    const there = carries.find((one) => one.stage === stage);
    if (written === undefined || there?.sha256 === written) continue;
    findings.push(
      leftAlone(
        {
          id: `carry:${task}#stage-${stage}`,
          where: paths.carry(stage),
          severity: "error",
          message:
            there === undefined
              ? "the stage is done, and its carry is gone"
              : "the carry is not the one that the run wrote",
          remedy: "Restore the file from a copy: it is what proves that the stage is done",
        },
        "a carry cannot be made up",
      ),
    );
  }
  const vouched = new Set(facts.runs.flatMap(({ journal }) => (journal === null ? [] : allWritten(journal))));
  // Killed before its journal knew of the carry that it had written: who goes on with the run writes it again.
  const open = new Set(facts.runs.flatMap((run) => (run.journal === null || hasEnded(run) ? [] : [run.id])));
  for (const { stage, path, sha256, own, form } of carries) {
    const state = states.get(stage)?.status;
    const done = state !== undefined && state !== "started" && state !== "released";
    if (done || vouched.has(sha256) || (own !== null && open.has(own.run))) continue;
    findings.push(
      leftAlone(
        {
          id: `carry:${task}#stage-${stage}`,
          where: path,
          severity: "warning",
          message:
            "problem" in form
              ? `a carry of other origin that cannot be taken: ${form.problem}`
              : `a carry of other origin says that the stage is done at ${form.head.slice(0, 12)}`,
          remedy:
            "problem" in form
              ? `Correct it, or move it away: ${path}`
              : `If you trust it: okstra reconcile ${shellWord(task)} --accept-carry ${stage}`,
        },
        "only a person can say that it counts",
      ),
    );
  }
  return findings;
}

type Unproven = {
  readonly task: string;
  readonly stage: number;
  readonly run: string;
  readonly where: string;
  readonly known: boolean;
};

/** A row that says `done` and that no run stands for: a hand wrote it, or the run's files are gone. */
const unproven = ({ task, stage, run, where, known }: Unproven): Finding =>
  leftAlone(
    {
      id: `ledger:${task}#stage-${stage}`,
      where,
      severity: "error",
      message: `the ledger says that stage ${stage} is done by ${run}, ${known ? "which finished no stage" : "a run that is not there"}`,
      remedy: `Restore the run's files from a copy; or, where nobody built the stage, take its row out of ${where}`,
    },
    "a row is not taken away unasked",
  );

/** Hashes of the carries that the run wrote, oldest first. */
const allWritten = ({ events }: NonNullable<KnownRun["journal"]>): string[] =>
  events.flatMap((event) => (event.type === "carry.written" ? [event.data.sha256] : []));
