/** Names, trees, commits and content on real repositories. Merging has its own file. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../../test/repository.ts";
import { engineMark } from "../index.ts";
import { parseVersion } from "./git.ts";
import { gitEnvironment } from "./git-call.ts";
import { parseLog, parseTrailers } from "./git-commits.ts";
import { nodeHost } from "./index.ts";

const withEnv = (repo: TestRepository, env: Record<string, string | undefined>) =>
  nodeHost({ env: { ...repo.host.machine.env, ...env }, packageRoot: "/" }).git;

test("the repository of a folder: main, linked, bare, none, broken", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  mkdirSync(join(repo.root, "sub"));
  expect(await git.repository(join(repo.root, "sub"))).toEqual(repo.repository);
  const linked = join(repo.folder, "linked tree");
  repo.git(repo.root, "worktree", "add", "-q", "--detach", linked);
  expect(await git.repository(linked)).toEqual({ ...repo.repository, root: linked, linked: true });
  const bare = join(repo.folder, "bare.git");
  repo.git(repo.root, "clone", "-q", "--bare", repo.root, bare);
  repo.git(bare, "worktree", "add", "-q", "--detach", join(repo.folder, "of bare"));
  expect(await git.repository(join(repo.folder, "of bare"))).toMatchObject({ mainRoot: bare, linked: true });
  expect(await git.repository(repo.folder)).toBeUndefined();
  const broken = join(repo.folder, "broken");
  mkdirSync(broken);
  writeFileSync(join(broken, ".git"), "gitdir: /nowhere\n");
  await expect(git.repository(broken)).rejects.toMatchObject({ failure: { reason: "git-failed" } });
});

test("no git, or one too old, is git-missing", async () => {
  using repo = testRepository();
  const none = withEnv(repo, { PATH: join(repo.folder, "none") });
  expect(await none.version()).toBeUndefined();
  await expect(none.repository(repo.root)).rejects.toMatchObject({ failure: { reason: "git-missing" } });
  repo.write(join(repo.folder, "old/git"), "#!/bin/sh\necho git version 2.30.2\n");
  chmodSync(join(repo.folder, "old/git"), 0o755);
  const old = withEnv(repo, { PATH: join(repo.folder, "old") });
  expect(await old.version()).toEqual({ major: 2, minor: 30, text: "git version 2.30.2" });
  await expect(old.repository(repo.root)).rejects.toMatchObject({ failure: { reason: "git-missing" } });
  // A newer one tells its version in the trace of whatever it is asked.
  repo.write(
    join(repo.folder, "older/git"),
    `#!/bin/sh\n[ "$2" = version ] && exit 9\necho '{"event":"version","evt":"3","exe":"2.37.1"}' >&2\nexit 128\n`,
  );
  chmodSync(join(repo.folder, "older/git"), 0o755);
  await expect(withEnv(repo, { PATH: join(repo.folder, "older") }).repository(repo.root)).rejects.toMatchObject({
    failure: { reason: "git-missing", message: expect.stringContaining("2.37.1") },
  });
  expect(parseVersion("git version 2.39.5 (Apple Git-154)")).toMatchObject({ major: 2, minor: 39 });
});

test("which repository a folder lies in costs one call of git, the names of branches none", async () => {
  using repo = testRepository();
  const path = process.env["PATH"] ?? "";
  repo.write(
    join(repo.folder, "shim/git"),
    `#!/bin/sh\necho x >> "${repo.folder}/calls"\nPATH="${path}" exec git "$@"\n`,
  );
  chmodSync(join(repo.folder, "shim/git"), 0o755);
  const git = withEnv(repo, { PATH: `${join(repo.folder, "shim")}:${path}` });
  expect(await git.repository(repo.root)).toEqual(repo.repository);
  expect(await git.head(repo.root)).toEqual({ commit: repo.start, branch: "main" });
  expect(await git.resolve(repo.root, "refs/heads/main")).toBe(repo.start);
  expect(await git.refs(repo.root, "refs/heads/none")).toEqual([]);
  expect(repo.read(join(repo.folder, "calls"))).toBe("x\n");
});

test("a failure carries git's own words and a way on", async () => {
  using repo = testRepository();
  const failed = repo.host.git.plain(repo.root, "rev-parse", "--verify", "nothing-of-that-name");
  await expect(failed).rejects.toMatchObject({
    failure: {
      reason: "git-failed",
      message: expect.stringContaining("Needed a single revision"),
      remedy: expect.stringMatching(/./),
    },
  });
  await expect(
    repo.host.git.search(repo.root, "HEAD", { pattern: "a\0b", mode: "fixed", paths: [], limit: 1 }),
  ).rejects.toMatchObject({
    failure: { reason: "file-system" },
  });
});

test("nothing of a surrounding git gets through; the user's own settings do", async () => {
  using repo = testRepository();
  const hostile = {
    GIT_DIR: "/nowhere",
    GIT_INDEX_FILE: "/nowhere",
    GIT_WORK_TREE: "/",
    GIT_CONFIG_PARAMETERS: "'a.b=c'",
    LANGUAGE: "de",
  };
  expect(await withEnv(repo, hostile).status(repo.root)).toEqual({ changed: [], untracked: [] });
  expect(gitEnvironment({ ...hostile, HOME: "/h", GIT_SSH_COMMAND: "ssh -v", GONE: undefined })).toEqual({
    HOME: "/h",
    GIT_SSH_COMMAND: "ssh -v",
    LC_ALL: "C",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_EDITOR: "true",
    GIT_MERGE_AUTOEDIT: "no",
  });
  repo.write(join(repo.folder, "user/.gitconfig"), "[core]\n\texcludesFile = ~/ignored\n");
  repo.write(join(repo.folder, "user/ignored"), "*.mine\n");
  repo.write("x.mine", "");
  expect(await repo.host.git.status(repo.root)).toEqual({ changed: [], untracked: [] });
});

test("a commit is what its id names, also when another was put in its place", async () => {
  using repo = testRepository();
  const bad = repo.commit(repo.root, { "src/app.js": "bad\n" });
  const good = repo.commit(repo.root, { "src/app.js": "good\n" });
  repo.git(repo.root, "replace", bad, good);
  const bytes = await repo.host.git.blob(repo.root, bad, "src/app.js");
  expect(new TextDecoder().decode(bytes)).toBe("bad\n");
});

test("resolve, head, refs, ancestry", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  const second = repo.commit(repo.root, { "a.txt": "a\n" });
  repo.git(repo.root, "tag", "-a", "v1", "-m", "one", repo.start);
  expect(await git.resolve(repo.root, "main")).toBe(second);
  expect(await git.resolve(repo.root, "v1")).toBe(repo.start);
  for (const name of ["nothing", "HEAD:a.txt", "--all", "", "HEAD@{99}", "a b"]) {
    expect(await git.resolve(repo.root, name), name).toBeUndefined();
  }
  expect(await git.head(repo.root)).toEqual({ commit: second, branch: "main" });
  repo.git(repo.root, "checkout", "-q", "--detach", repo.start);
  expect(await git.head(repo.root)).toEqual({ commit: repo.start, branch: null });
  expect(await git.refs(repo.root, "refs/")).toEqual([
    { ref: "refs/heads/main", commit: second },
    { ref: "refs/tags/v1", commit: repo.start },
  ]);
  expect(await git.isAncestor(repo.root, repo.start, second)).toBe(true);
  expect(await git.isAncestor(repo.root, second, repo.start)).toBe(false);
  expect(await git.mergeBase(repo.root, second, repo.start)).toBe(repo.start);
  const orphan = await git.commitTree(repo.root, `${repo.start}^{tree}`, [], "orphan");
  expect(await git.mergeBase(repo.root, second, orphan)).toBeUndefined();
  const empty = join(repo.folder, "empty");
  repo.git(repo.folder, "init", "-q", empty);
  expect(await git.head(empty)).toBeUndefined();
  await expect(git.head(repo.folder)).rejects.toMatchObject({ failure: { reason: "git-failed" } });
});

test("refs are set and branches deleted only from where they were expected", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  const second = repo.commit(repo.root, { "a.txt": "a\n" });
  const ref = "refs/okstra/x/y";
  expect(await git.setRef(repo.root, ref, repo.start, "")).toBe(true);
  expect(await git.setRef(repo.root, ref, second, "")).toBe(false);
  expect(await git.setRef(repo.root, ref, second, second)).toBe(false);
  expect(await git.setRef(repo.root, ref, second, repo.start)).toBe(true);
  expect(await git.setRef(repo.root, ref, repo.start)).toBe(true);
  expect(await git.resolve(repo.root, ref)).toBe(repo.start);
  repo.git(repo.root, "branch", "b", repo.start);
  expect(await git.deleteBranch(repo.root, "b", second)).toBe(false);
  expect(await git.deleteBranch(repo.root, "b", repo.start)).toBe(true);
  expect(await git.deleteBranch(repo.root, "b", repo.start)).toBe(false);
  await expect(git.setRef(repo.root, "refs/heads/a..b", repo.start)).rejects.toMatchObject({
    failure: { reason: "git-failed" },
  });
});

test("a tree is added empty, filled without the project's hooks, and forgotten", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  const hook = join(repo.root, ".git/hooks/post-checkout");
  writeFileSync(hook, `#!/bin/sh\ntouch '${join(repo.folder, "hooked")}'\nexit 1\n`);
  chmodSync(hook, 0o755);
  const path = join(repo.folder, "tree with space");
  await git.addTree(repo.root, { path, branch: "feature/one", commit: repo.start });
  expect(existsSync(join(path, "README.md"))).toBe(false);
  await git.fillTree(path);
  expect(readFileSync(join(path, "README.md"), "utf8")).toBe("start\n");
  expect(await git.status(path)).toEqual({ changed: [], untracked: [] });
  expect(await git.head(path)).toEqual({ commit: repo.start, branch: "feature/one" });
  expect(existsSync(join(repo.folder, "hooked"))).toBe(false);
  const detached = join(repo.folder, "detached");
  await git.addTree(repo.root, { path: detached, branch: null, commit: repo.start });
  await git.plain(repo.root, "worktree", "lock", detached);
  expect(await git.trees(path)).toEqual([
    { path: repo.root, commit: repo.start, branch: "main", locked: false, prunable: false },
    { path: detached, commit: repo.start, branch: null, locked: true, prunable: false },
    { path, commit: repo.start, branch: "feature/one", locked: false, prunable: false },
  ]);
  const again = git.addTree(repo.root, { path: join(repo.folder, "other"), branch: "feature/one", commit: repo.start });
  await expect(again).rejects.toMatchObject({ failure: { reason: "git-failed" } });
  renameSync(path, join(repo.folder, "aside"));
  await git.pruneTrees(repo.root);
  expect((await git.trees(repo.root)).map((tree) => tree.path)).toEqual([repo.root, detached]);
  await expect(git.forgetTree(repo.root, detached)).rejects.toThrow("still there");
  rmSync(detached, { recursive: true });
  await git.forgetTree(repo.root, detached);
  await git.forgetTree(repo.root, detached);
  expect((await git.trees(repo.root)).map((tree) => tree.path)).toEqual([repo.root]);
});

test("commits are told oldest first, with subject, body and trailers", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  const message = "Add é thing\n\nWhy: because\nof this\n\nOkstra-Run: r1\nokstra-run: r2\nSigned-off-by: A <a@x>\n";
  const second = repo.commit(repo.root, { "a.txt": "a\n" }, message);
  const third = repo.commit(repo.root, { "b.txt": "b\n" }, "plain");
  const seen = await git.commits(repo.root, repo.start, "main");
  expect(seen).toEqual([
    {
      sha: second,
      parents: [repo.start],
      subject: "Add é thing",
      body: "Why: because\nof this\n\nOkstra-Run: r1\nokstra-run: r2\nSigned-off-by: A <a@x>",
      trailers: { "okstra-run": ["r1", "r2"], "signed-off-by": ["A <a@x>"] },
    },
    { sha: third, parents: [second], subject: "plain", body: "", trailers: {} },
  ]);
  expect(await git.commits(repo.root, "main", repo.start)).toEqual([]);
  expect(await git.commit(repo.root, third)).toEqual(seen[1]);
  expect(await git.commit(repo.root, "f".repeat(40))).toBeUndefined();
  expect(parseLog("")).toEqual([]);
  expect(parseTrailers("no trailer here\nA-b : c: d\n")).toEqual({ "a-b": ["c: d"] });
});

test("the engine's commits bear the repository's identity, else okstra's own", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  expect(await git.identity(repo.root)).toEqual({ name: "okstra", email: "okstra@localhost", own: false });
  const tree = `${repo.start}^{tree}`;
  const authorOf = (commit: string): string => repo.git(repo.root, "log", "-1", "--format=%an <%ae> %cn <%ce>", commit);
  const first = await git.commitTree(repo.root, tree, [repo.start], "one\n\n# kept\n");
  expect(authorOf(first)).toBe("okstra <okstra@localhost> okstra <okstra@localhost>");
  expect((await git.commit(repo.root, first))?.body).toBe("# kept");
  repo.git(repo.root, "config", "user.name", "Only A Name");
  expect(await git.identity(repo.root)).toMatchObject({ own: false });
  repo.git(repo.root, "config", "user.email", "eve@example.org");
  expect(await git.identity(repo.root)).toEqual({ name: "Only A Name", email: "eve@example.org", own: true });
  const second = await git.commitTree(repo.root, tree, [], "two");
  expect(authorOf(second)).toBe("Only A Name <eve@example.org> Only A Name <eve@example.org>");
});

test("status and differences: strange names, renames as two, ignored left out", async () => {
  using repo = testRepository(["*.log"]);
  const { git } = repo.host;
  const strange = 'ta\tb "q" \n나.txt';
  const second = repo.commit(repo.root, { [strange]: "x\n", "moved.js": "one\n" });
  repo.git(repo.root, "mv", "src/app.js", "src/renamed.js");
  repo.write("README.md", "changed\n");
  repo.write("new/deep.txt", "x");
  repo.write("x.log", "x");
  expect(await git.status(repo.root)).toEqual({
    changed: ["README.md", "src/app.js", "src/renamed.js"],
    untracked: ["new/deep.txt"],
  });
  expect(await git.diffFiles(repo.root, repo.start, second)).toEqual([
    { status: "A", path: "moved.js" },
    { status: "A", path: strange },
  ]);
  expect(await git.diffText(repo.root, repo.start, second, ["moved.js"])).toContain(
    "--- /dev/null\n+++ b/moved.js\n@@ -0,0 +1 @@\n+one\n",
  );
  expect(await git.diffText(repo.root, repo.start, second, ["*.js"])).toBe("");
});

test("blobs and file lists at a commit", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  writeFileSync(join(repo.root, "bin"), Buffer.from([0, 1, 10, 255]));
  symlinkSync("README.md", join(repo.root, "link"));
  const commit = repo.commit(repo.root, { "dir/a b.txt": "text\n", "dir2/c": "", bin: "\0\x01\n" });
  const text = async (path: string): Promise<string | undefined> => {
    const bytes = await git.blob(repo.root, commit, path);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString();
  };
  expect(await text("dir/a b.txt")).toBe("text\n");
  expect(await text("dir2/c")).toBe("");
  expect(await text("./dir/../README.md")).toBe("start\n");
  expect(await text("bin")).toBe("\0\x01\n");
  for (const path of ["dir", "nothing", "", "../x", "/README.md", ".", "dir/a b.txt\0", "README.md\n"])
    expect(await text(path), path).toBeUndefined();
  const paths = ["nothing", "bin", "dir/a b.txt", "dir2/c", "dir", "README.md\n", "../x", "README.md"];
  const many = await git.blobs(repo.root, commit, { paths, most: 5 });
  expect(many.map((one) => (one ? Buffer.from(one).toString() : one))).toEqual([
    ...[undefined, "\0\x01\n", "text\n", "", undefined, undefined, undefined, null],
  ]);
  expect(await git.blobs(repo.root, commit, { paths: [], most: 5 })).toEqual([]);
  expect(await git.files(repo.root, commit, "dir")).toEqual(["dir/a b.txt"]);
  expect(await git.files(join(repo.root, "dir"), commit)).toEqual([
    ".gitignore",
    "README.md",
    "bin",
    "dir/a b.txt",
    "dir2/c",
    "src/app.js",
  ]);
  expect(await git.files(repo.root, commit, "none")).toEqual([]);
});

test("search: fixed and regular, paths, limit, binary files left out", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  const many = Array.from({ length: 30_000 }, (_, index) => `needle ${index} a.b`).join("\n");
  const commit = repo.commit(repo.root, {
    "lib/many.txt": many,
    "lib/deep/x.ts": "no\nfoo:bar needle\n",
    bin: "needle\0",
  });
  const ask = { mode: "fixed", paths: [], limit: 3 } as const;
  expect(await git.search(repo.root, commit, { ...ask, pattern: "needle" })).toEqual([
    { path: "lib/deep/x.ts", line: 2, text: "foo:bar needle" },
    { path: "lib/many.txt", line: 1, text: "needle 0 a.b" },
    { path: "lib/many.txt", line: 2, text: "needle 1 a.b" },
  ]);
  expect(await git.search(repo.root, commit, { ...ask, pattern: "aXb" })).toEqual([]);
  expect(await git.search(repo.root, commit, { ...ask, pattern: "--all" })).toEqual([]);
  const regex = { pattern: "^(foo|bar):", mode: "regex", limit: 10 } as const;
  expect(await git.search(repo.root, commit, { ...regex, paths: ["lib/**/*.ts"] })).toHaveLength(1);
  expect(await git.search(repo.root, commit, { ...regex, paths: ["lib/*.ts"] })).toHaveLength(0);
  expect(await git.search(repo.root, commit, { ...regex, paths: ["lib"] })).toHaveLength(1);
});

