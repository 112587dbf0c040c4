/**
 * Every disagreement of docs/guides/when-records-disagree.md, made by hand on a task with a stage that is done and merged, and one
 * that is under way: doctor names it, changes nothing, and `--fix` mends it or says why not. What it mends says
 * afterwards what it said before.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DoctorAnswer } from "../../src/checks/index.ts";
import { readRun } from "../../src/model/index.ts";
import { agents, key } from "../rig/calculator.ts";
import { inside } from "../rig/inside.ts";
import { type Ground, openApproved } from "../rig/races.ts";
import { packageRoot, type Rig } from "../rig/rig.ts";
import { changes, tracesOf } from "../rig/traces.ts";
import { headOf, ledgerOf, registryOf, taskManifestOf, wrongs } from "../rig/world.ts";

let ground: Ground;
let restore: () => void;
let rig: Rig;
let stageHead: string;

beforeAll(async () => {
  ground = await openApproved();
  rig = ground.rig;
  const must = async (...args: string[]): Promise<void> => {
    const ran = await rig.okstra([...args, "--json"]);
    if (ran.code !== 0) throw new Error(`${args.join(" ")}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
  };
  await must("implement", key, "--stage", "1", "--agents", agents(rig));
  await must("prepare", "--task-key", key, "--task-type", "implementation", "--stage", "2", "--agents", agents(rig));
  stageHead = rig.git("rev-parse", branch("#stage-1"));
  restore = rig.keep();
}, 120_000);
afterAll(() => ground[Symbol.asyncDispose]());

const home = (path: string): string => join(rig.home, path);
const tree = (name: string): string => home(`worktrees/${key}/${name}`);
const taskFile = (path: string): string => join(rig.root, ".okstra/tasks", key.split("/").slice(1).join("/"), path);
const branch = (suffix: string): string => registryOf(rig)[`${key}${suffix}`]?.branch ?? expect.unreachable(suffix);
const registryPath = (): string => home("worktrees/registry.json");
const remove = (path: string): void => rmSync(path, { recursive: true });
const edit = (path: string, change: (text: string) => string): void =>
  writeFileSync(path, change(readFileSync(path, "utf8")));

async function doctor(...flags: string[]): Promise<DoctorAnswer> {
  return JSON.parse((await inside(rig, ["doctor", "--json", ...flags])).answer) as DoctorAnswer;
}

/** What is only about the prepared stage's dead process, which is no fault of the records. */
const ofRecords = (answer: DoctorAnswer): string[] =>
  answer.checks
    .filter(
      ({ ok, id }) => !ok && id !== `hold:${key}#stage-2` && !/^(agent|gh|sandbox|disk|hooks|identity)(:|$)/.test(id),
    )
    .map(({ id }) => id.replaceAll(rig.folder, ""));

type Case = {
  readonly name: string;
  readonly does: () => unknown;
  /** Ids that doctor must name, among others or alone. */
  readonly ids: readonly string[];
  /** Left to a person: still there after `--fix`. */
  readonly left?: true;
  /** What must hold after `--fix`. */
  readonly after?: () => unknown;
};

