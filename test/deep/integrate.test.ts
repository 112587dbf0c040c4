/**
 * Merging what is built: conflicts that a person or an agent settles, merges that the validation holds back, and the policy that leaves
 * it all to a person. The task branch moves last, and nothing is lost on the way.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import { assertGolden } from "../golden.ts";
import { normalise } from "../normalise.ts";
import { configure } from "../rig/attempts.ts";
import { agents, key, scenario } from "../rig/calculator.ts";
import { type Ground, openApproved } from "../rig/races.ts";
import type { Ran, Rig } from "../rig/rig.ts";
import { registryOf, wrongs } from "../rig/world.ts";

let ground: Ground;
let rig: Rig;
let approved: () => void;
let conflicting: () => void;

/** Stage 1 is merged, stage 2 done; somebody changed on the task branch what stage 2 changes too. */
beforeAll(async () => {
  ground = await openApproved();
  rig = ground.rig;
  approved = rig.keep();
  expect((await stage("1")).code).toBe(0);
  rig.write(join(tree("task"), "src/twice.js"), "export const twice = (a) => a + a + 0;\n");
  rig.gitAt(tree("task"), "commit", "--quiet", "-am", "another way");
  const ran = await stage("2");
  expect([ran.code, ran.json<Runs>().runs[0]?.verdict]).toEqual([3, "merge-conflict"]);
  conflicting = rig.keep();
}, 180_000);
beforeEach(() => conflicting());
afterAll(() => ground[Symbol.asyncDispose]());

type Runs = { readonly runs: readonly RunSummary[] };
type Told = {
  readonly task: {
    readonly stages: readonly { state: string; merged: boolean | null }[];
    gates: { needs: string[] }[];
  };
};

const tree = (name: string): string => join(rig.home, "worktrees", key, name);
const settled = (): string => tree("merge-stage-2");
const stage = (n: string) => rig.okstra(["implement", key, "--stage", n, "--agents", agents(rig), "--json"]);
const integrate = (...args: string[]): Promise<Ran> => rig.okstra(["integrate", key, ...args, "--json"]);
const verdicts = (ran: Ran) => ran.json<Runs>().runs.map(({ stage, outcome, verdict }) => [stage, outcome, verdict]);
const states = async () =>
  (await rig.okstra(["status", key, "--json"])).json<Told>().task.stages.map(({ state }) => state);
const taskHead = (): string => rig.gitAt(tree("task"), "rev-parse", "HEAD");
const rescues = (): string[] =>
  rig.git("for-each-ref", "--format=%(refname)", "refs/okstra/rescue").split("\n").filter(Boolean);
const shown = (text: string): string =>
  normalise(text, { paths: [rig.home, rig.root, rig.folder] }).replaceAll(/\b[0-9a-f]{12}\b/g, "<commit>");

