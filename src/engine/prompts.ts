/** The prompts of a run's dispatches: engine facts handed to briefing. At prepare and at dispatch the same values give the same text. */
import { join } from "node:path";
import {
  loadReask,
  type NextMessage,
  type OpenItem,
  type PromptAsk,
  type PromptPurpose,
  promptFor,
  type Requirement,
} from "../briefing/index.ts";
import type { Invariant, Item } from "../convergence/convergence.schema.ts";
import { inOnePlace } from "../convergence/index.ts";
import { runPaths, taskPaths } from "../lifecycle/index.ts";
import type { RunManifest, WorkerSpec } from "../lifecycle/task.schema.ts";
import { readRun, take } from "../model/index.ts";
import { readCarry } from "../registry/index.ts";
import type { Carry } from "../registry/registry.schema.ts";
import type { Stage } from "../stages/stage-map.schema.ts";
import type { ApprovedPlan } from "./prepare/approved-plan.ts";
import type { Run } from "./run.ts";
import { executorScratch, packetOf, type SubjectFacts, subjectOf } from "./subject.ts";
import { requirementsIn, stageOfScope, verifiedBase } from "./verified-range.ts";
import { type ProjectPlace, placeOf, type World } from "./world.ts";

export type BuiltPrompt = {
  readonly text: string;
  readonly schema: unknown;
  /** Files that the text names, beside the task's instruction set. */
  readonly material: readonly string[];
};

type Build = {
  readonly world: World;
  readonly project: ProjectPlace;
  readonly facts: SubjectFacts;
  readonly spec: WorkerSpec;
};

async function build({ world, project, facts, spec }: Build, purpose: PromptPurpose): Promise<BuiltPrompt> {
  const ask: PromptAsk = { ...subjectOf(project, facts), worker: spec.worker, role: spec.role, ...purpose };
  const { text, schema } = take(await promptFor(world.host, world.host.machine.packageRoot, ask));
  return { text, schema, material: materialOf(purpose) };
}

function materialOf(purpose: PromptPurpose): readonly string[] {
  if (purpose.purpose === "write") return [purpose.facts.path];
  const diff = "diff" in purpose ? purpose.diff : "delivered" in purpose ? purpose.delivered?.diff : undefined;
  return diff?.patch == null ? [] : [diff.patch.path];
}

/** The prompt of a dispatch of an executing run. */
export const promptOf = (run: Run, spec: WorkerSpec, purpose: PromptPurpose): Promise<BuiltPrompt> =>
  build({ world: run.world, project: run.project, facts: run.subject, spec }, purpose);

export const qaNamesOf = (project: ProjectPlace): readonly string[] => Object.keys(project.settings.qaCommands).sort();

export type InitialAsk = {
  readonly facts: SubjectFacts;
  readonly manifest: RunManifest;
  readonly stage: Stage | null;
  readonly plan: ApprovedPlan | null;
};

/** Packet and first prompts of a run, to be written at prepare: blind passes of analysers, or the execution of a stage. */
export async function initialPrompts(
  world: World,
  project: ProjectPlace,
  ask: InitialAsk,
): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const { facts, manifest } = ask;
  const paths = runPaths(project.projectRoot, facts.ref);
  const written = [
    {
      path: taskPaths(project.projectRoot, facts.ref.key).packet(facts.ref.taskType, facts.ref.stage),
      text: await packetOf(world, project, facts, ask.stage),
    },
  ];
  for (const spec of manifest.roster) {
    const purpose = await initialPurpose(world, project, ask, spec);
    if (purpose === undefined) continue;
    const { text } = await build({ world, project, facts, spec }, purpose);
    written.push({ path: paths.prompt({ worker: spec.worker, role: spec.role }), text });
  }
  return written;
}

async function initialPurpose(
  world: World,
  project: ProjectPlace,
  ask: InitialAsk,
  spec: WorkerSpec,
): Promise<PromptPurpose | undefined> {
  const { facts, manifest, stage, plan } = ask;
  if (spec.role === "analyser") return await blindPurpose(world, project, { manifest, plan });
  // Which files conflict is known when the merge is tried.
  if (spec.role !== "executor" || stage === null || manifest.invocation.integrate !== undefined) return undefined;
  const carries: Carry[] = [];
  for (const dependency of stage.dependsOn) {
    const carry = take(await readCarry(world.host, placeOf(world, project.projectRoot, facts.ref.key), dependency));
    if (carry !== undefined) carries.push(carry);
  }
  return executePurpose(world, project, { facts, manifest, stage, carries });
}

