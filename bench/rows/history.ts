/** A home and a project with a long past: what its read commands cost then. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homePaths, projectPaths } from "../../src/lifecycle/index.ts";
import type { Catalog, TaskManifest } from "../../src/lifecycle/task.schema.ts";
import type { IndexRow } from "../../src/registry/registry.schema.ts";
import type { Bench, Row } from "../bench.ts";
import { type Line, line, most, quoted } from "../line.ts";
import { median, ratioOf } from "../numbers.ts";
import { besideNode } from "../programs.ts";
import { approvedProject, type Project, taskKey } from "../project.ts";
import type { Indexed } from "../workers/index-rows.ts";

const runs = 10_000;
const tasks = 2_000;
const row = "history";

export const history: Row = {
  name: row,
  async measure(bench) {
    const project = await approvedProject();
    await using _rig = project.rig;
    age(project);
    const commands = [["list"], ["status", taskKey]].map((args) => ({
      row,
      what: `okstra ${args.join(" ")} with ${runs} runs of ${tasks} tasks`,
      order: project.okstra(...args),
      target: most(2, "ratio"),
    }));
    return [
      ...(await besideNode(bench, commands)),
      ...(await indexLines(bench, project)),
      ...(await rebuild(bench, project)),
    ];
  },
};

/** Two rows for each run in the home's index, and the project's catalog of all tasks. */
function age({ rig }: Project): void {
  const { recent } = homePaths(rig.home);
  const [first = ""] = readFileSync(recent, "utf8").split("\n");
  const prepared = JSON.parse(first) as IndexRow;
  const past = Array.from({ length: runs }, (_, at): IndexRow[] => {
    const key = `calc/old/task-${at % tasks}`;
    const time = new Date(Date.UTC(2020, 0, 1) + at * 3_600_000).toISOString();
    const run = {
      ...prepared,
      taskKey: key,
      run: `${key}@error-analysis#${String(1 + Math.floor(at / tasks)).padStart(3, "0")}`,
      time,
    };
    return [run, { ...run, event: "ended", outcome: "completed", invocation: null }];
  });
  const now = readFileSync(recent, "utf8");
  writeFileSync(
    recent,
    past
      .flat()
      .map((one) => `${JSON.stringify(one)}\n`)
      .join("") + now,
  );
  const { catalog } = projectPaths(rig.root);
  const known = JSON.parse(readFileSync(catalog, "utf8")) as Catalog;
  const [newest] = known.tasks;
  if (newest === undefined) throw new Error("the catalog is empty");
  const old = Array.from({ length: tasks }, (_, at) => ({
    ...newest,
    key: `calc/old/task-${at}`,
    title: `Task ${at} of long ago`,
    updatedAt: new Date(Date.UTC(2020, 0, 1) + at * 3_600_000).toISOString(),
  }));
  writeFileSync(catalog, `${JSON.stringify({ ...known, tasks: [...old, ...known.tasks] }, null, 2)}\n`);
}

async function indexLines(bench: Bench, { rig }: Project) {
  const home = join(bench.folder, "history-home");
  mkdirSync(home);
  const { recent, active } = homePaths(home);
  copyFileSync(homePaths(rig.home).recent, recent);
  writeFileSync(active, "");
  const found = await bench.work<Indexed>("index-rows", { home, rounds: 31 });
  return [
    line({
      row,
      what: `the newest 20 rows of the index of ${runs} runs`,
      unit: "ms",
      floor: { what: "JSON.parse of the last 64 KiB", value: median(found.tail) },
      peers: [{ what: "JSON.parse of all", value: median(found.whole) }, quoted("two files a run", 168)],
      ours: median(found.newest),
      ratio: ratioOf(found.newest, found.tail),
    }),
    line({ row, what: "one row more, under its lock", unit: "ms", ours: median(found.append) }),
  ];
}

/** The whole command, with a manifest on the disk for every task. */
async function rebuild(bench: Bench, project: Project): Promise<Line[]> {
  const { tasks: folder } = projectPaths(project.rig.root);
  const [group = "", task = ""] = taskKey.split("/").slice(1);
  const known = JSON.parse(readFileSync(join(folder, group, task, "task-manifest.json"), "utf8")) as TaskManifest;
  const [newest] = known.runs;
  if (newest === undefined) throw new Error("the task has no run");
  for (let at = 0; at < tasks; at += 1) {
    const of = { key: `calc/old/task-${at}`, group: "old", task: `task-${at}` };
    const own = Array.from({ length: runs / tasks }, (_, seq) => ({
      ...newest,
      id: `${of.key}@error-analysis#${String(1 + seq).padStart(3, "0")}`,
      taskKey: of.key,
      seq: 1 + seq,
    }));
    const to = join(folder, of.group, of.task);
    mkdirSync(to, { recursive: true });
    writeFileSync(join(to, "task-manifest.json"), `${JSON.stringify({ ...known, ...of, runs: own }, null, 2)}\n`);
  }
  if (readdirSync(join(folder, "old")).length !== tasks) throw new Error("tasks are missing");
  const what = `okstra reindex: ${runs} runs of ${tasks} tasks, from their manifests`;
  return await besideNode(bench, [{ row, what, order: project.okstra("reindex"), target: most(200) }], 7);
}
