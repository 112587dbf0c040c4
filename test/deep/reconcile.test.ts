/** Rebased task and stage branches, and carries of other origin: what reconcile corrects, what it leaves, and that work goes on after it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agents, key } from "../rig/calculator.ts";
import { inside } from "../rig/inside.ts";
import { type Ground, openApproved } from "../rig/races.ts";
import type { Rig } from "../rig/rig.ts";
import { ledgerOf, registryOf, wrongs } from "../rig/world.ts";

type Task = {
  readonly key: string;
  readonly rows: readonly { readonly stage: number; readonly status: string }[];
  readonly corrected: readonly {
    readonly what: string;
    readonly stage: number | null;
    readonly to: string;
    readonly by: string;
  }[];
  readonly accepted: readonly { readonly stage: number; readonly head: string; readonly merged: boolean }[];
  readonly left: readonly { readonly what: string; readonly why: string }[];
};

let ground: Ground;
let restore: () => void;
let rig: Rig;

beforeAll(async () => {
  ground = await openApproved();
  rig = ground.rig;
  await must("implement", key, "--stage", "1", "--agents", agents(rig));
  restore = rig.keep();
}, 120_000);
afterAll(() => ground[Symbol.asyncDispose]());

async function must(...args: string[]): Promise<void> {
  const ran = await rig.okstra([...args, "--json"]);
  if (ran.code !== 0) throw new Error(`${args.join(" ")}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
}

const tree = (name: string): string => join(rig.home, "worktrees", key, name);
const author = { GIT_AUTHOR_NAME: "A", GIT_AUTHOR_EMAIL: "a@b", GIT_COMMITTER_NAME: "A", GIT_COMMITTER_EMAIL: "a@b" };
const git = (folder: string, ...args: string[]): string =>
  execFileSync("git", args, { cwd: folder, env: { ...rig.env, ...author }, encoding: "utf8", stdio: "pipe" }).trim();
const newest = (stage: number) => ledgerOf(rig, key).findLast((row) => row.stage === stage);

async function reconcile(...flags: string[]): Promise<{ code: number; task: Task }> {
  const { code, answer } = await inside(rig, ["reconcile", key, "--json", ...flags]);
  const task = (JSON.parse(answer) as { tasks?: Task[] }).tasks?.[0];
  if (task === undefined) throw new Error(answer);
  return { code, task };
}

/** Ids of what doctor finds wrong with the records. */
async function wrongIds(): Promise<string[]> {
  const { answer } = await inside(rig, ["doctor", "--json"]);
  const { checks } = JSON.parse(answer) as { checks: { id: string; ok: boolean }[] };
  return checks
    .filter(({ ok, id }) => !ok && /^(stale|ledger|carry|tree|branch|hold|registry|run)\b/.test(id))
    .map(({ id }) => id);
}

/** A stage as status has it. */
async function standing(stage: number): Promise<unknown> {
  const { answer } = await inside(rig, ["status", key, "--json"]);
  const { task } = JSON.parse(answer) as { task: { stages: { stageNumber: number }[] } };
  return task.stages.find(({ stageNumber }) => stageNumber === stage);
}

function mainMovesOn(): void {
  git(rig.root, "checkout", "--quiet", "main");
  writeFileSync(join(rig.root, "NEWS.md"), "news\n");
  git(rig.root, "add", "NEWS.md");
  git(rig.root, "commit", "--quiet", "-m", "news");
}

const isIn = (commit: string, head: string): boolean =>
  git(rig.root, "merge-base", commit, head) === git(rig.root, "rev-parse", commit);

test("nothing is stale: nothing is written", async () => {
  restore();
  const before = ledgerOf(rig, key);
  expect(await reconcile()).toMatchObject({ code: 0, task: { rows: [], corrected: [], accepted: [], left: [] } });
  expect(ledgerOf(rig, key)).toEqual(before);
});

test("a flattening rebase of the task branch: the stage's commits are found by what they change, and the task goes on", async () => {
  restore();
  mainMovesOn();
  const old = newest(1)?.head_commit ?? "";
  git(tree("task"), "rebase", "--quiet", "main");
  expect(isIn(old, git(tree("task"), "rev-parse", "HEAD"))).toBe(false);
  expect(await wrongIds()).toEqual([`stale:${key}#stage-1`, `stale:${key}`]);
  const { code, task } = await reconcile();
  expect(code).toBe(0);
  const to = task.corrected.find(({ what }) => what === "stage")?.to ?? "";
  expect(task.corrected).toMatchObject([
    { what: "stage", stage: 1, by: "patch-id" },
    { what: "base", by: "merge-base", to: git(rig.root, "rev-parse", "main") },
  ]);
  expect(isIn(to, git(tree("task"), "rev-parse", "HEAD"))).toBe(true);
  expect(newest(1)).toMatchObject({ status: "done", head_commit: to, source: "reconcile", attempt: 1 });
  expect(await wrongIds()).toEqual([]);
  expect((await reconcile()).task.corrected).toEqual([]);
  await must("implement", key, "--stage", "all", "--agents", agents(rig));
  const ran = await rig.okstra([
    "run",
    "--task-key",
    key,
    "--task-type",
    "final-verification",
    "--agents",
    agents(rig),
    "--json",
  ]);
  expect(ran.json()).toMatchObject({ outcome: "completed", verdict: "accepted" });
  expect(await wrongs(rig, key)).toEqual([]);
});

