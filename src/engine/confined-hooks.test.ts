import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { confiner, unlessConfined } from "../../test/confiner.ts";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { worldOf } from "../../test/world-of.ts";
import type { Host } from "../host/index.ts";
import { worktreePaths } from "../lifecycle/index.ts";
import { readTaskKey, take } from "../model/index.ts";
import { resolveSettings } from "../settings/index.ts";
import { integrate } from "../worktrees/index.ts";
import { withConfinedHooks } from "./confined-hooks.ts";
import { type Confinement, commandConfine } from "./confinement.ts";

const key = readTaskKey("shop/q3/cart");
const ref = { key, taskType: "implementation", stage: 1, seq: 1 } as const;

type Scene = { readonly rig: TestRepository; readonly task: string; readonly own: string; readonly stageHead: string };

/** A task's worktree and a stage of one commit that is to be merged into it. */
function scene(rig: TestRepository, work: Readonly<Record<string, string>> = { "src/app.js": "two\n" }): Scene {
  const { task, stage } = worktreePaths(rig.home, key);
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", "feat-cart", task);
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", "feat-cart-s1", stage(1));
  const stageHead = rig.commit(stage(1), work, "stage work");
  return { rig, task, own: join(rig.home, "scratch", "own"), stageHead };
}

function hook(rig: TestRepository, path: string, ...lines: readonly string[]): string {
  const at = path.includes("/") ? path : join(rig.root, ".git/hooks", path);
  rig.write(at, `#!/bin/sh\n${lines.join("\n")}\n`);
  chmodSync(at, 0o755);
  return at;
}

/** The host as a run that confines has it for merges in the task's worktree. */
async function hostFor({ rig, task, own }: Scene): Promise<Host> {
  const { values } = take(resolveSettings({ global: undefined, project: undefined, env: {}, flags: {} }));
  const project = { projectRoot: rig.root, projectId: "shop", settings: values, sourceOf: () => "built in" };
  const confinement: Confinement = {
    ...{ asked: "auto", source: "built in", confiner, said: "bubblewrap 1.2", allow: null, gate: null },
    network: { asked: "open", source: "built in" },
  };
  const home = join(own, "home");
  const confine = commandConfine({ world: worldOf(rig.host, rig.home), project, confinement }, { ref, own: [home] });
  if (confine === undefined) throw new Error("nothing confines here");
  const env = { PATH: process.env["PATH"] ?? "", HOME: home };
  return await withConfinedHooks(rig.host, { tree: task, folder: join(own, "hooks"), confine, env, by: "bwrap" });
}

const merge = async ({ rig, task, stageHead }: Scene, host: Host) =>
  take(
    await integrate(host, {
      repository: rig.repository,
      taskTree: task,
      taskHead: rig.git(task, "rev-parse", "HEAD"),
      stageHead,
      message: "Merge stage 1: cart",
      runTrailer: "shop/q3/cart@implementation.stage-1#001",
      branch: "feat-cart",
    }),
  );

test("whatever confines: what it is given, the hook's arguments and its exit code pass through the shell as they are", async () => {
  using rig = testRepository();
  const now = scene(rig);
  const odd = `a 'profile' of "lines"\n$(touch ${join(rig.folder, "run-by-a-shell")})\n`;
  hook(rig, "commit-msg", 'printf "%s|" "$by" "$(basename "$1")" >&2; exit 4');
  const hooked = await withConfinedHooks(rig.host, {
    tree: now.task,
    folder: join(now.own, "hooks"),
    confine: async (command) => ["sh", "-c", 'by=$1; shift; export by; exec "$@"', "confiner", odd, ...command],
    env: { PATH: process.env["PATH"] ?? "" },
    by: "a confiner",
  });
  const { state, note } = await merge(now, hooked);
  expect([state, note]).toEqual(["merge-blocked", expect.stringContaining(`${odd}|MERGE_MSG|`)]);
  expect(rig.read(join(rig.folder, "run-by-a-shell"))).toBeUndefined();
  expect(note).toContain("it ran confined (a confiner)");
});

