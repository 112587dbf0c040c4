/** What the records of a task say of each other: manifest, runs, journals, ledger, carries; and the catalog of all. Looks only. */
import {
  catalogEntryOf,
  hasEnded,
  type KnownRun,
  type ProjectPlace,
  planRefill,
  staleCommits,
  type TaskFacts,
  taskFacts,
  tasksOnDisk,
  type World,
  wasStarted,
} from "../../engine/index.ts";
import { projectPaths, taskPaths } from "../../lifecycle/index.ts";
import type { CatalogEntry } from "../../lifecycle/task.schema.ts";
import { printKey, shellWord, take } from "../../model/index.ts";
import { examineLedger, readCatalog, readHead, runLock, type TaskPlace, verifyJournal } from "../../registry/index.ts";
import { carryFindings } from "./carries.ts";
import { type Finding, leftAlone, mendable } from "./finding.ts";

/** Those of every task of the project. */
export async function projectFindings(world: World, project: ProjectPlace): Promise<Finding[]> {
  const tasks: TaskFacts[] = [];
  for (const key of await tasksOf(world, project)) tasks.push(take(await taskFacts(world, project, key)));
  const findings = await catalogFindings(world, project, tasks);
  for (const facts of tasks) findings.push(...(await taskFindings(world, project, facts)));
  return findings;
}

const tasksOf = async (world: World, project: ProjectPlace) => take(await tasksOnDisk(world, project));

async function taskFindings(world: World, project: ProjectPlace, facts: TaskFacts): Promise<Finding[]> {
  const { manifest, runs } = facts;
  if (manifest === null) return runs.length === 0 && facts.failure === null ? [] : [manifestFinding(facts)];
  const place: TaskPlace = { host: world.host, home: world.home, projectRoot: project.projectRoot, key: facts.key };
  const findings: Finding[] = [];
  for (const run of runs) findings.push(...(await runFindings(world, facts, run)));
  for (const run of runs) findings.push(...(await journalFindings(world, facts, { place, run })));
  findings.push(...missingRuns(facts));
  findings.push(...(await ledgerFindings(world, facts, place)));
  findings.push(...(await carryFindings(world, facts, place)));
  findings.push(...(await staleFindings(world, facts)));
  return findings;
}

const manifestFinding = ({ key, folder, failure }: TaskFacts): Finding =>
  leftAlone(
    {
      id: `task:${printKey(key)}`,
      where: `${folder}/task-manifest.json`,
      severity: "error",
      message: failure === null ? "the task has runs and no manifest" : failure.message,
      remedy: `Restore ${folder}/task-manifest.json from a copy`,
    },
    "nothing else tells what the task is",
  );

async function runFindings(world: World, facts: TaskFacts, run: KnownRun): Promise<Finding[]> {
  const { id } = run;
  const about = { id: `run:${id}`, where: facts.folder };
  const listed = facts.manifest?.runs.find((one) => one.id === id);
  if (run.manifest === null) {
    if (listed === undefined && run.failure === null) return [];
    const message = run.failure?.message ?? "the run has no manifest";
    const remedy = "Restore the file from a copy; the run itself cannot be taken on without it";
    return [leftAlone({ ...about, severity: "error", message, remedy }, "a manifest cannot be made up")];
  }
  if (listed === undefined) return [await unlisted(world, about, { facts, run })];
  // What another process executes now is still being written.
  if ((await world.host.locks.owner(runLock(world.home, run.ref))) !== undefined) return [];
  const ended = hasEnded(run);
  if (ended === true && (listed.endedAt === null || (await isUnsettled(world, run))))
    return [await unrecorded(world, about, { facts, run })];
  if (ended !== false || !wasStarted(run) || run.ref.stage !== null) return [];
  const word = shellWord(id);
  const message = "the run was started and has not ended, and no process executes it";
  const remedy = `Go on with okstra resume ${word}, or end it: okstra cancel ${word}`;
  return [leftAlone({ ...about, severity: "warning", message, remedy }, "it can be resumed")];
}

/** What a kill leaves (a torn end, a head that was never written) is mended by whoever goes on with the run, and no disagreement. */
async function journalFindings(
  world: World,
  facts: TaskFacts,
  { place, run }: { readonly place: TaskPlace; readonly run: KnownRun },
): Promise<Finding[]> {
  if (run.manifest === null || (await world.host.locks.owner(runLock(world.home, run.ref))) !== undefined) return [];
  // One that the task does not list and that never began is undone.
  if (!facts.manifest?.runs.some(({ id }) => id === run.id)) return [];
  const problem = take(await verifyJournal(world.host, place, run.ref)).find(({ severity }) => severity === "error");
  if (problem === undefined) return [];
  const line = problem.line === null ? "" : `, line ${problem.line}`;
  const named = { id: `journal:${run.id}`, where: problem.path, severity: "error" as const };
  const remedy = `Restore the file from a copy; okstra validate run ${shellWord(run.id)} says all that is wrong with the run`;
  const message = `the run's journal is not as okstra wrote it: ${problem.message}${line}`;
  return [leftAlone({ ...named, message, remedy }, "what happened in a run cannot be made up")];
}

type OneRun = { readonly facts: TaskFacts; readonly run: KnownRun };
type About = { readonly id: string; readonly where: string };