test("merges that were kept, with commits that were changed: the stage is told by the merge's trailer", async () => {
  restore();
  mainMovesOn();
  const old = newest(1)?.head_commit ?? "";
  const [base, merge] = [git(rig.root, "rev-parse", "main"), git(tree("task"), "rev-parse", "HEAD")];
  const changed = git(tree("task"), "commit-tree", `${merge}^{tree}`, "-p", base, "-m", "the stage, and a word more");
  const message = git(tree("task"), "log", "-1", "--format=%B", merge);
  const again = git(tree("task"), "commit-tree", `${merge}^{tree}`, "-p", base, "-p", changed, "-m", message);
  git(tree("task"), "reset", "--quiet", "--hard", again);
  expect(old).not.toBe(changed);
  // As after the objects were collected: only the trailer can tell.
  const { task } = await reconcile();
  expect(task.corrected[0]).toMatchObject({ what: "stage", stage: 1 });
  expect(newest(1)?.head_commit).toBe(changed);
});

test("doctor --fix corrects what is proven, too", async () => {
  restore();
  mainMovesOn();
  git(tree("task"), "rebase", "--quiet", "main");
  const { answer } = await inside(rig, ["doctor", "--fix", "--json"]);
  expect((JSON.parse(answer) as { fixes: { id: string; mended: boolean }[] }).fixes).toMatchObject([
    { id: `stale:${key}#stage-1`, mended: true },
    { id: `stale:${key}`, mended: true },
  ]);
  expect(await wrongIds()).toEqual([]);
});

test("a stage's commits that a rebase dropped are named and left", async () => {
  restore();
  mainMovesOn();
  git(tree("task"), "reset", "--quiet", "--hard", "main");
  const before = ledgerOf(rig, key);
  const { code, task } = await reconcile();
  expect(code).toBe(3);
  expect(task.left[0]).toMatchObject({
    what: expect.stringContaining("stage 1 is recorded at"),
    why: expect.stringContaining("no commit there changes the same as"),
  });
  expect(ledgerOf(rig, key)).toEqual(before);
  expect(await wrongIds()).toContain(`stale:${key}#stage-1`);
});

test("while a rebase is under way nothing is corrected", async () => {
  restore();
  mainMovesOn();
  git(tree("task"), "-c", "sequence.editor=sed -i '1i break'", "rebase", "--quiet", "-i", "main");
  expect((await reconcile()).task.corrected).toEqual([]);
  git(tree("task"), "rebase", "--continue");
  expect((await reconcile()).task.corrected).toMatchObject([{ what: "stage" }, { what: "base" }]);
});

test("a carry of other origin counts once a person says so, and not before", async () => {
  restore();
  const base = git(tree("task"), "rev-parse", "HEAD");
  const head = git(rig.root, "commit-tree", `${base}^{tree}`, "-p", base, "-m", "stage 2, by hand");
  const file = join(
    rig.root,
    ".okstra/tasks",
    key.split("/").slice(1).join("/"),
    "runs/implementation/carry/stage-2.json",
  );
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ stageNumber: 2, status: "ok", head_sha: head.slice(0, 12) }));
  expect(await reconcile()).toMatchObject({ code: 0, task: { accepted: [] } });
  expect(newest(2)).toBeUndefined();
  expect(await wrongIds()).toEqual([`carry:${key}#stage-2`]);
  const accepted = await inside(rig, ["reconcile", key, "--accept-carry", "2", "--json"]);
  expect(JSON.parse(accepted.answer)).toMatchObject({ tasks: [{ accepted: [{ stage: 2, head, merged: false }] }] });
  expect(newest(2)).toMatchObject({ status: "done", head_commit: head, source: "accept-carry", attempt: 1 });
  expect(await wrongIds()).toEqual([]);
  const again = await inside(rig, ["reconcile", key, "--accept-carry", "2", "--json"]);
  expect(JSON.parse(again.answer)).toMatchObject({ error: { reason: "stage-done" } });
  expect(await standing(2)).toMatchObject({ state: "done", merged: false });
  await must("integrate", key);
  expect(await standing(2)).toMatchObject({ state: "done", merged: true });
  expect(isIn(head, git(tree("task"), "rev-parse", "HEAD"))).toBe(true);
  expect(registryOf(rig)[`${key}#stage-2`]).toBeUndefined();
});