test("what attributes call binary is searched and shown all the same; what is binary is not", async () => {
  using repo = testRepository();
  const { git } = repo.host;
  const before = repo.commit(repo.root, {
    ".gitattributes": "*.js -diff\n*.bin -text\n",
    "src/a.js": "const one = 1;\n",
    "a.bin": "one\0",
    // More binary hits than are asked for stand before the text.
    ...Object.fromEntries(Array.from({ length: 4 }, (_, n) => [`a${n} [x].bin`, "\0needle\n"])),
  });
  const after = repo.commit(repo.root, {
    "src/a.js": "const needle = 2;\n",
    "src/new.js": "needle();\n",
    "a.bin": "two\0",
    "src/nul.ts": `// \0 what hides here\n${"const needle = 3;\n".repeat(3)}`,
  });
  const ask = { pattern: "needle", mode: "fixed", paths: [], limit: 2 } as const;
  expect(await git.search(repo.root, after, ask)).toEqual([
    { path: "src/a.js", line: 1, text: "const needle = 2;" },
    { path: "src/new.js", line: 1, text: "needle();" },
  ]);
  // One line of many megabytes is no text.
  const flood = repo.commit(repo.root, { "flood.bin": `\0needle${"x".repeat(9_000_000)}`, ".gitattributes": "" });
  expect(await git.search(repo.root, flood, ask)).toHaveLength(2);
  const text = await git.diffText(repo.root, before, after);
  expect(text).toContain("-const one = 1;\n+const needle = 2;\n");
  expect(text).toContain("+needle();\n");
  expect(text).toContain("+const needle = 3;\n");
  expect(await git.search(repo.root, after, { ...ask, pattern: "needle = 3" })).toHaveLength(2);
  expect(text).not.toContain("+two");
  expect(await git.diffText(repo.root, before, after, ["a.bin"])).toMatch(/differ\n$/);
});