/** A prepare that was killed leaves a run whose only event is that it was prepared; it is undone, not listed. */
async function unlisted(world: World, about: About, { facts, run }: OneRun): Promise<Finding> {
  const named = { ...about, severity: "error" as const, message: "the run is there and its task does not list it" };
  if (run.journal?.events.length === 1 && run.ref.taskType !== "implementation")
    return mendable(
      { ...named, severity: "warning", message: "a killed prepare left this run" },
      { do: "settle", key: facts.key },
    );
  if (run.journal === null || (await world.host.locks.owner(runLock(world.home, run.ref))) !== undefined)
    return leftAlone({ ...named, remedy: "Restore its journal from a copy" }, "its journal cannot be read");
  return mendable(named, { do: "list-run", run: run.id });
}

/** The head in the home is the last thing that is written of a run that ends. */
async function isUnsettled(world: World, { ref }: KnownRun): Promise<boolean> {
  return take(await readHead(world.host, world.home, ref))?.ended === false;
}

/** settleTask writes the record of a run that the home knows; one that it never knew is only shown as its journal has it. */
async function unrecorded(world: World, about: About, { facts, run }: OneRun): Promise<Finding> {
  const message = "the run has ended, and its record does not say so";
  const head = take(await readHead(world.host, world.home, run.ref));
  const named = { ...about, severity: "warning" as const, message };
  return head === undefined || head.ended
    ? mendable(named, { do: "list-run", run: run.id })
    : mendable(named, { do: "settle", key: facts.key });
}

/** Runs that the manifest lists and that have no folder of their own any more. */
const missingRuns = ({ manifest, runs, folder }: TaskFacts): Finding[] =>
  (manifest?.runs ?? [])
    .filter(({ id }) => !runs.some((run) => run.id === id))
    .map(({ id }) =>
      leftAlone(
        {
          id: `run:${id}`,
          where: folder,
          severity: "error",
          message: "the task lists the run, and its manifest is gone",
          remedy: "Restore the run's files from a copy",
        },
        "a manifest cannot be made up",
      ),
    );

async function ledgerFindings(world: World, facts: TaskFacts, place: TaskPlace): Promise<Finding[]> {
  const where = taskPaths(facts.project.projectRoot, facts.key).ledger;
  const id = `ledger:${printKey(facts.key)}`;
  const mend = { do: "refill", key: facts.key } as const;
  const seen = await examineLedger(world.host, place);
  if (!seen.ok) {
    const { message, remedy } = seen.error;
    return [leftAlone({ id, where, severity: "error", message, remedy }, "a newer okstra wrote it")];
  }
  const findings: Finding[] = [];
  if (seen.value.failure !== null)
    findings.push(mendable({ id, where, severity: "error", message: seen.value.failure.message }, mend));
  const { lost, done, freed } = take(await planRefill(world, facts));
  const missing = [...lost.filter(({ status }) => status === "started"), ...done];
  if (missing.length > 0) {
    const told = missing.map(({ stage, status }) => `stage ${stage} ${status}`).join(", ");
    findings.push(mendable({ id, where, severity: "error", message: `rows are lost: ${told}` }, mend));
  }
  const lostStages = new Set(missing.map(({ stage }) => stage));
  for (const { stage, run } of freed.filter((row) => !lostStages.has(row.stage))) {
    const message = `the stage stands as started by ${run}, and nobody holds it`;
    findings.push(mendable({ id: `${id}#stage-${stage}`, where, severity: "warning", message }, mend));
  }
  return findings;
}

async function staleFindings(world: World, facts: TaskFacts): Promise<Finding[]> {
  const task = printKey(facts.key);
  const stale = await staleCommits(world, facts);
  // What keeps it from being told is named where it lies.
  if (!stale.ok) return [];
  return stale.value.map(({ what, stage, from, to, why }) => {
    const id = what === "stage" ? `stale:${task}#stage-${stage}` : `stale:${task}`;
    const named =
      what === "stage"
        ? `stage ${stage} is recorded`
        : what === "anchor"
          ? "the plan's stages start"
          : "the task starts";
    const message = `${named} at ${from.slice(0, 12)}, which a rebase replaced`;
    const about = { id, where: facts.folder, severity: "error" as const, message };
    const remedy = `okstra reconcile ${shellWord(task)}`;
    return to === null
      ? leftAlone({ ...about, remedy }, why)
      : mendable({ ...about, remedy }, { do: "reconcile", key: facts.key });
  });
}

async function catalogFindings(world: World, project: ProjectPlace, tasks: readonly TaskFacts[]): Promise<Finding[]> {
  const about = { id: "catalog", where: projectPaths(project.projectRoot).catalog, severity: "error" as const };
  const catalog = await readCatalog(world.host, project.projectRoot);
  if (!catalog.ok) {
    const { reason, message, remedy } = catalog.error;
    return reason === "malformed"
      ? [mendable({ ...about, message }, { do: "catalog" })]
      : [leftAlone({ ...about, message, remedy }, "a newer okstra wrote it")];
  }
  const listed = new Map(catalog.value.tasks.map((entry) => [entry.key, entry]));
  const there = tasks.flatMap(({ manifest }) => (manifest === null ? [] : [catalogEntryOf(manifest)]));
  const wrong = [
    ...there.filter((entry) => differs(entry, listed.get(entry.key))).map(({ key }) => key),
    ...[...listed.keys()].filter((key) => !tasks.some((task) => printKey(task.key) === key)),
  ];
  if (wrong.length === 0) return [];
  const shown = wrong.length > 3 ? `${wrong.slice(0, 3).join(", ")} and ${wrong.length - 3} more` : wrong.join(", ");
  const message = `the catalog does not list what is there: ${shown}`;
  return [mendable({ ...about, message }, { do: "catalog" })];
}

/** Times and what a run under way has come to are not compared: they are written a moment after the manifest. */
const differs = (task: CatalogEntry, listed: CatalogEntry | undefined): boolean =>
  listed === undefined || listed.title !== task.title;
