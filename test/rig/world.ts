/**
 * What must be true of home, project and repository whenever no okstra runs and the last command went through: registry, git and
 * disk say the same, and nothing is half-made. Each function gives sentences about what is wrong; none means all is well.
 */
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, watch } from "node:fs";
import { basename, join } from "node:path";
import { nodeHost } from "../../src/host/node/index.ts";
import type { Clarification, RunManifest, TaskManifest, Timeline } from "../../src/lifecycle/task.schema.ts";
import { type RunRef, readRun, readTaskKey } from "../../src/model/index.ts";
import { verifyJournal } from "../../src/registry/index.ts";
import type { LedgerRow, Registry } from "../../src/registry/registry.schema.ts";
import { packageRoot, type Rig } from "./rig.ts";

/** All that is wrong with the one task of the rig. */
export const wrongs = async (rig: Rig, key: string): Promise<string[]> => [
  ...rig.leftRunning().map((pid) => `process ${pid} is left: ${commandOf(pid)}`),
  ...(await wrongRecords(rig, key)),
];

/**
 * The same of what is on disk alone: where processes of the rig are to run, or the table of all costs too much. `others`: more tasks
 * of the project.
 */
export async function wrongRecords(rig: Rig, key: string, others: readonly string[] = []): Promise<string[]> {
  const registry = readJson<Registry>(join(rig.home, "worktrees", "registry.json")) ?? {
    schemaVersion: 1,
    entries: {},
  };
  return [
    ...wrongRegistry(rig, registry, key),
    ...wrongDisk(rig, registry),
    ...(await Promise.all([key, ...others].map((one) => wrongRuns(rig, one)))).flat(),
    ...[key, ...others].flatMap((one) => wrongLedger(rig, one)),
    ...leftFiles(rig, [key, ...others]),
  ];
}

/** The same once the processes that delete removed worktrees have ended: the trash is watched until it is empty. */
export async function wrongsAfterDeletion(rig: Rig, key: string): Promise<string[]> {
  await untilDeleted(rig);
  return await wrongs(rig, key);
}

export async function untilDeleted(rig: Rig): Promise<void> {
  const trash = join(rig.home, "worktrees", ".trash");
  if (!existsSync(trash)) return;
  const watcher = watch(trash);
  while (readdirSync(trash).length > 0) await once(watcher, "change");
  watcher.close();
}

/** Each entry has its tree and branch; git knows no other tree, and no other branch but `main` is there. */
function wrongRegistry(rig: Rig, registry: Registry, key: string): string[] {
  const all = Object.values(registry.entries);
  const project = `${key.split("/")[0]}/`;
  const entries = all.filter((entry) => entry.key.startsWith(project));
  const listed = rig.git("worktree", "list", "--porcelain").split("\n\n").map(fieldsOf);
  const trees = new Map(listed.map((fields) => [fields.get("worktree") ?? "", fields.get("branch") ?? "none"]));
  const branches = rig.git("for-each-ref", "--format=%(refname)", "refs/heads").split("\n");
  return [
    ...entries.filter((entry) => entry.status === "pending").map((entry) => `${entry.key} is pending`),
    ...entries
      .filter((entry) => trees.get(entry.worktreePath) !== `refs/heads/${entry.branch}`)
      .map(
        (entry) =>
          `${entry.key}: git has ${trees.get(entry.worktreePath) ?? "no tree"} at ${entry.worktreePath}, not ${entry.branch}`,
      ),
    ...entries
      .filter((entry) => !existsSync(join(entry.worktreePath, ".git")))
      .map((entry) => `${entry.key}: no folder`),
    ...[...trees.keys()]
      .filter((path) => path !== rig.root && !entries.some((entry) => entry.worktreePath === path))
      .map((path) => `git has a tree that is not registered: ${path}`),
    ...listed
      .filter((fields) => fields.has("locked") || fields.has("prunable"))
      .map((fields) => `locked or prunable: ${fields.get("worktree")}`),
    ...branches
      .filter((ref) => ref !== "refs/heads/main" && !entries.some((entry) => `refs/heads/${entry.branch}` === ref))
      .map((ref) => `a branch that is not registered: ${ref}`),
    ...twice(all.map((entry) => String(entry.slot))).map((slot) => `slot ${slot} is given twice`),
  ];
}