describe.skipIf(confiner === null)(`hooks of the engine's own merges${unlessConfined}`, () => {
  test("without hooks git is called as ever", async () => {
    using rig = testRepository();
    const now = scene(rig);
    expect(await hostFor(now)).toBe(rig.host);
    rig.write(join(rig.root, ".git/hooks/pre-merge-commit"), "not executable");
    rig.write(join(rig.root, ".git/hooks/commit-msg.sample"), "");
    chmodSync(join(rig.root, ".git/hooks/commit-msg.sample"), 0o755);
    expect(await hostFor(now)).toBe(rig.host);
    hook(rig, "pre-merge-commit", "exit 1");
    rig.git(rig.root, "config", "core.hooksPath", "/dev/null");
    expect(await hostFor(now)).toBe(rig.host);
  });

  test("one that writes outside is refused, and that is a hook that failed: its words are told, the tree is as before", async () => {
    using rig = testRepository();
    const now = scene(rig);
    const outside = [
      join(rig.root, "README.md"),
      join(rig.root, ".git/config"),
      join(rig.root, ".git/hooks/pre-merge-commit"),
      join(rig.folder, "user/.bashrc"),
      join(rig.home, "heads/other.json"),
    ];
    for (const path of outside.slice(3)) rig.write(path, "theirs");
    hook(
      rig,
      "pre-merge-commit",
      ...outside.map((path) => `{ echo planted >> '${path}'; } 2>/dev/null && echo "wrote ${path}" >&2`),
      "echo 'tests are red' >&2; exit 3",
    );
    const before = [rig.git(now.task, "rev-parse", "HEAD"), ...outside.map((path) => rig.read(path))];
    const result = await merge(now, await hostFor(now));
    expect(result.state).toBe("merge-blocked");
    expect(result.note).toMatch(/tests are red\nokstra: the hook pre-merge-commit failed; it ran confined \(bwrap\)/);
    expect(result.note).not.toContain("wrote");
    expect(rig.git(now.task, "status", "--porcelain")).toBe("");
    expect([rig.git(now.task, "rev-parse", "HEAD"), ...outside.map((path) => rig.read(path))]).toEqual(before);
  });

  test("those that pass: they look at the merge, speak in its message, and see what git tells them and no other variable", async () => {
    using rig = testRepository();
    const now = scene(rig);
    hook(rig, "pre-merge-commit", 'test "$(cat src/app.js)" = two && env > seen.txt');
    hook(rig, "commit-msg", `grep -q 'Merge stage 1' "$1" && echo 'Checked-by: hook' >> "$1"`);
    hook(rig, "post-merge", "git rev-parse --path-format=absolute --git-path hooks > hooks.txt");
    const result = await merge(now, await hostFor(now));
    expect(result).toMatchObject({ state: "merged", note: "" });
    expect(rig.git(now.task, "log", "-1", "--format=%(trailers:key=Checked-by,valueonly)")).toBe("hook");
    expect(rig.read(join(now.task, "hooks.txt"))).toBe(`${join(rig.root, ".git/hooks")}\n`);
    const seen = (rig.read(join(now.task, "seen.txt")) ?? "").split("\n").map((line) => line.replace(/=.*/, ""));
    const known = ["HOME", "PATH", "PWD", "OLDPWD", "SHLVL", "_", ""];
    expect(seen.filter((name) => !name.startsWith("GIT_") && !known.includes(name))).toEqual([]);
    expect(seen).toContain("GIT_INDEX_FILE");
    expect(seen).not.toContain("GIT_CONFIG_PARAMETERS");
  });

  test("one that formats what a settled merge commits is part of the commit", async () => {
    using rig = testRepository();
    const { git } = rig.host;
    const now = scene(rig);
    hook(rig, "pre-commit", "echo two, formatted > src/app.js && git add src/app.js");
    const hooked = await hostFor(now);
    expect(hooked.git).not.toBe(git);
    expect(await hooked.git.beginMerge(now.task, now.stageHead)).toEqual([]);
    expect(await hooked.git.concludeMerge(now.task, "Merge stage 1")).toMatchObject({ did: "merged" });
    expect(rig.git(now.task, "show", "HEAD:src/app.js")).toBe("two, formatted");
    expect(rig.git(now.task, "status", "--porcelain")).toBe("");
  });

  test("pushing: a hook hears what is pushed and stops it, without the user's home; what git-lfs installs has that", async () => {
    using rig = testRepository();
    const now = scene(rig);
    const remote = join(rig.folder, "remote.git");
    rig.git(rig.root, "init", "--quiet", "--bare", remote);
    rig.write(join(rig.folder, "user/.login"), "");
    const push = async () => (await hostFor(now)).git.plain(now.task, "push", "--quiet", remote, "feat-cart");
    hook(rig, "pre-push", 'read local sha rest; test -e "$HOME/.login" || { echo "no login to push $local"; exit 1; }');
    await expect(push()).rejects.toMatchObject({
      failure: { message: expect.stringMatching(/no login to push refs\/heads\/feat-cart\n.*ran confined/) },
    });
    expect(rig.git(remote, "branch", "--list")).toBe("");
    // As git-lfs has it, but for the program that is called.
    const lfs = ['command -v git-lfs >/dev/null 2>&1 || { echo >&2 "no git-lfs"; }', 'git lfs pre-push "$@"'];
    hook(rig, "pre-push", ...lfs);
    rig.git(rig.root, "config", "alias.lfs", '!f() { test -e "$HOME/.login" && touch "$HOME/uploaded"; }; f');
    await push();
    expect(rig.git(remote, "branch", "--list")).toContain("feat-cart");
    expect(rig.read(join(rig.folder, "user/uploaded"))).toBe("");
    hook(rig, "pre-push", ...lfs, "exit 7");
    await expect(push()).rejects.toMatchObject({ failure: { message: expect.stringContaining("ran confined") } });
  });

  test("core.hooksPath, in a home too, and hooks that are links", async () => {
    using rig = testRepository();
    const now = scene(rig);
    const shared = join(rig.folder, "user", "my hooks");
    mkdirSync(shared, { recursive: true });
    const real = hook(rig, join(rig.folder, "user/tools/check.sh"), "echo 'checked by a link' >&2; exit 1");
    symlinkSync(real, join(shared, "pre-merge-commit"));
    rig.git(rig.root, "config", "core.hooksPath", shared);
    hook(rig, "commit-msg", "exit 9");
    const result = await merge(now, await hostFor(now));
    expect([result.state, result.note]).toEqual(["merge-blocked", expect.stringContaining("checked by a link")]);
  });

  test("a folder of hooks in the worktree: one that the merge brings along runs, and may use what lies beside it", async () => {
    using rig = testRepository();
    rig.commit(rig.root, { ".husky/_/h": "echo 'husky says no' >&2\nexit 1\n" }, "husky");
    rig.git(rig.root, "config", "core.hooksPath", ".husky");
    const now = scene(rig, { "src/app.js": "two\n" });
    const stage = worktreePaths(rig.home, key).stage(1);
    expect(await merge(now, await hostFor(now))).toMatchObject({ state: "merged" });
    hook(rig, join(stage, ".husky/pre-merge-commit"), `. "$(dirname "$0")/_/h"`);
    rig.git(stage, "add", "--all");
    const stageHead = rig.commit(stage, {}, "a hook");
    const again = { ...now, stageHead };
    const result = await merge(again, await hostFor(again));
    expect([result.state, result.note]).toEqual(["merge-blocked", expect.stringContaining("husky says no")]);
  });
});
