/**
 * The repository's hooks in what the engine merges and pushes, confined as the executor is: a hook runs the project's tests, which
 * agents wrote.
 * Git itself stays as it is, with the user's configuration, filters and keys; it is given a folder of hooks in which each stands
 * for the real one and runs that confined, with the allow-listed environment and what git tells its hooks. What must stay true:
 * - No hook is left out. One that a merge brings along is there once git looks, where the folder of hooks lies in the worktree.
 * - A hook that fails is a hook that failed: its words and exit code are git's to judge, and it is said that it ran confined.
 * - Where the repository has no hooks nothing is made and git is called as ever.
 * - Git calls that a hook makes find the repository's own hooks: they are inside already.
 */
import { isAbsolute, join, relative } from "node:path";
import type { Host } from "../host/index.ts";
import { shellWord } from "../model/index.ts";
import { authorship, commandEnvironment, confinedCommand } from "./child-environment.ts";
import { type Confine, commandFolder } from "./confinement.ts";
import type { Run } from "./run.ts";

export type HooksAsk = {
  /** The worktree that git will work in. */
  readonly tree: string;
  /** Where the stand-ins are put, of this worktree alone. */
  readonly folder: string;
  readonly confine: Confine;
  /** What hooks see beside git's own variables. */
  readonly env: Readonly<Record<string, string>>;
  /** What confines: `bubblewrap 0.8.0`. */
  readonly by: string;
};

/** The host for what a run merges in this worktree or pushes from it; its own where nothing confines. */
export async function hookedHost(run: Run, tree: string): Promise<Host> {
  const { host } = run.world;
  const { confine } = confinedCommand(run);
  if (confine === undefined) return host;
  // The name says the worktree: a run that settles a merge has two.
  const folder = join(commandFolder(run.world, run.ref), "hooks", Buffer.from(tree).toString("base64url").slice(-40));
  return await withConfinedHooks(host, {
    tree,
    folder,
    confine,
    env: commandEnvironment(run),
    by: run.confinement.said,
  });
}

/** A host whose git runs the hooks of the worktree confined; the same host where it has none. */
export async function withConfinedHooks(host: Host, ask: HooksAsk): Promise<Host> {
  const hooks = await hooksOf(host, ask.tree);
  if (hooks.length === 0) return host;
  const { files, git } = host;
  const env = { ...authorship(await git.identity(ask.tree)), ...ask.env };
  await files.removeTree(ask.folder);
  for (const hook of hooks) {
    const { free, path } = hook;
    const text = free
      ? `#!/bin/sh\nexec ${shellWord(path)} "$@"\n`
      : standIn({ ...hook, command: await ask.confine([path], ask.tree), env, by: ask.by });
    await files.replaceFile(join(ask.folder, hook.name), text, { mode: 0o700 });
  }
  return { ...host, git: await git.hooked(ask.folder) };
}

/** `free`: runs as git itself does. */
type Hook = { readonly name: string; readonly path: string; readonly free: boolean };

/** What merges and their commits run; a merge may bring it along. */
const ofMerges = ["pre-merge-commit", "pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-merge"];

async function hooksOf(host: Host, tree: string): Promise<readonly Hook[]> {
  const asked = ["rev-parse", "--path-format=absolute", "--git-path", "hooks"];
  const folder = (await host.git.plain(tree, ...asked)).replace(/\n$/, "");
  const names: string[] = [];
  for (const { name, kind } of await host.files.list(folder))
    if (kind !== "folder" && !name.endsWith(".sample") && (await isExecutable(host, join(folder, name))))
      names.push(name);
  const way = relative((await host.files.realPath(tree)) ?? tree, folder);
  const isInTree = !isAbsolute(way) && way !== ".." && !way.startsWith("../");
  const all = new Set([...names, ...(isInTree ? ofMerges : [])]);
  const hooks: Hook[] = [];
  for (const name of [...all].sort()) {
    const path = join(folder, name);
    hooks.push({ name, path, free: !isInTree && isOfLfs(name, (await host.files.readText(path)) ?? "") });
  }
  return hooks;
}

/** What git-lfs installs runs nothing of the project's, and talks to the remote with the login that the user's git has. */
const isOfLfs = (name: string, text: string): boolean =>
  text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("command -v git-lfs "))
    .join("\n") === `git lfs ${name} "$@"`;

async function isExecutable({ files }: Host, path: string): Promise<boolean> {
  const real = await files.realPath(path);
  return real !== undefined && (((await files.look(real))?.mode ?? 0) & 0o111) !== 0;
}

/** What git tells a hook by its environment; the settings of our own call, the folder of stand-ins among them, stay outside. */
const toldByGit = [
  ...["DIR", "WORK_TREE", "INDEX_FILE", "PREFIX", "EDITOR", "REFLOG_ACTION", "EXEC_PATH"],
  ...["AUTHOR_NAME", "AUTHOR_EMAIL", "AUTHOR_DATE", "COMMITTER_NAME", "COMMITTER_EMAIL", "COMMITTER_DATE"],
  ...["CONFIG_NOSYSTEM", "MERGE_AUTOEDIT", "NO_REPLACE_OBJECTS", "TERMINAL_PROMPT"],
].map((name) => `GIT_${name}`);

type StandIn = Hook & {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly by: string;
};

/** The shell stays around the hook: what it says of a failure comes after the hook's own words. */
function standIn({ name, path, command, env, by }: StandIn): string {
  const hook = shellWord(path);
  const set = Object.entries(env).map(([key, value]) => shellWord(`${key}=${value}`));
  const told = toldByGit.map((key) => `\${${key}+"${key}=$${key}"}`);
  const failed =
    `okstra: the hook ${name} failed; it ran confined (${by}), as agents do. ` +
    "If it needs what is hidden or closed there: sandbox off (--sandbox, OKSTRA_SANDBOX or settings)";
  return [
    "#!/bin/sh",
    `{ [ -f ${hook} ] && [ -x ${hook} ]; } || exit 0`,
    `env -i ${[...set, ...told, ...command.map(shellWord)].join(" ")} "$@" || {`,
    "  code=$?",
    `  echo ${shellWord(failed)} >&2`,
    '  exit "$code"',
    "}",
    "",
  ].join("\n");
}