const at = (suffix: string): string => `${key}${suffix}`;
const cases: readonly Case[] = [
  { name: "the registry is cut", does: () => edit(registryPath(), (text) => text.slice(0, 300)), ids: ["registry"] },
  { name: "the registry is empty", does: () => writeFileSync(registryPath(), ""), ids: ["registry"] },
  {
    name: "one entry of the registry was edited by hand",
    does: () => edit(registryPath(), (text) => text.replace('"status": "released"', '"status": "free"')),
    ids: ["registry", `unregistered:${at("#stage-1")}`],
    after: () => expect(readdirSync(home("worktrees")).filter((name) => name.includes(".broken-"))).toHaveLength(1),
  },
  {
    name: "an entry of the registry was pointed to the project by hand",
    does: () => edit(registryPath(), (text) => text.replace(`${home("worktrees")}/${key}/stage-1"`, `${rig.root}"`)),
    ids: ["registry", `unregistered:${at("#stage-1")}`],
    after: () => expect(existsSync(join(rig.root, "package.json"))).toBe(true),
  },
  {
    name: "the registry is deleted",
    does: () => remove(registryPath()),
    ids: ["", "#stage-1", "#stage-2"].map((suffix) => `unregistered:${at(suffix)}`),
  },
  {
    name: "the registry is of a newer okstra",
    does: () => edit(registryPath(), (text) => text.replace('"schemaVersion": 1', '"schemaVersion": 2')),
    ids: ["registry"],
    left: true,
  },
  {
    name: "the catalog is deleted",
    does: () => remove(join(rig.root, ".okstra/discovery/task-catalog.json")),
    ids: ["catalog"],
  },
  {
    name: "the catalog is cut",
    does: () => edit(join(rig.root, ".okstra/discovery/task-catalog.json"), (text) => text.slice(0, 40)),
    ids: ["catalog"],
  },
  {
    name: "the ledger is deleted",
    does: () => remove(taskFile("runs/implementation-planning/consumers.jsonl")),
    ids: [`ledger:${key}`],
  },
  {
    name: "the ledger lost its last row",
    does: () =>
      edit(
        taskFile("runs/implementation-planning/consumers.jsonl"),
        (text) => `${text.trim().split("\n").slice(0, -1).join("\n")}\n`,
      ),
    ids: [`ledger:${key}`],
  },
  {
    name: "a line of the ledger was overwritten",
    does: () =>
      edit(taskFile("runs/implementation-planning/consumers.jsonl"), (text) => text.replace(/.*\n/, "what is this\n")),
    ids: [`ledger:${key}`],
  },
  {
    name: "the branch of a stage is deleted",
    does: () => rig.git("update-ref", "-d", `refs/heads/${branch("#stage-1")}`),
    ids: [`branch:${at("#stage-1")}`],
    after: () => expect(rig.git("rev-parse", branch("#stage-1"))).toBe(stageHead),
  },
  {
    name: "the branch of the task is deleted",
    does: () => rig.git("update-ref", "-d", `refs/heads/${branch("")}`),
    ids: [`branch:${key}`],
  },
  {
    name: "branch and worktree of a finished stage are deleted",
    does: () => {
      rig.git("worktree", "remove", "--force", tree("stage-1"));
      rig.git("branch", "-D", branch("#stage-1"));
    },
    ids: [`branch:${at("#stage-1")}`],
    after: () => expect(registryOf(rig)[at("#stage-1")]).toBeUndefined(),
  },
  { name: "a worktree's folder is deleted", does: () => remove(tree("stage-1")), ids: [`tree:${at("#stage-1")}`] },
  { name: "the task's folder is deleted", does: () => remove(tree("task")), ids: [`tree:${key}`] },
  {
    name: "git's record of a worktree is gone, and files were changed in it",
    does: () => {
      writeFileSync(join(tree("stage-2"), "mine.txt"), "mine\n");
      edit(join(tree("stage-2"), "src/add.js"), (text) => `${text}// mine\n`);
      remove(join(rig.root, ".git/worktrees/stage-2"));
    },
    ids: [`tree:${at("#stage-2")}`],
    after: () => {
      expect(readFileSync(join(tree("stage-2"), "mine.txt"), "utf8")).toBe("mine\n");
      expect(git(tree("stage-2"), "status", "--porcelain").split("\n")).toEqual([" M src/add.js", "?? mine.txt"]);
    },
  },
  {
    name: "something else lies where a worktree was",
    does: () => {
      renameSync(tree("stage-1"), join(rig.folder, "moved"));
      mkdirSync(tree("stage-1"));
      writeFileSync(join(tree("stage-1"), "mine.txt"), "mine\n");
    },
    ids: [`tree:${at("#stage-1")}`],
    left: true,
    after: () => expect(readFileSync(join(tree("stage-1"), "mine.txt"), "utf8")).toBe("mine\n"),
  },
  {
    name: "another branch is checked out",
    does: () => git(tree("stage-2"), "checkout", "--quiet", "-b", "mine"),
    ids: [`branch:${at("#stage-2")}`],
    left: true,
  },
  {
    name: "a folder that nobody knows",
    does: () => {
      mkdirSync(tree("notes"));
      writeFileSync(join(tree("notes"), "mine.txt"), "mine\n");
    },
    ids: [`stray-folder:/okstra home/worktrees/${key}/notes`],
    left: true,
  },
  {
    name: "an empty folder that nobody knows",
    does: () => mkdirSync(tree("stage-9")),
    ids: [`stray-folder:/okstra home/worktrees/${key}/stage-9`],
    after: () => expect(existsSync(tree("stage-9"))).toBe(false),
  },
  {
    name: "git knows a tree among ours whose folder is gone",
    does: () => {
      rig.git("worktree", "add", "--quiet", "--detach", tree("old"), "main");
      git(
        tree("old"),
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@b",
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "only here",
      );
      remove(tree("old"));
    },
    ids: [`stray-tree:/okstra home/worktrees/${key}/old`],
    after: () => {
      expect(rig.git("for-each-ref", "--format=%(contents:subject)", "refs/okstra/rescue")).toBe("only here");
      expect(rig.git("worktree", "list")).not.toContain("/old ");
    },
  },
  {
    name: "a removed worktree was not deleted yet",
    does: () => mkdirSync(home("worktrees/.trash/1.2.abc/src"), { recursive: true }),
    ids: ["trash"],
    after: () => expect(readdirSync(home("worktrees/.trash"))).toEqual([]),
  },
  {
    name: "a removal that was begun",
    does: () =>
      edit(registryPath(), (text) => {
        const registry = JSON.parse(text) as { entries: Record<string, object> };
        Object.assign(registry.entries[at("#stage-1")] ?? {}, {
          removal: { since: "2026-01-01T00:00:00.000Z", force: false },
        });
        return JSON.stringify(registry);
      }),
    ids: [`removal:${at("#stage-1")}`],
    after: () => expect(existsSync(tree("stage-1"))).toBe(false),
  },
  {
    name: "the task's manifest is deleted",
    does: () => remove(taskFile("task-manifest.json")),
    ids: [`task:${key}`],
    left: true,
  },
  {
    name: "the task does not list one of its runs",
    does: () =>
      edit(taskFile("task-manifest.json"), (text) => {
        const manifest = JSON.parse(text) as { runs: { id: string }[] };
        return JSON.stringify({ ...manifest, runs: manifest.runs.filter(({ id }) => !id.includes("planning")) });
      }),
    ids: [`run:${key}@implementation-planning#001`],
    after: () => expect(taskManifestOf(rig, key)?.runs).toHaveLength(4),
  },
  {
    name: "the manifest of a run is deleted",
    does: () => remove(taskFile("runs/error-analysis/manifests/run-manifest-error-analysis-001.json")),
    ids: [`run:${key}@error-analysis#001`],
    left: true,
  },
  {
    name: "the task shows a run as under way that has ended",
    does: () =>
      edit(taskFile("task-manifest.json"), (text) => {
        const manifest = JSON.parse(text) as { runs: { id: string }[] };
        const open = { outcome: null, endedAt: null };
        return JSON.stringify({
          ...manifest,
          runs: manifest.runs.map((run) => (run.id.includes("stage-1") ? { ...run, ...open } : run)),
        });
      }),
    ids: [`run:${key}@implementation.stage-1#001`],
  },
  {
    name: "a run was killed before the home knew that it had ended",
    does: () =>
      edit(headOf(rig, readRun(`${key}@implementation.stage-1#001`)), (text) =>
        text.replace('"ended":true', '"ended":false'),
      ),
    ids: [`run:${key}@implementation.stage-1#001`],
  },
  {
    name: "the journal of a run is deleted",
    does: () => remove(taskFile("runs/error-analysis/state/events-001.jsonl")),
    ids: [`journal:${key}@error-analysis#001`],
    left: true,
  },
  {
    name: "the last line of a journal is taken out",
    does: () =>
      edit(
        taskFile("runs/error-analysis/state/events-001.jsonl"),
        (text) => `${text.trim().split("\n").slice(0, -1).join("\n")}\n`,
      ),
    ids: [`journal:${key}@error-analysis#001`],
    left: true,
  },
  {
    name: "a hand wrote that a stage is done",
    does: () =>
      edit(taskFile("runs/implementation-planning/consumers.jsonl"), (text) => {
        const last = JSON.parse(text.trim().split("\n").at(-1) ?? "") as object;
        return `${text}${JSON.stringify({ ...last, status: "done", head_commit: stageHead })}\n`;
      }),
    ids: [`ledger:${key}#stage-2`],
    left: true,
  },
  {
    name: "the ledger names a commit that git does not have",
    does: () =>
      edit(taskFile("runs/implementation-planning/consumers.jsonl"), (text) =>
        text.replaceAll(stageHead, "dead".repeat(10)),
      ),
    ids: [`stale:${key}#stage-1`],
  },
  {
    name: "a carry is deleted",
    does: () => remove(taskFile("runs/implementation/carry/stage-1.json")),
    ids: [`carry:${key}#stage-1`],
    left: true,
  },
  {
    name: "a carry of other origin",
    does: () =>
      writeFileSync(
        taskFile("runs/implementation/carry/stage-2.json"),
        JSON.stringify({ stageNumber: 2, head_sha: stageHead }),
      ),
    ids: [`carry:${key}#stage-2`],
    left: true,
  },
  {
    name: "a stage that has ended is held",
    does: () =>
      edit(registryPath(), (text) => {
        const registry = JSON.parse(text) as { entries: Record<string, object> };
        Object.assign(registry.entries[at("#stage-1")] ?? {}, { status: "active" });
        return JSON.stringify(registry);
      }),
    ids: [`hold:${at("#stage-1")}`],
    after: () => expect(registryOf(rig)[at("#stage-1")]?.status).toBe("released"),
  },
  {
    name: "a stage stands as started and nobody holds it",
    does: () =>
      edit(registryPath(), (text) => {
        const registry = JSON.parse(text) as { entries: Record<string, object> };
        Object.assign(registry.entries[at("#stage-2")] ?? {}, { status: "released" });
        return JSON.stringify(registry);
      }),
    ids: [`ledger:${key}#stage-2`],
    after: () => expect(ledgerOf(rig, key).at(-1)).toMatchObject({ stage: 2, status: "released" }),
  },
];