/** Final verification is told what was delivered; other phases look at the whole. */
export async function blindPurpose(
  world: World,
  project: ProjectPlace,
  of: { manifest: RunManifest; plan: ApprovedPlan | null },
): Promise<Extract<PromptPurpose, { purpose: "blind" }>> {
  const qaNames = qaNamesOf(project);
  const { manifest, plan } = of;
  const { path } = manifest.worktree;
  if (manifest.taskType !== "final-verification" || plan === null || manifest.reviewedCommit === null)
    return { purpose: "blind", qaNames };
  const baseCommit = await verifiedBase(world, project, manifest);
  if (baseCommit === null) return { purpose: "blind", qaNames };
  const stage = stageOfScope(manifest);
  const planned = new Set(
    plan.plan.stageMap.stages.flatMap((one) => (stage === null || one.stageNumber === stage ? one.files : [])),
  );
  const changed = await world.host.git.diffFiles(path, baseCommit, manifest.reviewedCommit);
  const files = changed.map((file) => ({ path: file.path, planned: planned.has(file.path) }));
  const patch = await keptPatch(world, project, {
    run: manifest.id,
    tree: path,
    base: baseCommit,
    head: manifest.reviewedCommit,
  });
  const diff = { base: baseCommit, head: manifest.reviewedCommit, files, patch };
  return {
    purpose: "blind",
    qaNames,
    delivered: { scope: manifest.scope, diff, requirements: requirementsOf(plan, stage), commands: [] },
  };
}

type PatchAsk = { readonly run: string; readonly tree: string; readonly base: string; readonly head: string };

/** The difference as text, and where all of it lies when a prompt has to cut it. */
export async function keptPatch(
  world: World,
  project: ProjectPlace,
  of: PatchAsk,
): Promise<{ text: string; path: string }> {
  const text = await world.host.git.diffText(of.tree, of.base, of.head);
  const ref = readRun(of.run);
  const name = `diff-${of.head.slice(0, 12)}-${ref.taskType}-${String(ref.seq).padStart(3, "0")}.patch`;
  const path = join(runPaths(project.projectRoot, ref).prompts, name);
  await world.host.files.replaceFile(path, text);
  return { text, path };
}

const requirementsOf = ({ plan }: ApprovedPlan, stage: number | null): readonly Requirement[] =>
  requirementsIn(plan, stage).map(({ id, text }) => ({
    id,
    text,
    stages: plan.requirementCoverage.find((row) => row.requirement === id)?.stages ?? [],
  }));

type ExecuteFacts = { facts: SubjectFacts; manifest: RunManifest; stage: Stage; carries: readonly Carry[] };

export function executePurpose(
  world: World,
  project: ProjectPlace,
  of: ExecuteFacts,
  earlierCommits: readonly string[] = [],
): PromptPurpose {
  return {
    purpose: "execute",
    carries: of.carries,
    base: of.manifest.reviewedCommit ?? "",
    earlierCommits,
    stage: of.stage,
    branch: of.manifest.worktree.branch ?? "",
    scratch: executorScratch(world, of.facts.ref),
    qaNames: qaNamesOf(project),
  };
}

/** What the report writer may use: everything that the engine knows, as JSON; the whole lies beside the prompts. */
export async function writerPurpose(run: Run, facts: unknown): Promise<PromptPurpose> {
  const text = JSON.stringify(facts, null, 1);
  const path = join(run.paths.prompts, `facts-${run.ref.taskType}-${String(run.ref.seq).padStart(3, "0")}.json`);
  await run.world.host.files.replaceFile(path, `${text}\n`);
  return { purpose: "write", facts: { text, path } };
}

/** Makes the message that asks again for a result that did not fit. */
export const reaskOf = async (run: Run): Promise<NextMessage> =>
  take(await loadReask(run.world.host, run.world.host.machine.packageRoot));

/** An item that blocks, as the executor is told of it. */
export const openItemOf = (item: Item, invariants: readonly Invariant[]): OpenItem => ({
  id: item.id,
  severity: item.severity,
  title: item.title,
  claim: item.claim,
  place: item.place === null ? null : `${item.place.path}:${item.place.start}-${item.place.end}`,
  suggestedFix: inOnePlace(invariants, item.id) ?? null,
});
