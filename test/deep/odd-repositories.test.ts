/**
 * Repositories that are not like the others (docs/guides/odd-repositories.md): a prepare makes a clean worktree in them, `doctor` finds
 * nothing wrong, and removing takes it away again; or it says why not and leaves nothing.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DoctorAnswer } from "../../src/checks/index.ts";
import { agents, files, initialise, key } from "../rig/calculator.ts";
import { inside } from "../rig/inside.ts";
import { openRig, type Rig } from "../rig/rig.ts";
import { registryOf, untilDeleted } from "../rig/world.ts";

type Failure = { readonly reason: string; readonly message: string; readonly remedy: string };
type Prepared = { readonly worktree: { readonly path: string; readonly baseCommit: string }; readonly error?: Failure };

const prepareArgs = (rig: Rig, base: string): string[] => [
  ...["prepare", `${rig.folder}/brief.md`, "--task-key", key, "--task-type", "error-analysis"],
  ...["--base-ref", base, "--agents", agents(rig), "--json"],
];

async function prepared(rig: Rig, base = "main", cwd = rig.root): Promise<string> {
  const { code, answer, story } = await inside(rig, prepareArgs(rig, base), cwd);
  expect(code, answer + story).toBe(0);
  return (JSON.parse(answer) as Prepared).worktree.path;
}

async function refused(rig: Rig, base = "main", cwd = rig.root): Promise<Failure> {
  const { code, answer } = await inside(rig, prepareArgs(rig, base), cwd);
  expect(code).not.toBe(0);
  return (JSON.parse(answer) as Prepared).error ?? expect.unreachable(answer);
}

/** Nothing is said against it, by git or by doctor, and it goes without being forced. */
async function sound(rig: Rig, tree: string, cwd = rig.root): Promise<void> {
  expect(rig.gitAt(tree, "status", "--porcelain")).toBe("");
  const doctor = JSON.parse((await inside(rig, ["doctor", "--json"], cwd)).answer) as DoctorAnswer;
  expect(
    doctor.checks.filter(({ id, ok }) => !ok && !/^(agent|gh|sandbox|disk|hooks|home|identity)(:|$)/.test(id)),
  ).toEqual([]);
  const listed = await inside(rig, ["worktree", "list", "--json"], cwd);
  expect(JSON.parse(listed.answer)).toMatchObject({ entries: [{ path: tree, present: true, dirty: false }] });
  await cancelled(rig, cwd);
  const removed = await inside(rig, ["worktree", "remove", key, "--json"], cwd);
  expect(removed.code, removed.answer).toBe(0);
  nothingLeft(rig, cwd);
  await untilDeleted(rig);
}

async function cancelled(rig: Rig, cwd = rig.root): Promise<void> {
  const { runs } = JSON.parse((await inside(rig, ["status", key, "--json"], cwd)).answer) as { runs: { id: string }[] };
  const run = runs.at(-1)?.id ?? expect.unreachable("no run");
  expect((await inside(rig, ["cancel", run, "--json"], cwd)).code).toBe(0);
}

function nothingLeft(rig: Rig, cwd = rig.root): void {
  expect(Object.keys(registryOf(rig))).toEqual([]);
  expect(rig.gitAt(cwd, "worktree", "list").split("\n")).toHaveLength(1);
  expect(rig.gitAt(cwd, "branch", "--list", "*add*")).toBe("");
}

async function opened(more: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const rig = openRig({ ...files, ...more });
  await initialise(rig);
  return rig;
}

/** Commits made without a file of the main worktree being written first. */
const imported = (rig: Rig, stream: string): void => {
  execFileSync("git", ["fast-import", "--quiet", "--force"], { cwd: rig.root, env: rig.env, input: stream });
  rig.git("reset", "--quiet", "--hard", "main");
};

test("fifty thousand files", async () => {
  await using rig = await opened();
  const rows = Array.from(
    { length: 50_000 },
    (_, at) => `M 100644 inline many/${at % 250}/f-${at}.txt\ndata 2\n${at % 9}\n`,
  );
  const who = "committer A <a@b> 1700000000 +0000";
  imported(rig, `commit refs/heads/main\n${who}\ndata 4\nmany\nfrom refs/heads/main^0\n${rows.join("")}\n`);
  const tree = await prepared(rig);
  expect(readdirSync(join(tree, "many/249"))).toHaveLength(200);
  await sound(rig, tree);
});