test("a person settles a conflict in the worktree that the command names, and runs it again", async () => {
  const before = taskHead();
  expect((await rig.okstra(["status", key])).stdout).toContain(`okstra integrate ${key}`);
  const first = await rig.okstra(["integrate", key]);
  expect(first.code).toBe(3);
  assertGolden("cli/integrate-conflict.txt", shown(first.stdout));
  expect(rig.gitAt(settled(), "status", "--porcelain")).toContain("AA src/twice.js".slice(2));
  // Not settled: told so, and what was done so far stays.
  rig.write(join(settled(), "notes.md"), "half way\n");
  expect(verdicts(await integrate())).toEqual([[2, "blocked", "merge-conflict"]]);
  // Told to git with a marker left in it.
  const marked = rig.read(join(settled(), "src/twice.js"));
  rig.gitAt(settled(), "add", "src/twice.js");
  expect(verdicts(await integrate())).toEqual([[2, "blocked", "merge-conflict"]]);
  expect(rig.read(join(settled(), "src/twice.js"))).toBe(marked);
  // Settled, but wrong: the validation says so on the merged tree.
  rig.write(join(settled(), "src/twice.js"), "export const twice = (a) => a * 2;\n");
  rig.write(join(settled(), "test/start.test.js"), "process.exit(1);\n");
  rig.gitAt(settled(), "add", "--all");
  const wrong = await integrate("--stage", "2");
  expect(verdicts(wrong)).toEqual([[2, "blocked", "merge-blocked"]]);
  expect(wrong.json<Runs>().runs[0]?.failure?.message).toContain('"node test/start.test.js" failed on the merged tree');
  expect([taskHead(), await states()]).toEqual([before, ["done", "merge-conflict", "blocked"]]);
  // The task branch moves meanwhile; what is put right is merged with that as well.
  rig.write(join(tree("task"), "README.md"), "# calc, moved\n");
  rig.gitAt(tree("task"), "commit", "--quiet", "-am", "moved");
  rig.write(join(settled(), "test/start.test.js"), "console.log(1);\n");
  rig.gitAt(settled(), "commit", "--quiet", "-am", "put right");
  const done = await integrate();
  expect([done.code, verdicts(done)]).toEqual([0, [[2, "completed", "merged"]]]);
  expect(await states()).toEqual(["done", "done", "ready"]);
  expect(rig.read(join(tree("task"), "src/twice.js"))).toContain("a * 2");
  expect(rig.gitAt(tree("task"), "log", "--format=%(trailers:key=Okstra-Run,valueonly)", `${before}..`)).toContain(
    `${key}@implementation.stage-2#`,
  );
  expect([existsSync(settled()), Object.keys(registryOf(rig)).filter((name) => name.includes("merge"))]).toEqual([
    false,
    [],
  ]);
  expect([rescues(), await wrongs(rig, key)]).toEqual([[], []]);
  const again = await rig.okstra(["integrate", key]);
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining("Nothing is left to merge")]);
  expect((await integrate("--stage", "2")).json<{ error: { reason: string } }>().error.reason).toBe("stage-done");
  for (const run of ["002", "003", "004", "005"])
    expect((await rig.okstra(["validate", "run", `${key}@implementation.stage-2#${run}`])).code, run).toBe(0);
});

const settles = (acts: readonly Record<string, unknown>[]): Record<string, unknown> => ({
  when: { purpose: "merge", stage: 2 },
  do: acts,
  result: {
    schemaVersion: 1,
    summary: "both hold",
    commits: [],
    files: ["src/twice.js"],
    testsRun: [],
    outOfPlanEdits: [],
    tddExemptions: [],
    notDone: [],
  },
  usage: { input: 10, output: 1 },
});
const played = (...acts: Record<string, unknown>[]): string[] => {
  rig.write(`${rig.folder}/merge.yaml`, scenario([settles(acts)]));
  return ["--with", "claude", "--agents", `scripted:${rig.folder}/merge.yaml`];
};

test("an agent settles it, and is believed only when the validation passes on what it made", async () => {
  const before = taskHead();
  const idle = await integrate(...played({ say: "it is fine" }));
  expect(verdicts(idle)).toEqual([[2, "blocked", "merge-conflict"]]);
  const wrong = await integrate(
    ...played({ write: { "src/twice.js": "", "test/start.test.js": "process.exit(1);\n" } }, { run: "git add ." }),
  );
  expect(verdicts(wrong)).toEqual([[2, "blocked", "merge-blocked"]]);
  expect(taskHead()).toBe(before);
  // Begun again: what it made is kept, and nobody is asked what is no longer in conflict.
  const right = await integrate(
    ...played({ write: { "src/twice.js": "export const twice = (a) => a * 2;\n" } }, { run: "git add src" }),
    "--restart",
  );
  expect([right.code, verdicts(right)]).toEqual([0, [[2, "completed", "merged"]]]);
  expect(rescues()).toHaveLength(1);
  expect([rig.read(join(tree("task"), "src/twice.js")), await wrongs(rig, key)]).toEqual([
    "export const twice = (a) => a * 2;\n",
    [],
  ]);
  const run = right.json<Runs>().runs[0]?.id ?? "";
  expect((await rig.okstra(["validate", "run", run])).code).toBe(0);
});

