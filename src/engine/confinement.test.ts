import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { confiner, unlessConfined } from "../../test/confiner.ts";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import type { Command } from "../confinement/index.ts";
import type { Host } from "../host/index.ts";
import { homePaths, taskPaths } from "../lifecycle/index.ts";
import { readTaskKey, take } from "../model/index.ts";
import { resolveSettings } from "../settings/index.ts";
import { type Confined, type Confinement, commandConfine, confined, confinementFor } from "./confinement.ts";
import type { ProjectPlace, World } from "./world.ts";

const ref = { key: readTaskKey("shop/checkout/total"), taskType: "implementation", stage: 1, seq: 1 } as const;

type Place = { readonly world: World; readonly project: ProjectPlace };

function placeIn(rig: TestRepository, host: Host = rig.host, env: Record<string, string> = {}): Place {
  const world: World = {
    host,
    home: rig.home,
    okstraVersion: "0",
    listen: () => undefined,
    say: () => undefined,
    signal: new AbortController().signal,
  };
  const { values, table } = take(resolveSettings({ global: undefined, project: undefined, env, flags: {} }));
  const sourceOf = (key: string): string => table.find((row) => row.key === key)?.source ?? "built in";
  return { world, project: { projectRoot: rig.root, projectId: "shop", settings: values, sourceOf } };
}

type Stage = { readonly tree: string; readonly own: string; readonly outside: Readonly<Record<string, string>> };

/** A stage's worktree in a home with another run's files, and what lies around: by name, a file that nobody may change. */
function stageIn(rig: TestRepository): Stage {
  const home = homePaths(rig.home);
  const tree = join(home.worktrees, "shop", "checkout", "total", "stage-1");
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", "fix/total-s1", tree, rig.start);
  const own = join(rig.home, "scratch", "own");
  mkdirSync(own, { recursive: true });
  const common = join(rig.root, ".git");
  const outside = {
    "the project": join(rig.root, "src/app.js"),
    "its git config": join(common, "config"),
    "a hook": join(common, "hooks", "pre-commit"),
    "what git ignores": join(common, "info", "exclude"),
    alternates: join(common, "objects", "info", "alternates"),
    "another branch": join(common, "refs", "heads", "main"),
    "the main HEAD": join(common, "HEAD"),
    "its own pointer": join(tree, ".git"),
    commondir: join(common, "worktrees", "stage-1", "commondir"),
    "a config of the worktree": join(common, "worktrees", "stage-1", "config.worktree"),
    "another run's head": join(rig.home, "heads", "other.json"),
    "the registry": home.registry,
    "another run's scratch": join(rig.home, "scratch", "other", "note"),
    "another worktree": join(home.worktrees, "shop", "checkout", "other", "task", "a.txt"),
    "the run's records": join(rig.root, ".okstra", "tasks", "journal.jsonl"),
    "the task's brief": taskPaths(rig.root, ref.key).brief,
    "the user's home": join(rig.folder, "user", ".bashrc"),
    "a file of others in /tmp": join(rig.folder, "theirs"),
  };
  for (const path of Object.values(outside)) if (!existsSync(path)) rig.write(path, "");
  return { tree, own, outside };
}

/** Tries to change each file in every way a shell has; says what worked. */
const attempts = `cd "$0"; worked() { echo "$1: $2"; }
ln -s "$(printf %s "$1")" ./way 2>/dev/null
for path in "$@"; do
  { echo planted >> "$path"; } 2>/dev/null && [ -s "$path" ] && worked append "$path"
  { echo planted > ./way; } 2>/dev/null && worked through-a-link "$path"
  cp /etc/passwd "$path" 2>/dev/null && worked copy "$path"
  mv -f "$path" "$path.moved" 2>/dev/null && worked rename "$path"
  [ -e "$path" ] && rm -rf "$path" 2>/dev/null && [ ! -e "$path" ] && worked remove "$path"
  ln -sf /etc/passwd "$path" 2>/dev/null && worked replace-by-link "$path"
  chmod 777 "$path" 2>/dev/null && worked chmod "$path"
  mount -o remount,rw "$path" 2>/dev/null && worked remount "$path"
  umount -l "$(dirname "$path")" 2>/dev/null && worked unmount "$path"
done; rm -f ./way; exit 0`;

const identity = {
  ...{ GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@b", GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@b" },
  GIT_CONFIG_NOSYSTEM: "1",
};

const open: Omit<Confinement, "confiner" | "said"> = {
  ...{ asked: "auto", source: "built in", allow: null, gate: null },
  network: { asked: "open", source: "built in" },
};

async function inside(rig: TestRepository, of: Stage & { writes: boolean; command: Command }) {
  if (confiner === null) throw new Error("nothing confines here");
  const path = process.env["PATH"] ?? "";
  const ask: Confined = {
    ref,
    tree: of.tree,
    writes: of.writes,
    own: [of.own],
    material: [],
    reads: [],
    lent: [],
    path,
    gate: null,
  };
  const command = await confined(placeIn(rig), confiner, { ...ask, command: of.command });
  const env = { PATH: path, HOME: of.own, TMPDIR: of.own, ...identity };
  return await rig.host.processes.run({ command, cwd: of.tree, env });
}