test("ignored files by pattern: only what the project ignores, never what is tracked", async () => {
  using repo = testRepository([".env*", "build/"]);
  const { git } = repo.host;
  repo.write(".env", "A=1");
  repo.write("pkg/.env.local", "B=2");
  repo.write("build/deep/out.env", "");
  repo.write("loose.env", "not ignored");
  repo.write(".env.tracked", "");
  repo.git(repo.root, "add", "-f", ".env.tracked");
  expect(await git.ignoredFiles(repo.root, [".env*", "# note", "", "*.env"])).toEqual([
    ".env",
    "build/deep/out.env",
    "pkg/.env.local",
  ]);
  expect(await git.ignoredFiles(repo.root, ["/.env"])).toEqual([".env"]);
  expect(await git.ignoredFiles(repo.root, [".env*", "!.env"])).toEqual(["pkg/.env.local"]);
  expect(await git.ignoredFiles(repo.root, ["none"])).toEqual([]);
  expect(await git.isIgnored(repo.root, "build/x")).toBe(true);
  expect(await git.isIgnored(repo.root, "src/app.js")).toBe(false);
});

test("a snapshot holds tracked and new files as they are, not ignored ones, not .okstra; index and HEAD stay", async () => {
  using repo = testRepository(["*.log", ".okstra/"]);
  const { git } = repo.host;
  repo.write("src/app.js", "changed\n");
  repo.write("new file.txt", "new\n");
  repo.write("out.log", "x");
  repo.write(".okstra/project.json", "{}");
  rmSync(join(repo.root, "README.md"));
  repo.git(repo.root, "add", "-N", "new file.txt");
  const index = readFileSync(join(repo.root, ".git/index"));
  const tree = await git.snapshot(repo.root);
  expect(await git.files(repo.root, tree)).toEqual([".gitignore", "new file.txt", "src/app.js"]);
  expect(Buffer.from((await git.blob(repo.root, tree, "src/app.js")) ?? []).toString()).toBe("changed\n");
  expect(readFileSync(join(repo.root, ".git/index"))).toEqual(index);
  expect(await git.head(repo.root)).toEqual({ commit: repo.start, branch: "main" });
  // A change of the same length in the same moment must not be missed by the copy of the index.
  repo.write("src/app.js", "chandeg\n");
  expect(await git.snapshot(repo.root)).not.toBe(tree);
  repo.write(".gitignore", "*.log\n");
  expect(await git.files(repo.root, await git.snapshot(repo.root))).not.toContain(".okstra/project.json");
  expect(existsSync(join(repo.root, ".git/index.lock"))).toBe(false);
});