test("an agent that is killed with its engine is asked again, on the same conflict", async () => {
  const args = [
    "integrate",
    key,
    ...played({ write: { "src/twice.js": "export const twice = (a) => a * 2;\n" } }, { run: "git add src" }),
  ];
  const killed = await rig.okstra(args, { stopBefore: "processes.supervise:1" });
  expect(killed.signal).toBe("SIGKILL");
  const resumed = await rig.okstra(["resume", `${key}@implementation.stage-2#002`, "--json"]);
  expect([resumed.code, resumed.json<RunSummary>().verdict, await wrongs(rig, key)]).toEqual([0, "merged", []]);
});

test("policy manual: stages are done and unmerged until a person says so; those on one other stage go on, those on several wait", async () => {
  approved();
  configure(rig, { integration: "manual" });
  const built = await rig.okstra(["implement", key, "--stage", "all", "--agents", agents(rig), "--json"]);
  expect([built.code, verdicts(built).map(([, , verdict]) => verdict)]).toEqual([0, ["unmerged", "unmerged"]]);
  expect(await states()).toEqual(["done", "done", "blocked"]);
  const waits = await rig.okstra(["implement", key, "--stage", "3", "--agents", agents(rig), "--json"]);
  expect(waits.json<{ error: object }>().error).toMatchObject({
    reason: "stage-waiting",
    message: expect.stringContaining("1 (done, but not merged), 2 (done, but not merged)"),
    remedy: `Merge it: okstra integrate ${key}`,
  });
  const gone = await rig.okstra(["go", key, "--agents", agents(rig), "--json"]);
  expect([gone.code, gone.json<{ needs: string[] }>().needs]).toEqual([
    3,
    expect.arrayContaining([`Merge stages 1, 2: okstra integrate ${key}`]),
  ]);
  const merged = await integrate();
  expect([merged.code, verdicts(merged)]).toEqual([
    0,
    [
      [1, "completed", "merged"],
      [2, "completed", "merged"],
    ],
  ]);
  expect(await states()).toEqual(["done", "done", "ready"]);
  expect((await stage("3")).code).toBe(0);
  expect((await integrate()).code).toBe(0);
  expect([await states(), await wrongs(rig, key), rescues()]).toEqual([["done", "done", "done"], [], []]);
  const verified = ["run", "--task-key", key, "--task-type", "final-verification", "--agents", agents(rig)];
  expect((await rig.okstra(verified)).code).toBe(0);
});

test("doctor on the worktree of a merge: gone, unregistered, its branch deleted, held by a run that has ended", async () => {
  expect((await integrate()).code).toBe(3);
  const begun = rig.keep();
  const name = `${key}#merge-stage-2`;
  const registry = join(rig.home, "worktrees/registry.json");
  const edit = (change: (entry: object) => object | undefined): void => {
    const { entries, ...rest } = JSON.parse(rig.read(registry)) as { entries: Record<string, object> };
    const changed = change(entries[name] ?? {});
    rig.write(registry, JSON.stringify({ ...rest, entries: { ...entries, [name]: changed } }));
  };
  const cases: Readonly<Record<string, () => unknown>> = {
    [`tree:${name}`]: () => rmSync(settled(), { recursive: true }),
    [`unregistered:${name}`]: () => edit(() => undefined),
    [`branch:${name}`]: () => rig.git("update-ref", "-d", `refs/heads/${registryOf(rig)[name]?.branch}`),
    [`hold:${name}`]: () => edit((entry) => ({ ...entry, status: "active" })),
  };
  for (const [id, does] of Object.entries(cases)) {
    begun();
    does();
    const first = await rig.okstra(["doctor", "--fix", "--json"]);
    const fixes = first.json<{ fixes: { id: string; mended: boolean; left: string }[] }>().fixes;
    expect(fixes).toContainEqual(expect.objectContaining({ id, mended: true }));
    expect([id, registryOf(rig)[name]?.status, await wrongs(rig, key)]).toEqual([id, "released", []]);
    expect([id, (await integrate()).code]).toEqual([id, 3]);
    rig.write(join(settled(), "src/twice.js"), "export const twice = (a) => a * 2;\n");
    rig.gitAt(settled(), "add", "--all");
    expect([id, verdicts(await integrate())]).toEqual([id, [[2, "completed", "merged"]]]);
    expect([id, await wrongs(rig, key)]).toEqual([id, []]);
  }
});