const stateOf = (outside: Stage["outside"]) =>
  Object.entries(outside).map(([name, path]) => [name, existsSync(path) ? readFileSync(path, "utf8") : "gone"]);

test.skipIf(confiner === null)(
  `an executor changes nothing outside its worktree, as root neither${unlessConfined}`,
  async () => {
    using rig = testRepository();
    const stage = stageIn(rig);
    const before = stateOf(stage.outside);
    const paths = Object.values(stage.outside);
    const tried = await inside(rig, { ...stage, writes: true, command: ["sh", "-c", attempts, stage.tree, ...paths] });
    expect(tried.exitCode).toBe(0);
    // In a private /tmp files can be made; they are nobody's.
    const privately = [join(rig.folder, "theirs")];
    const worked = tried.stdout
      .split("\n")
      .filter((line) => line !== "" && !privately.some((one) => line.endsWith(one)));
    expect(worked).toEqual([]);
    expect(stateOf(stage.outside)).toEqual(before);
  },
);

test.skipIf(confiner === null)(
  `an executor works and commits on its branch, on no other${unlessConfined}`,
  async () => {
    using rig = testRepository();
    const stage = stageIn(rig);
    const work = `echo work > new.txt && git add . && git commit -qm work && git commit -q --amend -m "work, again" &&
    echo note > "$HOME/note" && cat "${taskPaths(rig.root, ref.key).brief}" ../../../../../heads/other.json 2>/dev/null
    git branch stray 2>/dev/null && echo stray; git update-ref refs/heads/main HEAD 2>/dev/null && echo main
    git config core.fsmonitor x 2>/dev/null && echo config; git stash -u > /dev/null 2>&1; exit 0`;
    const done = await inside(rig, { ...stage, writes: true, command: ["sh", "-c", work] });
    expect(done).toMatchObject({ exitCode: 0, stdout: "" });
    expect(rig.git(rig.root, "log", "--format=%s", "fix/total-s1", "-1")).toBe("work, again");
    expect(rig.git(rig.root, "rev-parse", "main")).toBe(rig.start);
    expect(rig.git(rig.root, "branch", "--list", "stray")).toBe("");
    expect(rig.read(join(stage.own, "note"))).toBe("note\n");
  },
);

test.skipIf(confiner === null)(`who may only read changes nothing, its worktree neither${unlessConfined}`, async () => {
  using rig = testRepository();
  const stage = stageIn(rig);
  const before = stateOf(stage.outside);
  symlinkSync(join(rig.folder, "user"), join(stage.tree, "way-out"));
  const paths = [...Object.values(stage.outside), join(stage.tree, "src/app.js"), join(stage.tree, "way-out/.bashrc")];
  const tried = await inside(rig, { ...stage, writes: false, command: ["sh", "-c", attempts, stage.tree, ...paths] });
  const worked = tried.stdout.split("\n").filter((line) => line !== "" && !line.endsWith(join(rig.folder, "theirs")));
  expect(worked).toEqual([]);
  expect(stateOf(stage.outside)).toEqual(before);
  expect(rig.git(stage.tree, "status", "--porcelain")).toBe("?? way-out");
  const read = `git log --format=%s -1; cat README.md; cat "${stage.outside["the task's brief"]}"; ls -A "${rig.root}/.okstra/tasks"; git commit -q --allow-empty -m x 2>/dev/null && echo committed; exit 0`;
  const seen = await inside(rig, { ...stage, writes: false, command: ["sh", "-c", read] });
  expect(seen.stdout).toBe("start\nstart\ncheckout\n");
});

test.skipIf(confiner === null)(`a home that git keeps stays hidden${unlessConfined}`, async () => {
  using rig = testRepository();
  const userHome = rig.root;
  rig.write("project/a.txt", "a");
  rig.write(".ssh/id", "secret");
  const tree = join(rig.root, "project");
  const own = join(rig.home, "scratch", "own");
  mkdirSync(own, { recursive: true });
  const { world, project } = placeIn(rig, { ...rig.host, machine: { ...rig.host.machine, startTime: "1", userHome } });
  const place = { world, project: { ...project, projectRoot: tree } };
  if (confiner === null) return expect.unreachable();
  const path = process.env["PATH"] ?? "";
  const ask: Confined = { ref, tree, writes: false, own: [own], material: [], reads: [], lent: [], path, gate: null };
  const command = await confined(place, confiner, {
    ...ask,
    command: ["sh", "-c", "cat a.txt; cat ../.ssh/id; exit 0"],
  });
  const done = await rig.host.processes.run({ command, cwd: tree, env: { PATH: path } });
  expect(done).toMatchObject({ exitCode: 0, stdout: "a" });
});

