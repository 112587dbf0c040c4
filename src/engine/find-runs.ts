/** The runs that a word of the command line means: one run, those of a task, of a path below `.okstra`, or of the project. */
import { join, resolve } from "node:path";
import { checkTaskManifest } from "../generated/task.check.js";
import { runPaths } from "../lifecycle/index.ts";
import type { RunSummary } from "../lifecycle/task.schema.ts";
import {
  fault,
  parseJson,
  printKey,
  printRun,
  type RunRef,
  readRun,
  readTaskKey,
  shellWord,
  take,
} from "../model/index.ts";
import { readCatalog, readHead } from "../registry/index.ts";
import { locate } from "./locate.ts";
import { requireTask } from "./require-task.ts";
import type { TaskKey, World } from "./world.ts";

export type RunsOf =
  | { readonly is: "run"; readonly run: RunRef }
  | { readonly is: "task"; readonly key: TaskKey }
  | { readonly is: "path"; readonly path: string }
  | { readonly is: "all" };

export type FoundRuns = { readonly projectRoot: string; readonly runs: readonly RunRef[] };

/** Oldest first. Throws `not-a-run`, `not-a-task`, `not-a-project`. */
export async function findRuns(world: World, cwd: string, of: RunsOf): Promise<FoundRuns> {
  if (of.is === "path") return await runsAtPath(world, resolve(cwd, of.path));
  if (of.is === "all") return await runsOfProject(world, cwd);
  const key = of.is === "run" ? of.run.key : of.key;
  const { projectRoot } = await locate(world, cwd, key);
  const { runs } = await requireTask(world, projectRoot, key);
  if (of.is === "task") return { projectRoot, runs: runs.map(refOf) };
  const isKnown = runs.some(({ id }) => id === printRun(of.run)) || (await hasTraces(world, projectRoot, of.run));
  if (isKnown) return { projectRoot, runs: [of.run] };
  throw fault(
    "not-a-run",
    `There is no run ${printRun(of.run)}`,
    `okstra status ${shellWord(printKey(key))} shows its runs`,
    {
      run: printRun(of.run),
    },
  );
}

/** Of a run that its task does not list: files of its own, or what the home knows of it. Whoever took the others away is found out. */
async function hasTraces(world: World, projectRoot: string, run: RunRef): Promise<boolean> {
  const { journal, manifest } = runPaths(projectRoot, run);
  const { files } = world.host;
  if ((await files.hash(journal)) !== undefined || (await files.hash(manifest)) !== undefined) return true;
  return take(await readHead(world.host, world.home, run)) !== undefined;
}

const refOf = (run: RunSummary): RunRef => readRun(run.id);

async function runsOfProject(world: World, cwd: string): Promise<FoundRuns> {
  const { projectRoot } = await locate(world, cwd, null);
  const { tasks } = take(await readCatalog(world.host, projectRoot));
  const runs: RunRef[] = [];
  for (const { key } of [...tasks].sort((a, b) => (a.key < b.key ? -1 : 1)))
    runs.push(...(await requireTask(world, projectRoot, readTaskKey(key))).runs.map(refOf));
  return { projectRoot, runs };
}

/** `<project>/.okstra/tasks/<group>/<id>[/runs/<type>[/stage-<N>][/...-<seq>...]]` */
const below =
  /^(?<root>.+)\/\.okstra\/tasks\/(?<task>[^/]+\/[^/]+)(?:\/runs\/(?<type>[^/]+)(?:\/stage-(?<stage>\d+))?(?<rest>\/.*)?)?/;

async function runsAtPath(world: World, path: string): Promise<FoundRuns> {
  const real = await world.host.files.realPath(path);
  const { root, task, type, stage, rest } = below.exec(real ?? "")?.groups ?? {};
  if (real === undefined) throw noRun(path, "there is nothing at this path");
  if (root === undefined || task === undefined) throw noRun(path, "it lies in no task's folder (.okstra/tasks)");
  const manifest = join(root, ".okstra", "tasks", task, "task-manifest.json");
  const text = await world.host.files.readText(manifest);
  if (text === undefined) throw noRun(path, `there is no ${manifest}`);
  const { key, runs } = parseJson(checkTaskManifest, text, "task manifest", manifest);
  const seq = rest === undefined ? undefined : sequenceIn(rest);
  const fits = runs
    .map(refOf)
    .filter((run) => type === undefined || run.taskType === type)
    .filter((run) => stage === undefined || run.stage === Number(stage))
    .filter((run) => seq === undefined || run.seq === seq);
  if (fits.length > 0) return { projectRoot: root, runs: fits };
  throw noRun(path, type === undefined ? `${key} has no run yet` : `no run of ${key} lies there`);
}

/** The last number of three or more digits that ends a part of the file's name: `final-report-<type>-001.data.json`. */
function sequenceIn(rest: string): number | undefined {
  const name = rest.slice(rest.lastIndexOf("/") + 1);
  const found = [...name.matchAll(/-(\d{3,})(?=[.-]|$)/g)].at(-1)?.[1];
  return found === undefined ? undefined : Number(found);
}

const noRun = (path: string, why: string) =>
  fault("not-a-run", `${path} names no run: ${why}`, "okstra status TASK lists the runs of a task", { path });