test("a snapshot sees a change that left size and time as they were", async () => {
  using repo = testRepository();
  repo.git(repo.root, "config", "core.trustctime", "false");
  repo.git(repo.root, "config", "core.checkStat", "minimal");
  const file = join(repo.root, "src/app.js");
  const moment = 1_700_000_000;
  utimesSync(file, moment, moment);
  repo.git(repo.root, "update-index", "--refresh");
  writeFileSync(file, "two\n");
  utimesSync(file, moment, moment);
  utimesSync(join(repo.root, ".git/index"), moment, moment);
  const tree = await repo.host.git.snapshot(repo.root);
  expect(Buffer.from((await repo.host.git.blob(repo.root, tree, "src/app.js")) ?? []).toString()).toBe("two\n");
});

test("a snapshot of a tree without any file is the empty tree", async () => {
  using repo = testRepository();
  repo.git(repo.root, "rm", "-q", "-r", ".");
  expect(await repo.host.git.files(repo.root, await repo.host.git.snapshot(repo.root))).toEqual([]);
});

test("reset puts files back and removes new ones, but not ignored ones and not .okstra", async () => {
  using repo = testRepository(["*.log"]);
  repo.write("src/app.js", "changed\n");
  repo.write("new/x.txt", "new\n");
  repo.write("out.log", "x");
  repo.write(".okstra/project.json", "{}");
  repo.git(repo.root, "add", "new");
  await repo.host.git.reset(repo.root, repo.start);
  expect(repo.read(join(repo.root, "src/app.js"))).toBe("one\n");
  expect(existsSync(join(repo.root, "new"))).toBe(false);
  expect(existsSync(join(repo.root, "out.log"))).toBe(true);
  expect(existsSync(join(repo.root, ".okstra/project.json"))).toBe(true);
});