test.skipIf(confiner === null)(
  `the engine's own commands are confined like the executor${unlessConfined}`,
  async () => {
    using rig = testRepository();
    const stage = stageIn(rig);
    const confinement: Confinement = { ...open, confiner, said: "x" };
    const home = join(rig.home, "scratch", "commands", "home");
    const confine = commandConfine({ ...placeIn(rig), confinement }, { ref, own: [home] });
    const script = `echo built > out.txt; echo x > "$HOME/cache"; echo x > ${JSON.stringify(join(rig.root, "README.md"))}; exit 0`;
    const command = (await confine?.(["sh", "-c", script], stage.tree)) ?? ["false"];
    const env = { PATH: process.env["PATH"] ?? "", HOME: home };
    const done = await rig.host.processes.run({ command, cwd: stage.tree, env });
    expect(done.exitCode).toBe(0);
    expect(rig.read(join(stage.tree, "out.txt"))).toBe("built\n");
    expect(rig.read(join(home, "cache"))).toBe("x\n");
    expect(rig.read(join(rig.root, "README.md"))).toBe("start\n");
    expect(commandConfine({ ...placeIn(rig), confinement: { ...confinement, confiner: null } }, { ref, own: [] })).toBe(
      undefined,
    );
  },
);

test("what is asked and what is there: the flag outranks the settings, required is refused where nothing confines", async () => {
  using rig = testRepository();
  const without: Host = {
    ...rig.host,
    machine: { ...rig.host.machine, startTime: "1", bootId: "b" },
    processes: { ...rig.host.processes, find: async () => undefined },
  };
  const at = (env: Record<string, string> = {}) => placeIn(rig, without, env);
  const auto = at();
  expect(await confinementFor(auto.world, auto.project, {})).toEqual({
    ...open,
    confiner: null,
    said: expect.stringMatching(/^none: .* is not on the PATH$/),
  });
  const off = at({ OKSTRA_SANDBOX: "off" });
  expect(await confinementFor(off.world, off.project, {})).toMatchObject({
    said: "none: switched off (OKSTRA_SANDBOX)",
  });
  const required = at({ OKSTRA_SANDBOX: "require" });
  await expect(confinementFor(required.world, required.project, {})).rejects.toMatchObject({
    failure: { reason: "no-confinement", message: expect.stringContaining("(OKSTRA_SANDBOX)") },
  });
  expect(await confinementFor(required.world, required.project, { sandbox: "off" })).toMatchObject({
    source: "--sandbox",
  });
  await expect(confinementFor(off.world, off.project, { sandbox: "require" })).rejects.toMatchObject({
    failure: { reason: "no-confinement", remedy: expect.stringContaining("--sandbox auto") },
  });
});

test("a narrowed network is refused where it cannot be had, and says what may be reached where it can", async () => {
  using rig = testRepository();
  const bwrap = (alone: number): Host => ({
    ...rig.host,
    machine: { ...rig.host.machine, startTime: "1", bootId: `b${alone}`, platform: "linux" },
    processes: {
      ...rig.host.processes,
      find: async () => "/usr/bin/bwrap",
      run: async ({ command }) => {
        const exitCode = command.includes("--unshare-net") ? alone : 0;
        return { exitCode, signal: null, timedOut: false, stdout: "9.1", stderr: "no lo", durationMs: 1 };
      },
    },
  });
  const works = placeIn(rig, bwrap(0), { OKSTRA_NETWORK: "model" });
  const allowing = (allow: string[]) => ({
    ...works.project,
    settings: { ...works.project.settings, network: { mode: "model" as const, allow } },
  });
  expect(await confinementFor(works.world, allowing(["example.org", "localhost:5432"]), {})).toMatchObject({
    said: "bubblewrap 9.1; network: model and allowed places only",
    network: { asked: "model", source: "OKSTRA_NETWORK" },
    allow: [{ host: "example.org" }, { host: "localhost", port: 5432 }],
  });
  expect(await confinementFor(works.world, works.project, { network: "open" })).toMatchObject({
    ...{ said: "bubblewrap 9.1", allow: null },
    network: { asked: "open", source: "--network" },
  });
  await expect(confinementFor(works.world, allowing(["localhost"]), {})).rejects.toMatchObject({
    failure: { reason: "config-unreadable", message: expect.stringContaining('network.allow has "localhost"') },
  });
  await expect(confinementFor(works.world, works.project, { sandbox: "off" })).rejects.toMatchObject({
    failure: { reason: "no-confinement", message: expect.stringContaining("nothing confines (none: switched off") },
  });
  const not = placeIn(rig, bwrap(1));
  await expect(confinementFor(not.world, not.project, { network: "model" })).rejects.toMatchObject({
    failure: {
      reason: "no-confinement",
      message:
        "The network is to be narrowed (--network), and bwrap cannot give a process a network of its own here: no lo",
      remedy: expect.stringContaining("--network open"),
    },
  });
});
