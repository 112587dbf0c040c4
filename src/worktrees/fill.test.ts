import { chmodSync, lstatSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import type { Host } from "../host/index.ts";
import { type Failure, take } from "../model/index.ts";
import { addTree, type FillAsk, fillTree, type Provision } from "./index.ts";

type More = Partial<Provision> & Partial<Pick<FillAsk, "env" | "setupTimeoutMs" | "confine" | "kept">>;

const treeOf = (rig: TestRepository): string => join(rig.home, "worktrees", "t");
const at = (rig: TestRepository, path: string): string => join(treeOf(rig), path);

async function fill(rig: TestRepository, more: More = {}, host: Host = rig.host) {
  const path = treeOf(rig);
  take(
    await addTree(rig.host, rig.home, {
      repository: rig.repository,
      path,
      branch: null,
      commit: rig.git(rig.root, "rev-parse", "HEAD"),
      newBranch: false,
    }),
  );
  const { syncDirs = [], copyFiles = [], cloneDirs = [], setup = [], ...rest } = more;
  return await fillTree(host, {
    repository: rig.repository,
    path,
    provision: { syncDirs, copyFiles, cloneDirs, setup },
    env: {},
    logPath: join(rig.home, "logs", "setup.log"),
    ...rest,
  });
}

async function refused(rig: TestRepository, more: More): Promise<Failure> {
  const result = await fill(rig, more);
  if (result.ok) throw new Error("was not refused");
  return result.error;
}

test("a synced folder never shows up as a change, whatever git ignores", async () => {
  using rig = testRepository(["linked", "node_modules/"]);
  for (const folder of ["linked", "node_modules", "unknown"]) rig.write(`${folder}/a/b.txt`, folder);
  rig.write("node_modules/.bin/tool", "tool");
  rig.write("unknown/.gitignore", "a\n");
  const filled = take(await fill(rig, { syncDirs: ["linked", "node_modules/", "./unknown"] }));
  expect(filled.notes).toEqual([]);
  expect([...filled.linked].sort()).toEqual(["linked", "node_modules", "unknown"].map((name) => join(rig.root, name)));
  expect(readlinkSync(at(rig, "linked"))).toBe(join(rig.root, "linked"));
  expect(lstatSync(at(rig, "node_modules")).isDirectory()).toBe(true);
  for (const folder of ["linked", "node_modules", "unknown"])
    expect(rig.read(at(rig, `${folder}/a/b.txt`))).toBe(folder);
  expect(rig.read(at(rig, "node_modules/.bin/tool"))).toBe("tool");
  expect(rig.git(treeOf(rig), "status", "--porcelain", "--untracked-files=all")).toBe("");
  rig.git(treeOf(rig), "add", "--all");
  expect(rig.git(treeOf(rig), "diff", "--cached", "--name-only")).toBe("");
  expect(rig.read(join(rig.root, ".git", "info", "exclude")) ?? "").not.toContain("node_modules");
  expect(rig.read(join(rig.root, "unknown/.gitignore"))).toBe("a\n");
});

test("a folder deep down is linked where its parent is not in the commit; one the commit has is left", async () => {
  using rig = testRepository(["deps/"]);
  rig.commit(rig.root, { "packages/b/deps.txt": "x", "packages/c/lib/own.txt": "own" });
  for (const name of ["a", "b"]) rig.write(`packages/${name}/deps/x.txt`, name);
  rig.write("packages/c/lib/more.txt", "more");
  const filled = take(
    await fill(rig, { syncDirs: ["packages/a/deps", "packages/b/deps", "packages/c/lib", "nowhere"] }),
  );
  expect(filled.notes).toEqual([
    "nowhere: not in the main worktree, skipped",
    "packages/c/lib: the worktree has its own, left as it is",
  ]);
  expect(rig.read(at(rig, "packages/a/deps/x.txt"))).toBe("a");
  expect(rig.read(at(rig, "packages/b/deps/x.txt"))).toBe("b");
  expect(readdirSync(at(rig, "packages/c/lib"))).toEqual(["own.txt"]);
  expect(rig.git(treeOf(rig), "status", "--porcelain", "--untracked-files=all")).toBe("");
});

test("ignored files named by settings or .worktreeinclude are copied with their mode; their values are secrets", async () => {
  using rig = testRepository([".env*", "*.key", "conf/local/", ".okstra/"]);
  rig.commit(rig.root, { ".worktreeinclude": "# secrets\n\n.env.local\nconf/**\n", "plain.key.md": "tracked" });
  rig.write(".env", "TOKEN=top-secret-1\nSHORT=abc\n");
  rig.write(".env.local", "export DB='postgres://secret-2'\n");
  rig.write("conf/local/dev.properties", "pass = secret-three\n");
  rig.write("conf/visible.txt", "not ignored");
  rig.write("deep/er/x y.key", "A=secret-four");
  rig.write(".okstra/hidden.key", "B=secret-five");
  chmodSync(join(rig.root, ".env"), 0o600);
  const filled = take(await fill(rig, { copyFiles: [".env", "*.key"] }));
  expect(filled.notes).toEqual([]);
  expect([...filled.secrets].sort()).toEqual(["postgres://secret-2", "secret-four", "secret-three", "top-secret-1"]);
  expect(rig.read(at(rig, ".env"))).toBe("TOKEN=top-secret-1\nSHORT=abc\n");
  expect(statSync(at(rig, ".env")).mode & 0o777).toBe(0o600);
  expect(rig.read(at(rig, "deep/er/x y.key"))).toBe("A=secret-four");
  expect(rig.read(at(rig, "conf/visible.txt"))).toBeUndefined();
  expect(rig.read(at(rig, ".okstra/hidden.key"))).toBeUndefined();
  expect(rig.git(treeOf(rig), "status", "--porcelain", "--untracked-files=all")).toBe("");
});

test("a copy never lands in a linked folder, and a file the commit has is not replaced", async () => {
  using rig = testRepository([".env", "linked"]);
  rig.write("linked/.env", "IN=linked-folder");
  rig.write(".env", "MAIN=of-the-main-tree");
  rig.git(rig.root, "switch", "--quiet", "-c", "with-env");
  rig.git(rig.root, "add", "--force", ".env");
  rig.git(rig.root, "commit", "--quiet", "-m", "env");
  const commit = rig.git(rig.root, "rev-parse", "HEAD");
  rig.git(rig.root, "rm", "--quiet", "--cached", ".env");
  rig.git(rig.root, "commit", "--quiet", "-m", "no env");
  rig.write(".env", "MAIN=changed-since");
  take(
    await addTree(rig.host, rig.home, {
      repository: rig.repository,
      path: treeOf(rig),
      branch: null,
      commit,
      newBranch: false,
    }),
  );
  const provision = { syncDirs: ["linked"], copyFiles: [".env"], cloneDirs: [], setup: [] };
  const filled = take(
    await fillTree(rig.host, {
      repository: rig.repository,
      path: treeOf(rig),
      provision,
      env: {},
      logPath: join(rig.home, "log"),
    }),
  );
  expect(filled.notes).toEqual([".env: the worktree has its own, left as it is"]);
  expect(rig.read(at(rig, ".env"))).toBe("MAIN=of-the-main-tree");
  expect(lstatSync(join(rig.root, "linked/.env")).isFile()).toBe(true);
});

test("links to files inside the project are copied as files; ones that lead nowhere are skipped", async () => {
  using rig = testRepository([".env", "shared/"]);
  rig.write("shared/env", "TOKEN=shared-secret");
  rig.commit(rig.root, { "app/keep.txt": "" });
  symlinkSync("shared/env", join(rig.root, ".env"));
  symlinkSync("../nowhere", join(rig.root, "app/.env"));
  const filled = take(await fill(rig, { copyFiles: [".env"] }));
  expect(lstatSync(at(rig, ".env")).isFile()).toBe(true);
  expect(filled.secrets).toEqual(["shared-secret"]);
  expect(filled.notes).toEqual(["app/.env: not in the main worktree, skipped"]);
});

test("what lies outside the project, also through links, is refused and named", async () => {
  using rig = testRepository(["lib", ".env"]);
  mkdirSync(join(rig.folder, "outside"));
  rig.write(join(rig.folder, "outside/env"), "TOKEN=outside-secret");
  symlinkSync(join(rig.folder, "outside"), join(rig.root, "lib"));
  symlinkSync(join(rig.folder, "outside/env"), join(rig.root, ".env"));
  const cases: [More, string][] = [
    [{ syncDirs: ["../outside"] }, "worktreeSyncDirs"],
    [{ syncDirs: [join(rig.folder, "outside")] }, "worktreeSyncDirs"],
    [{ syncDirs: ["lib"] }, "worktreeSyncDirs"],
    [{ cloneDirs: ["lib"] }, "worktreeCloneDirs"],
    [{ copyFiles: [".env"] }, "worktreeCopyFiles"],
    [{ syncDirs: [".git"] }, "worktreeSyncDirs"],
  ];
  for (const [more, setting] of cases) {
    const failure = await refused(rig, more);
    expect(failure).toMatchObject({ reason: "sync-outside-project", details: { setting } });
    expect(readdirSync(treeOf(rig)).sort()).toEqual([".git", ".gitignore", "README.md", "src"]);
    rig.git(rig.root, "worktree", "remove", "--force", treeOf(rig));
  }
});

test("a link that the commit has may not lead a target out of the tree", async () => {
  using rig = testRepository(["deps"]);
  mkdirSync(join(rig.folder, "outside"));
  symlinkSync(join(rig.folder, "outside"), join(rig.root, "pkg"));
  rig.git(rig.root, "add", "pkg");
  rig.git(rig.root, "commit", "--quiet", "-m", "a link");
  unlinkSync(join(rig.root, "pkg"));
  rig.write("pkg/deps/x.txt", "x");
  const failure = await refused(rig, { syncDirs: ["pkg/deps"] });
  expect(failure.reason).toBe("sync-outside-project");
  expect(readdirSync(join(rig.folder, "outside"))).toEqual([]);
});

test("set-up runs in the tree with the slot's variables and little of ours; the log is kept, without secrets", async () => {
  using rig = testRepository([".env"]);
  rig.write(".env", "TOKEN=very-secret-value\n");
  const temporary = join(rig.home, "scratch", "slot-4");
  const host: Host = {
    ...rig.host,
    machine: { ...rig.host.machine, env: { ...rig.host.machine.env, AWS_SECRET: "no" } },
  };
  const setup = ["pwd -P && cat .env", 'echo "$OKSTRA_SLOT $AWS_SECRET $TMPDIR" >&2; test -d "$TMPDIR"'];
  take(await fill(rig, { copyFiles: [".env"], setup, env: { OKSTRA_SLOT: "4", TMPDIR: temporary } }, host));
  expect(rig.read(join(rig.home, "logs/setup.log"))).toBe(
    [
      `$ ${setup[0]}`,
      treeOf(rig),
      "TOKEN=[secret]",
      "[exit 0]",
      `$ ${setup[1]}`,
      `4  ${temporary}`,
      "[exit 0]",
      "",
    ].join("\n"),
  );
});

test("a set-up command that fails, or takes too long, stops the rest and is shown with the end of its log", async () => {
  using rig = testRepository();
  const failure = await refused(rig, { setup: ["echo first", "echo going wrong >&2; exit 3", "touch never"] });
  expect(failure).toMatchObject({
    reason: "setup-failed",
    details: { ending: "exit 3", logPath: join(rig.home, "logs/setup.log") },
  });
  expect(failure.message).toContain("going wrong");
  expect(rig.read(at(rig, "never"))).toBeUndefined();
  rig.git(rig.root, "worktree", "remove", "--force", treeOf(rig));
  const kept = async (command: string): Promise<string> => `it was kept from a.example:443 by ${command}`;
  const narrowed = await refused(rig, { setup: ["echo asks; exit 1"], kept });
  expect(narrowed.message).toMatch(
    /\(exit 1\):[\s\S]*\[exit 1\]\n\[it was kept from a\.example:443 by echo asks; exit 1\]$/,
  );
  rig.git(rig.root, "worktree", "remove", "--force", treeOf(rig));
  const slow = await refused(rig, { setup: ["echo started; exec sleep 60"], setupTimeoutMs: 200 });
  expect(slow).toMatchObject({ reason: "setup-failed" });
  expect(slow.message).toContain("started");
});

test("a readiness check is asked after the set-up commands; what it says is told, and then the tree is not ready", async () => {
  using rig = testRepository();
  const provision = { syncDirs: [], copyFiles: [], cloneDirs: [], setup: ["echo made > made"], ready: "test -f made" };
  const path = treeOf(rig);
  const asked = { repository: rig.repository, path, env: {}, logPath: join(rig.home, "logs/setup.log") };
  const commit = rig.start;
  take(await addTree(rig.host, rig.home, { ...asked, branch: "feat", commit, newBranch: true }));
  take(await fillTree(rig.host, { ...asked, provision }));
  expect(rig.read(asked.logPath)).toContain("$ test -f made\n[exit 0]");
  const refused = await fillTree(rig.host, { ...asked, provision: { ...provision, ready: "echo no server; exit 4" } });
  expect(refused).toMatchObject({ ok: false, error: { reason: "setup-failed", details: { ending: "exit 4" } } });
  if (!refused.ok) expect(refused.error.message).toContain("The worktree is not ready");
  if (!refused.ok) expect(refused.error.message).toContain("no server");
  const same = { ...provision, setup: ["exit 3"], ready: "exit 3" };
  const failed = await fillTree(rig.host, { ...asked, provision: same });
  if (!failed.ok) expect(failed.error.message).toContain('The set-up command "exit 3" failed');
  expect(failed.ok).toBe(false);
});

test("set-up goes through the confinement that the caller gives", async () => {
  using rig = testRepository();
  const confine: NonNullable<FillAsk["confine"]> = async (command, cwd) => ["env", `CONFINED=${cwd}`, ...command];
  take(await fill(rig, { setup: ['echo "$CONFINED"'], confine }));
  expect(rig.read(join(rig.home, "logs/setup.log"))).toContain(`\n${treeOf(rig)}\n`);
});

test("a folder to clone is cloned where the file system can, else linked or skipped, never copied byte by byte", async () => {
  using rig = testRepository(["cache/", "other/"]);
  rig.write("cache/a.txt", "a");
  rig.write("other/b.txt", "b");
  const cannot: Host = {
    ...rig.host,
    processes: {
      ...rig.host.processes,
      run: async () => ({ exitCode: 1, signal: null, timedOut: false, stdout: "", stderr: "", durationMs: 1 }),
    },
  };
  const linked = take(await fill(rig, { cloneDirs: ["cache", "other"], syncDirs: ["cache"] }, cannot));
  expect(linked.linked).toEqual([join(rig.root, "cache")]);
  expect(linked.notes).toEqual([
    "other: this file system cannot clone, skipped; list it in worktreeSyncDirs to link it instead",
  ]);
  expect(rig.read(at(rig, "cache/a.txt"))).toBe("a");
  expect(rig.read(at(rig, "other/b.txt"))).toBeUndefined();
  rig.git(rig.root, "worktree", "remove", "--force", treeOf(rig));

  const commands: (readonly string[])[] = [];
  const can: Host = {
    ...rig.host,
    processes: {
      ...rig.host.processes,
      run: async (spec) => {
        commands.push(spec.command);
        return await rig.host.processes.run({
          ...spec,
          command: ["cp", "-R", ...spec.command.slice(-2)] as [string, ...string[]],
        });
      },
    },
  };
  rig.write("visible/c.txt", "c");
  const cloned = take(await fill(rig, { cloneDirs: ["cache", "visible"] }, can));
  expect(cloned).toEqual({ notes: [], secrets: [], linked: [] });
  expect(commands.every((command) => command.includes("--reflink=always") || command.includes("-cpR"))).toBe(true);
  rig.write(at(rig, "cache/a.txt"), "changed in the tree");
  expect(rig.read(join(rig.root, "cache/a.txt"))).toBe("a");
  expect(rig.git(treeOf(rig), "status", "--porcelain", "--untracked-files=all")).toBe("");
});