/** Nothing lies among the worktrees but what is registered. */
function wrongDisk(rig: Rig, registry: Registry): string[] {
  const top = join(rig.home, "worktrees");
  const known = new Set(Object.values(registry.entries).map((entry) => entry.worktreePath));
  const marks = new Set([...known].map((path) => join(path, "..", `.${basename(path)}.made.json`)));
  const wrong: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (known.has(path) || marks.has(path)) continue;
      if (entry.isDirectory() && [...known].some((tree) => tree.startsWith(`${path}/`))) walk(path);
      else if (path === join(top, ".trash")) wrong.push(...readdirSync(path).map((name) => `in the trash: ${name}`));
      else if (!/^registry\.json(\.broken-\w+)?$/.test(entry.name) || folder !== top)
        wrong.push(`left among the worktrees: ${path}`);
    }
  };
  if (existsSync(top)) walk(top);
  return wrong;
}

/** A run has a manifest, a whole journal, a head in the home, and is in the task's manifest; what has not all has none. */
async function wrongRuns(rig: Rig, key: string): Promise<string[]> {
  const { group, task, folder } = placeOf(rig, key);
  const manifest = readJson<TaskManifest>(join(folder, "task-manifest.json"));
  const timeline = readJson<Timeline>(join(folder, "history", "timeline.json"));
  const known = new Map((manifest?.runs ?? []).map((run) => [run.id, run]));
  const wrong: string[] = twice((manifest?.runs ?? []).map((run) => run.id)).map((id) => `${id} is listed twice`);
  const found = new Set<string>();
  for (const runFolder of runFolders(join(folder, "runs"))) {
    const names = (part: string): string[] =>
      existsSync(join(runFolder, part)) ? readdirSync(join(runFolder, part)) : [];
    const sequences = new Set<string>();
    for (const name of names("manifests")) {
      const run = readJson<RunManifest>(join(runFolder, "manifests", name));
      if (run === undefined) continue;
      const seq = String(run.seq).padStart(3, "0");
      sequences.add(seq);
      found.add(run.id);
      if (!known.has(run.id)) wrong.push(`${run.id} is not in the task manifest`);
      wrong.push(...(await wrongJournal(rig, readRun(run.id))));
    }
    for (const part of ["state", "prompts", "worker-results", "reports"]) {
      const stray = names(part).filter((name) => ![...sequences].some((seq) => name.includes(`-${seq}`)));
      wrong.push(...stray.map((name) => `belongs to no run: ${join(runFolder, part, name)}`));
    }
  }
  wrong.push(...[...known.keys()].filter((id) => !found.has(id)).map((id) => `${id} has no manifest`));
  for (const [id, run] of known) {
    const ended = lastEnd(rig, readRun(id));
    if ((run.outcome === "prepared" ? null : run.outcome) !== (ended ?? null))
      wrong.push(`${id}: task manifest says ${run.outcome}, journal ${ended}`);
    if (ended === undefined) continue;
    const row = timeline?.runs.find((one) => one.run === id);
    if (row?.outcome !== ended) wrong.push(`${id}: timeline says ${row?.outcome}, journal ${ended}`);
    const head = readJson<{ ended: boolean }>(headOf(rig, readRun(id)));
    if (head?.ended !== true) wrong.push(`${id}: the home does not know that it ended`);
  }
  const catalog = readJson<{ tasks: { key: string }[] }>(join(rig.root, ".okstra", "discovery", "task-catalog.json"));
  if (known.size > 0 && !(catalog?.tasks ?? []).some((one) => one.key === key))
    wrong.push(`${group}/${task} is not in the catalog`);
  return wrong;
}

async function wrongJournal(rig: Rig, run: RunRef): Promise<string[]> {
  const host = nodeHost({ env: {}, packageRoot });
  const checked = await verifyJournal(host, { host, home: rig.home, projectRoot: rig.root, key: run.key }, run);
  if (!checked.ok) return [checked.error.message];
  return checked.value.map((problem) => `${problem.kind}: ${problem.path}:${problem.line}: ${problem.message}`);
}

/** No row twice (one with another head is a correction); every stage's rows tell a story: started, then done or released, then started again. */
function wrongLedger(rig: Rig, key: string): string[] {
  const path = join(placeOf(rig, key).folder, "runs", "implementation-planning", "consumers.jsonl");
  const rows = linesOf<LedgerRow>(path);
  return twice(
    rows.map((row) => [row.plan, row.cycle, row.stage, row.attempt, row.status, row.head_commit].join(" ")),
  ).map((row) => `ledger row twice: ${row}`);
}