const git = (folder: string, ...args: string[]): string =>
  execFileSync("git", args, { cwd: folder, env: rig.env, encoding: "utf8" }).trimEnd();

/** States of stages as the ledger has them, with what they rest on. */
const states = (): string[] => [
  ...new Map(
    ledgerOf(rig, key).map((row) => [row.stage, `${row.stage} ${row.status} ${row.attempt} ${row.head_commit}`]),
  ).values(),
];

test("the guide names every check there is", () => {
  const guide = readFileSync(join(packageRoot, "docs/guides/when-records-disagree.md"), "utf8");
  for (const id of new Set(cases.flatMap(({ ids }) => ids.map((one) => one.split(":")[0]))))
    expect(guide).toMatch(new RegExp(`^\\| \`${id}[:\`]`, "m"));
});

test("at the start all agrees", async () => {
  restore();
  expect(ofRecords(await doctor())).toEqual([]);
  expect(await wrongs(rig, key)).toEqual([]);
});

test.each(cases)("$name", async ({ does, ids, left, after }) => {
  restore();
  const before = { registry: registryOf(rig), states: states() };
  does();
  const traces = tracesOf(rig);
  const seen = await doctor();
  expect(ofRecords(seen)).toEqual(expect.arrayContaining([...ids]));
  expect(seen.checks.filter(({ ok, remedy }) => !ok && remedy === "")).toEqual([]);
  expect(changes(traces, tracesOf(rig))).toEqual([]);
  const fixed = await doctor("--fix");
  const named = (fixed.fixes ?? []).map(({ id, mended, did, left: why }) => [
    id.replaceAll(rig.folder, ""),
    mended,
    did + why !== "",
  ]);
  for (const id of ids) expect(named).toContainEqual([id, left !== true, true]);
  if (left === true) expect(ofRecords(fixed)).toEqual(expect.arrayContaining([...ids]));
  else expect(ofRecords(fixed)).toEqual([]);
  after?.();
  if (left === true) return;
  const again = await doctor("--fix");
  expect((again.fixes ?? []).filter(({ mended }) => mended)).toEqual([]);
  if (after !== undefined) return;
  expect(holds(registryOf(rig))).toEqual(holds(before.registry));
  expect(states()).toEqual(before.states);
  expect(await wrongs(rig, key)).toEqual([]);
});

/** What entries say but for times, and slots, which are given anew. */
const holds = (entries: ReturnType<typeof registryOf>) =>
  Object.values(entries)
    .map(({ key: name, worktreePath, branch: on, baseRef, baseCommit, status, plan, implementationBase, holder }) => ({
      ...{ name, worktreePath, on, baseRef, baseCommit, status, plan, implementationBase },
      nonce: name.includes("#") ? holder.nonce : "",
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

test("a run that is under way keeps its stage when the registry is lost", async () => {
  restore();
  remove(registryPath());
  await doctor("--fix");
  const ran = await rig.okstra(["resume", `${key}@implementation.stage-2#001`, "--json"]);
  expect(ran.json()).toMatchObject({ outcome: "completed" });
  expect(await wrongs(rig, key)).toEqual([]);
});

test("a stage that is done is not built again when the ledger is lost", async () => {
  restore();
  remove(taskFile("runs/implementation-planning/consumers.jsonl"));
  const ran = await rig.okstra([
    "prepare",
    "--task-key",
    key,
    "--task-type",
    "implementation",
    "--stage",
    "1",
    "--agents",
    agents(rig),
    "--json",
  ]);
  expect(ran.json()).toMatchObject({ error: { reason: "stage-done" } });
});