test("long paths, spaces, quotes, line breaks, composed and decomposed letters, names that differ in case", async () => {
  const long = `${"a-long-name-of-a-folder-".repeat(3)}/${"another one, with spaces/".repeat(6)}${"x".repeat(180)}.txt`;
  const names = [
    long,
    "caf\u00e9/né.txt",
    "cafe\u0301/ne\u0301.txt",
    "Case/A.txt",
    "case/a.txt",
    "Case/a.txt",
    'a "b" \\c\n.txt',
    "나무/-x.txt",
  ];
  await using rig = await opened(Object.fromEntries(names.map((name) => [name, "one\n"])));
  const tree = await prepared(rig);
  for (const name of names) expect([name, readFileSync(join(tree, name), "utf8")]).toEqual([name, "one\n"]);
  for (const name of names) writeFileSync(join(tree, name), "two\n");
  writeFileSync(join(tree, `${long}.new`), "new\n");
  await cancelled(rig);
  const refusal = await inside(rig, ["worktree", "remove", key]);
  expect([refusal.code, refusal.story]).toEqual([1, expect.stringContaining("8 files are changed")]);
  const forced = JSON.parse((await inside(rig, ["worktree", "remove", key, "--force", "--json"])).answer) as {
    removed: { rescue: string[] }[];
  };
  const kept = forced.removed[0]?.rescue[0] ?? expect.unreachable("no rescue ref");
  for (const name of names) expect([name, rig.git("show", `${kept}:${name}`)]).toEqual([name, "two"]);
  expect(rig.git("show", `${kept}:${long}.new`)).toBe("new");
  nothingLeft(rig);
  await untilDeleted(rig);
});