test("the git of a host bears the mark of its process, hooks and filters too", async () => {
  using repo = testRepository();
  const seen = join(repo.folder, "seen");
  const hook = join(repo.root, ".git", "hooks", "pre-merge-commit");
  mkdirSync(join(hook, ".."), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\necho "$OKSTRA_ENGINE" > '${seen}'\n`);
  chmodSync(hook, 0o755);
  repo.git(repo.root, "switch", "-q", "-c", "other");
  const other = repo.commit(repo.root, { other: "x" });
  repo.git(repo.root, "switch", "-q", "-");
  await repo.host.git.merge(repo.root, other, "merge");
  expect(readFileSync(seen, "utf8").trim()).toBe(engineMark.of(repo.host.machine));
});

test("a worktree that another git is making does not stop the list; one that it never finished is named with what to do", async () => {
  using repo = testRepository();
  const path = process.env["PATH"] ?? "";
  repo.git(repo.root, "worktree", "add", "-q", "--detach", join(repo.folder, "theirs"));
  const entry = join(repo.root, ".git/worktrees/theirs/commondir");
  writeFileSync(entry, "");
  await expect(repo.host.git.trees(repo.root)).rejects.toMatchObject({
    failure: {
      reason: "git-failed",
      message: expect.stringContaining(".git/worktrees/theirs/commondir"),
      remedy: expect.stringContaining(`(cd '${repo.root}' && echo ../.. > .git/worktrees/theirs/commondir)`),
    },
  });
  // The other git goes on once ours has met its entry.
  repo.write(
    join(repo.folder, "shim/git"),
    `#!/bin/sh\nPATH="${path}" git "$@"; code=$?\necho ../.. > '${entry}'\nexit $code\n`,
  );
  chmodSync(join(repo.folder, "shim/git"), 0o755);
  const git = withEnv(repo, { PATH: `${join(repo.folder, "shim")}:${path}` });
  expect((await git.trees(repo.root)).map((tree) => tree.path)).toEqual([repo.root, join(repo.folder, "theirs")]);
});
