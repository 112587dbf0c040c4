/**
 * Where okstra may have to live (docs/guides/places.md): without a repository, in a linked worktree, without git, in a home that is
 * read-only, full or on another file system. What does not work is refused with a remedy and leaves nothing half-made.
 */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import { configure } from "../rig/attempts.ts";
import { agents, files, initialise, key, untilApproved } from "../rig/calculator.ts";
import { failureOf, fillTo, type Mount, noPlaces, openPlace, type Place, refused } from "../rig/places.ts";
import { openRig, type Ran } from "../rig/rig.ts";
import { changes, tracesOf } from "../rig/traces.ts";

type Status = { task: { stages: { state: string }[] }; runs: RunSummary[]; interrupted: string[] };

const rig = openRig(files);
const analysis = `${key}@error-analysis#001`;
const stageRun = `${key}@implementation.stage-1#001`;
let fresh: () => void;
/** A plan is approved, and a run of stage 1 is prepared. */
let prepared: () => void;

const withAgents = (...args: string[]): string[] => [...args, "--agents", agents(rig)];
const first = (): string[] =>
  withAgents("run", `${rig.folder}/brief.md`, "--task-key", key, "--task-type", "error-analysis", "--base-ref", "main");
const stage = (n: number): string[] => withAgents("implement", key, "--stage", String(n));

beforeAll(async () => {
  await initialise(rig);
  fresh = rig.keep();
  await untilApproved(rig);
  expect(
    (await rig.okstra(withAgents("prepare", "--task-key", key, "--task-type", "implementation", "--stage", "1"))).code,
  ).toBe(0);
  prepared = rig.keep();
}, 120_000);
afterAll(() => rig[Symbol.asyncDispose]());

const statusOf = async (okstra: Place["okstra"], cwd = rig.root): Promise<Status> =>
  (await okstra(["status", key, "--json"], { cwd })).json<Status>();

test("a folder that is no repository: analysed and planned in place; stages need git, and go on once it is there", async () => {
  const root = join(rig.folder, "plain");
  fresh();
  for (const [path, text] of Object.entries(files)) rig.write(`${root}/${path}`, text);
  const init = await rig.okstra(["init", "--project-id", "calc2"], { cwd: root });
  expect(init.stdout).toContain("not a git repository");
  const own = (args: string[]): string[] => args.map((arg) => arg.replace(/^calc\//, "calc2/"));
  const run = (...args: string[]) => rig.okstra(own(args), { cwd: root });
  const brief = first().slice(0, -4);
  expect((await run(...withAgents(...brief))).code).toBe(0);
  const report = await run("report", key);
  expect(report.stdout).toContain("the project is no git repository: there is no commit to look at");
  expect(report.stdout).toContain("what agents change there is not noticed");
  await run("answer", key, "C-001", "No.");
  expect((await run(...withAgents("run", "--task-key", key, "--task-type", "implementation-planning"))).code).toBe(0);
  const asked = failureOf(await run("approve", key, "--json"));
  expect((await run("approve", key, "--content", String(asked.details?.["content"]))).code).toBe(0);

  const error = await refused(rig, own(stage(1)), root);
  expect(error).toMatchObject({ reason: "not-a-repository", remedy: expect.stringContaining("--base-ref HEAD") });

  const git = (...args: string[]): string => rig.gitAt(root, ...args);
  git("init", "--quiet", "-b", "main");
  git("add", "--all");
  git("commit", "--quiet", "-m", "start");
  expect(await refused(rig, own(stage(1)), root)).toMatchObject({ reason: "base-ref-missing" });
  const settings = rig.read(`${root}/.okstra/project.json`);
  const begin = own(withAgents("run", "--task-key", key, "--task-type", "implementation", "--base-ref", "HEAD"));
  rig.write(`${root}/.okstra/project.json`, settings.replace("{", '{"worktreeSetup": ["exit 3"],'));
  expect(await refused(rig, begin, root)).toMatchObject({ reason: "setup-failed" });
  rig.write(`${root}/.okstra/project.json`, settings);
  expect((await run(...begin, "--json")).json<RunSummary>()).toMatchObject({ outcome: "completed", verdict: "merged" });
});

test("a linked worktree as project root: runs work in it, stages are merged into its branch", async () => {
  fresh();
  const root = join(rig.folder, "linked");
  rig.git("worktree", "add", "--quiet", "-b", "side", root);
  rig.write(".okstra/project.json", "");
  rig.git("clean", "-fdxq");
  const okstra = (args: readonly string[]): Promise<Ran> => rig.okstra(args, { cwd: root });
  const git = (...args: string[]): string => rig.gitAt(root, ...args);
  const init = ["init", "--project-id", "calc", "--json"];
  expect((await okstra(init)).json()).toMatchObject({ projectRoot: root });
  await untilApproved(rig, root);
  expect((await statusOf(rig.okstra, root)).runs.map(({ worktree }) => worktree)).toMatchObject([
    { status: "skipped-in-worktree", path: root, branch: "side", baseRef: "main" },
    { status: "skipped-in-worktree", path: root, branch: "side", baseRef: "main" },
  ]);

  // What the user has not committed there stands in the way of a merge, and stays as it is.
  rig.write(`${root}/README.md`, "mine\n");
  const blocked = (await okstra([...stage(1), "--json"])).json<{ runs: RunSummary[] }>().runs[0];
  expect(blocked).toMatchObject({ outcome: "blocked", verdict: "merge-blocked" });
  expect(rig.read(`${root}/README.md`)).toBe("mine\n");
  git("commit", "--quiet", "--all", "-m", "mine");
  expect((await okstra(["worktree", "path", key])).stdout.trim()).toBe(root);
  git("merge", "--quiet", "--no-edit", "fix-add-s1");

  expect((await okstra([...stage(2), "--json"])).json()).toMatchObject({ runs: [{ verdict: "merged" }] });
  expect((await statusOf(rig.okstra, root)).task.stages.map(({ state }) => state)).toEqual(["done", "done", "ready"]);
  expect(git("status", "--porcelain", "--", ":!.okstra")).toBe("");
  expect(rig.git("rev-parse", "main")).toBe(rig.git("merge-base", "main", "side"));

  git("switch", "--quiet", "-c", "elsewhere");
  const again = withAgents("run", "--task-key", key, "--task-type", "implementation-planning");
  expect(await refused(rig, again, root)).toMatchObject({
    reason: "run-changed",
    remedy: `Go back to it: git -C '${root}' switch side`,
  });
});

test("no git at all: looking works, everything else says so and leaves nothing", async () => {
  prepared();
  const bin = join(rig.folder, "bin");
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, "node"));
  const okstra: Place["okstra"] = (args, options) => rig.okstra(args, { ...options, env: { PATH: bin } });
  for (const args of [["list"], ["status", key], ["report", key], ["logs", analysis], ["validate", "run", analysis]])
    expect((await okstra(args)).code, args.join(" ")).toBe(0);
  for (const args of [first(), stage(1), ["init"], ["resume", stageRun], ["demo"]])
    expect(await refused({ folder: rig.folder, okstra }, args)).toMatchObject({ reason: "git-missing" });
  const doctor = await okstra(["doctor"]);
  expect(doctor.code).toBe(1);
  expect(doctor.stdout).toMatch(/FAIL {2}git +git is not on the PATH/);
});