test("a base that is a tag, a branch of a remote, a commit, a detached HEAD; a shallow clone; none that is not there", async () => {
  await using rig = await opened();
  rig.git("tag", "--annotate", "v1", "-m", "one");
  const tagged = rig.git("rev-parse", "v1^{commit}");
  rig.write("later.txt", "later\n");
  rig.git("add", "later.txt");
  rig.git("commit", "--quiet", "-m", "later");
  for (const base of ["v1", tagged, "HEAD~1"]) {
    const tree = await prepared(rig, base);
    expect([base, rig.gitAt(tree, "rev-parse", "HEAD"), existsSync(join(tree, "later.txt"))]).toEqual([
      base,
      tagged,
      false,
    ]);
    await sound(rig, tree);
  }
  rig.git("checkout", "--quiet", "--detach", "v1");
  await sound(rig, await prepared(rig, "HEAD"));
  expect(await refused(rig, "gone")).toMatchObject({
    reason: "base-ref-unknown",
    message: expect.stringContaining("gone"),
  });
  nothingLeft(rig);

  const clone = join(rig.folder, "shallow");
  rig.gitAt(rig.folder, "clone", "--quiet", "--depth", "1", "--branch", "main", `file://${rig.root}`, clone);
  expect((await inside(rig, ["init", "--project-id", "calc"], clone)).code).not.toBe(0);
  expect((await inside(rig, ["init", "--project-id", "calc2"], clone)).code).toBe(0);
  const args = prepareArgs(rig, "origin/main").map((one) => one.replace(/^calc\//, "calc2/"));
  const ran = await inside(rig, args, clone);
  expect(ran.code, ran.answer).toBe(0);
  const tree = (JSON.parse(ran.answer) as Prepared).worktree.path;
  expect(rig.gitAt(tree, "for-each-ref", "--format=%(upstream)", "refs/heads/fix-add")).toBe("");
  expect([rig.gitAt(tree, "status", "--porcelain"), existsSync(join(tree, "later.txt"))]).toEqual(["", true]);
});

test("submodules: left empty, or filled by worktreeSetup; what was fetched into one is not thrown away unasked", async () => {
  await using rig = await opened();
  const part = join(rig.folder, "part");
  mkdirSync(part);
  rig.gitAt(part, "init", "--quiet", "-b", "main");
  rig.write(join(part, "part.txt"), "part\n");
  rig.gitAt(part, "add", ".");
  rig.gitAt(part, "commit", "--quiet", "-m", "part");
  rig.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", part, "lib/part");
  rig.git("commit", "--quiet", "-m", "with a part");
  const empty = await prepared(rig);
  expect(readdirSync(join(empty, "lib/part"))).toEqual([]);
  await sound(rig, empty);
  const settings = JSON.parse(rig.read(".okstra/project.json")) as object;
  const setup = ["git -c protocol.file.allow=always submodule --quiet update --init"];
  rig.write(".okstra/project.json", JSON.stringify({ ...settings, worktreeSetup: setup }));
  const tree = await prepared(rig);
  expect(readFileSync(join(tree, "lib/part/part.txt"), "utf8")).toBe("part\n");
  expect(rig.gitAt(tree, "status", "--porcelain")).toBe("");
  await cancelled(rig);
  const refusal = await inside(rig, ["worktree", "remove", key]);
  expect([refusal.code, refusal.story]).toEqual([1, expect.stringContaining("repositories of their own lie in it")]);
  const forced = await inside(rig, ["worktree", "remove", key, "--force"]);
  expect(forced.code, forced.story).toBe(0);
  nothingLeft(rig);
  await untilDeleted(rig);
});

test("LFS pointers: kept as pointers without the filter; a filter that is required and missing is told, nothing is left", async () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12345\n`;
  const attributes = "*.bin filter=lfs diff=lfs merge=lfs -text\n";
  await using rig = await opened({ ".gitattributes": attributes, "big.bin": pointer });
  const tree = await prepared(rig);
  expect(readFileSync(join(tree, "big.bin"), "utf8")).toBe(pointer);
  await sound(rig, tree);
  rig.git("config", "filter.lfs.required", "true");
  rig.git("config", "filter.lfs.process", "git-lfs-that-is-not-there filter-process");
  rig.git("config", "filter.lfs.smudge", "git-lfs-that-is-not-there smudge -- %f");
  const failure = await refused(rig);
  expect(failure.message).toMatch(/big\.bin|git-lfs-that-is-not-there/);
  expect(failure.remedy).not.toBe("");
  nothingLeft(rig);
});

test("a sparse checkout: its worktrees are as sparse, and clean", async () => {
  await using rig = await opened({ "docs/a.md": "a\n", "deep/er/b.md": "b\n" });
  rig.git("sparse-checkout", "set", "src", "test");
  expect(existsSync(join(rig.root, "docs"))).toBe(false);
  const tree = await prepared(rig);
  expect(existsSync(join(tree, "src/add.js"))).toBe(true);
  expect(existsSync(join(tree, "docs/a.md"))).toBe(false);
  await sound(rig, tree);
});

test("hooks: none runs when a worktree is made; one that forbids refs is told by its words; core.hooksPath is heard", async () => {
  await using rig = await opened();
  const hook = (folder: string, name: string, text: string): void => {
    rig.write(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  const own = join(rig.root, ".git/hooks");
  for (const name of ["post-checkout", "pre-commit", "post-index-change"])
    hook(own, name, `echo ${name} >> "${rig.folder}/ran"; exit 1`);
  await sound(rig, await prepared(rig));
  expect(existsSync(join(rig.folder, "ran")) ? rig.read(join(rig.folder, "ran")) : "").not.toContain("post-checkout");
  const shared = join(rig.folder, "shared hooks");
  hook(shared, "reference-transaction", 'test "$1" != prepared || { echo "no refs today" >&2; exit 1; }');
  rig.git("config", "core.hooksPath", shared);
  const failure = await refused(rig);
  expect(failure.message).toContain("no refs today");
  rig.git("config", "--unset", "core.hooksPath");
  nothingLeft(rig);
});

test.skipIf(process.getuid?.() !== 0)(
  "a repository of somebody else: git's refusal is told with the command that trusts it",
  async () => {
    await using rig = await opened();
    for (const path of [rig.root, join(rig.root, ".git")]) chownSync(path, 4321, 4321);
    const failure = await refused(rig);
    expect(failure.message).toContain("dubious ownership");
    expect(failure.remedy).toContain("git config --global --add safe.directory");
    rig.git("config", "--global", "--add", "safe.directory", rig.root);
    await sound(rig, await prepared(rig));
  },
);

test("five hundred registered worktrees: listed, looked over by doctor, and one more is made", async () => {
  await using rig = await opened();
  const first = await prepared(rig);
  const registry = join(rig.home, "worktrees/registry.json");
  const { entries, ...rest } = JSON.parse(rig.read(registry)) as { entries: Record<string, object> };
  const own = entries[key] ?? expect.unreachable("not registered");
  for (let at = 1; at < 500; at += 1) {
    const name = `calc/many/t-${at}`;
    const path = join(rig.home, "worktrees", name, "task");
    rig.git("worktree", "add", "--quiet", "-b", `t-${at}`, path, "main");
    entries[name] = { ...own, key: name, worktreePath: path, branch: `t-${at}`, slot: at };
  }
  rig.write(registry, JSON.stringify({ ...rest, entries }));
  const listed = JSON.parse((await inside(rig, ["worktree", "list", "--json"])).answer) as { entries: object[] };
  expect(listed.entries).toHaveLength(500);
  const doctor = JSON.parse((await inside(rig, ["doctor", "--json"])).answer) as DoctorAnswer;
  expect(doctor.checks.filter(({ id, ok }) => !ok && /^(registry|tree|branch|stray|unregistered)/.test(id))).toEqual(
    [],
  );
  const another = prepareArgs(rig, "main").map((one) => (one === key ? "calc/math/more" : one));
  const ran = await inside(rig, another);
  expect(ran.code, ran.answer).toBe(0);
  expect([Object.keys(registryOf(rig)).length, existsSync(first)]).toEqual([501, true]);
});