/** Temporary files, locks of git, held results and scratch folders of runs that ended: the scratch of one that is open goes with it. */
function leftFiles(rig: Rig, keys: readonly string[]): string[] {
  const wrong: string[] = [];
  const open = keys
    .flatMap((key) => taskManifestOf(rig, key)?.runs ?? [])
    .map((run) => readRun(run.id))
    .filter((run) => lastEnd(rig, run) === undefined)
    .map((run) => `/${basename(headOf(rig, run), ".json")}/`);
  const scratch = `${join(rig.home, "scratch")}/`;
  const inOpenScratch = (path: string): boolean => path.startsWith(scratch) && open.some((name) => path.includes(name));
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.name.endsWith(".okstra-tmp") && !inOpenScratch(path)) wrong.push(`left: ${path}`);
      if (entry.name.endsWith(".lock") && !path.startsWith(join(rig.home, ".locks"))) wrong.push(`left: ${path}`);
      if (entry.isDirectory()) walk(path);
    }
  };
  walk(rig.folder);
  const slots = new Set(Object.values(registryOf(rig)).map(({ slot }) => `slot-${slot}`));
  for (const name of existsSync(scratch) ? readdirSync(scratch) : [])
    if (/^slot-\d+$/.test(name) && !slots.has(name)) wrong.push(`belongs to no worktree: ${join(scratch, name)}`);
  for (const folder of ["holding", "scratch"]) {
    for (const path of filesBelow(join(rig.home, folder)))
      if (!/\/(slot-\d+|setup-logs)\//.test(path) && !open.some((name) => path.includes(name)))
        wrong.push(`left in the home: ${path}`);
  }
  return wrong;
}

/** Every row of a file of JSON lines. */
const linesOf = <T>(path: string): T[] =>
  (existsSync(path) ? readFileSync(path, "utf8") : "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);

/** What the journal says last about how the run ended; undefined while it has not. */
export function lastEnd(rig: Rig, run: RunRef): string | undefined {
  const events = eventsOf(rig, run).filter((event) => event.type === "run.ended" || event.type === "run.started");
  const last = events.at(-1);
  return last?.type === "run.ended" ? String(last.data["outcome"]) : undefined;
}

export type Event = { readonly type: string; readonly data: Readonly<Record<string, unknown>> };

export const eventsOf = (rig: Rig, run: RunRef): Event[] =>
  linesOf<Event>(join(runFolderOf(rig, run), "state", `events-${String(run.seq).padStart(3, "0")}.jsonl`));

export const runFolderOf = (rig: Rig, run: RunRef): string =>
  join(
    placeOf(rig, `${run.key.project}/${run.key.group}/${run.key.task}`).folder,
    "runs",
    run.taskType,
    ...(run.stage === null ? [] : [`stage-${run.stage}`]),
  );

export const taskManifestOf = (rig: Rig, key: string): TaskManifest | undefined =>
  readJson(join(placeOf(rig, key).folder, "task-manifest.json"));

export const ledgerOf = (rig: Rig, key: string): LedgerRow[] =>
  linesOf(join(placeOf(rig, key).folder, "runs", "implementation-planning", "consumers.jsonl"));

export const clarificationsOf = (rig: Rig, key: string): Clarification[] =>
  linesOf(join(placeOf(rig, key).folder, "clarifications.jsonl"));

export const registryOf = (rig: Rig): Registry["entries"] =>
  readJson<Registry>(join(rig.home, "worktrees", "registry.json"))?.entries ?? {};

function placeOf(rig: Rig, key: string): { group: string; task: string; folder: string } {
  const { group, task } = readTaskKey(key);
  return { group, task, folder: join(rig.root, ".okstra", "tasks", group, task) };
}

export const headOf = (rig: Rig, run: RunRef): string => {
  const { project, group, task } = run.key;
  const name = `${run.taskType}${run.stage === null ? "" : `.stage-${run.stage}`}-${String(run.seq).padStart(3, "0")}.json`;
  return join(rig.home, "heads", project, group, task, name);
};

/** Folders that hold the runs of one type, for implementation of one stage. */
function runFolders(runs: string): string[] {
  if (!existsSync(runs)) return [];
  return readdirSync(runs).flatMap((type) =>
    type === "implementation"
      ? readdirSync(join(runs, type))
          .filter((name) => name.startsWith("stage-"))
          .map((name) => join(runs, type, name))
      : [join(runs, type)],
  );
}

const fieldsOf = (block: string): Map<string, string> =>
  new Map(
    block.split("\n").map((line) => {
      const at = line.indexOf(" ");
      return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );

const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

const twice = (texts: readonly string[]): string[] => [
  ...new Set(texts.filter((text, index) => texts.indexOf(text) !== index)),
];

const readJson = <T>(path: string): T | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : undefined;

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "gone by now";
  }
}