const mounted = test.skipIf(noPlaces !== undefined);
if (noPlaces !== undefined)
  console.log(`not tested: a home that is read-only, full or a file system of its own; ${noPlaces}`);
const place = (...mounts: Mount[]): Promise<Place> => openPlace(rig, mounts);

mounted("a read-only home: looking works, everything else says so and leaves nothing", async () => {
  prepared();
  await using at = await place({ at: rig.home, readOnly: true });
  for (const args of [["list"], ["status", key], ["report", key], ["worktree", "list"], ["validate", "run", analysis]])
    expect((await at.okstra(args)).code, args.join(" ")).toBe(0);
  for (const args of [
    stage(2),
    ["resume", stageRun],
    ["cancel", stageRun],
    ["reject", key, "--reason", "no"],
    ["init"],
  ])
    expect(await refused(at, args)).toMatchObject({
      reason: "read-only",
      remedy: expect.stringContaining("OKSTRA_HOME"),
    });
  expect((await at.okstra(["doctor"])).stdout).toMatch(/FAIL {2}home .*the file system is read-only/);
});

mounted("a home on another file system works", async () => {
  prepared();
  // A cache cannot be cloned to another file system: it is linked, as it may be.
  configure(rig, { worktreeSyncDirs: ["deps", "cache"], worktreeCopyFiles: [".env"], worktreeCloneDirs: ["cache"] });
  rig.write(".git/info/exclude", "deps\n.env\ncache\n");
  for (const path of ["deps/a.js", ".env", "cache/b"]) rig.write(path, "1\n");
  await using at = await place({ at: rig.home, sizeMiB: 300 });
  expect((await at.okstra(["resume", stageRun, "--json"])).json()).toMatchObject({ verdict: "merged" });
  const more = withAgents("prepare", "--task-key", key, "--task-type", "implementation", "--stage", "2");
  expect((await at.okstra(more)).code).toBe(0);
  expect(at.sh(`cd '${rig.home}/worktrees/calc/math/add/stage-2'; cat .env deps/a.js cache/b`)).toBe("1\n1\n1\n");
});

/** Of 40 KiB the prompts cannot be written; of 160 KiB the report cannot, and the run goes on. */
mounted.each([40, 160])("a project on a disk with %i KiB left", async (left) => {
  fresh();
  await using at = await place({ at: rig.root, sizeMiB: 3 });
  const free = fillTo(at, rig.root, left);
  const before = tracesOf(at);
  const error = failureOf(await at.okstra([...first(), "--json"]));
  expect(error.reason).toBe("disk-full");
  expect(error.message).toMatch(/no space left/i);
  const isThere = error.remedy.includes(`okstra resume '${analysis}'`);
  if (!isThere) expect(changes(before, tracesOf(at))).toEqual([]);
  expect(isThere).toBe(left === 160);
  free();
  const ended = (await at.okstra([...(isThere ? ["resume", analysis] : first()), "--json"])).json<RunSummary>();
  expect(ended.outcome).toBe("completed");
  expect((await at.okstra(["validate", "run", analysis])).stdout).toContain("result: OK");
});

mounted("an agent that fails on a full disk has not failed: the run goes on when there is room", async () => {
  prepared();
  await using at = await place({ at: rig.home, sizeMiB: 80 });
  const free = fillTo(at, rig.home, 40);
  const error = failureOf(await at.okstra(["resume", stageRun, "--json"]));
  expect(error).toMatchObject({ reason: "disk-full", remedy: expect.stringContaining(`okstra resume '${stageRun}'`) });
  expect(error.message).toContain("claude-executor failed, and the disk of");
  expect((await statusOf(at.okstra)).interrupted).toEqual([stageRun]);
  free();
  expect((await at.okstra(["resume", stageRun, "--json"])).json()).toMatchObject({ verdict: "merged" });
  expect((await at.okstra(["validate", "run", stageRun])).stdout).toContain("result: OK");
});
