/**
 * Random histories of a tree that is removed in the end: work of every kind is left in it, each piece with a word of its own, then
 * it is removed, with or without force, possibly killed before any effect and called again. Whatever happened, each word must be
 * found: in the tree when it stayed, in a commit that a ref holds, or in the home's folder of rescued files.
 */
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Host, numbered } from "../../src/host/index.ts";
import { worktreePaths } from "../../src/lifecycle/index.ts";
import { take } from "../../src/model/index.ts";
import { addTree, fillTree, type RemoveAsk, type Removed, removeTree } from "../../src/worktrees/index.ts";
import { type TestRepository, testRepository } from "../repository.ts";

export type History = {
  readonly seed: number;
  /** What was done, for whoever has to understand a failure. */
  readonly steps: readonly string[];
  /** What is wrong afterwards; nothing is meant to be. */
  readonly wrong: readonly string[];
  readonly removed: boolean;
};

const key = { project: "Shop", group: "Q3", task: "Cart" };
const branch = "feat-cart-s1";
const target = "feat-cart";

/** Small and plain (mulberry32): a history must be the same on every machine. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Play = {
  readonly rig: TestRepository;
  readonly path: string;
  readonly random: (below: number) => number;
  readonly steps: string[];
  /** Words that must be found, with where they were put. */
  readonly words: Map<string, string>;
  /** Set when the tree's folder is no longer a tree: what may be done ends there. */
  ended: boolean;
};

/** Each puts work somewhere, or changes where work lies. */
const moves: Readonly<Record<string, (play: Play) => void>> = {
  commit: (play) => commit(play, `c-${word(play, "committed")}.txt`),
  commitMore: (play) => commit(play, `c-${word(play, "committed")}.txt`),
  change: (play) => write(play, "README.md", word(play, "changed")),
  stage: (play) => {
    write(play, "staged.txt", word(play, "staged"));
    play.rig.git(play.path, "add", "staged.txt");
  },
  untracked: (play) => write(play, `deep/new folder/u${play.random(3)}.txt`, word(play, "untracked")),
  ignored: (play) => write(play, `i${play.random(3)}.local`, word(play, "ignored")),
  ignoredFolder: (play) => write(play, "private/data.csv", word(play, "in an ignored folder")),
  own: (play) => write(play, ".okstra/notes.txt", word(play, "in .okstra")),
  derived: (play) => write(play, "node_modules/pkg/index.js", "made anew"),
  sameAsMain: ({ rig, path }) => {
    rig.write("same.local", "the same\n");
    rig.write(join(path, "same.local"), "the same\n");
  },
  hidden: (play) => {
    play.rig.git(play.path, "update-index", "--assume-unchanged", "src/app.js");
    write(play, "src/app.js", word(play, "hidden from git"));
  },
  detach: (play) => {
    play.rig.git(play.path, "checkout", "--quiet", "--detach");
    commit(play, `d-${word(play, "committed on no branch")}.txt`);
  },
  otherBranch: (play) => {
    play.rig.git(play.path, "checkout", "--quiet", "-B", `other-${play.random(1000)}`);
    commit(play, `o-${word(play, "committed on another branch")}.txt`);
  },
  nested: (play) => {
    write(play, "lib/inner/code.txt", word(play, "in a repository inside"));
    play.rig.git(join(play.path, "lib/inner"), "init", "--quiet");
  },
  merge: ({ rig, path }) => {
    if (rig.git(path, "branch", "--show-current") !== branch) return;
    rig.git(join(rig.folder, "integration"), "merge", "--quiet", "--no-edit", branch);
  },
  push: ({ rig }) => rig.git(rig.root, "push", "--quiet", "origin", branch),
  halfMerge: (play) => {
    const { rig, path } = play;
    if (rig.git(path, "status", "--porcelain") !== "" || existsSync(join(path, "lib/inner"))) return;
    const base = rig.git(path, "rev-parse", "HEAD");
    rig.git(path, "checkout", "--quiet", "--detach", rig.start);
    const theirs = rig.commit(path, { "clash.txt": `${word(play, "their side")}\n` });
    rig.git(path, "checkout", "--quiet", "--detach", base);
    rig.commit(path, { "clash.txt": `${word(play, "our side")}\n` });
    try {
      rig.git(path, "merge", "--quiet", "--allow-unrelated-histories", theirs);
    } catch {
      // it conflicts, which is what is wanted
    }
  },
  branchGone: ({ rig, path }) => {
    if (rig.git(path, "branch", "--show-current") === branch)
      rig.git(rig.root, "update-ref", "-d", `refs/heads/${branch}`);
  },
  folderGone: (play) => {
    rmSync(play.path, { recursive: true });
    for (const [one, where] of play.words) if (!where.startsWith("committed")) play.words.delete(one);
    play.ended = true;
  },
  replacedByLink: (play) => {
    const elsewhere = join(play.rig.folder, "elsewhere");
    renameSync(play.path, elsewhere);
    symlinkSync(elsewhere, play.path);
    play.ended = true;
  },
  replacedByFolder: (play) => {
    renameSync(play.path, join(play.rig.folder, "elsewhere"));
    mkdirSync(play.path);
    write(play, "mine.txt", word(play, "a person's"));
    play.ended = true;
  },
  replacedByCopy: (play) => {
    const elsewhere = join(play.rig.folder, "elsewhere");
    execFileSync("cp", ["-a", play.path, elsewhere]);
    play.rig.git(play.rig.root, "worktree", "move", play.path, join(play.rig.folder, "moved"));
    renameSync(elsewhere, play.path);
    play.ended = true;
  },
};

/** The ends of a folder are tried less often than work in it. */
const usual = Object.keys(moves).slice(0, -4);
const ends = Object.keys(moves).slice(-4);

function word(play: Play, where: string): string {
  const made = `word${play.words.size}x${play.random(1_000_000)}`;
  play.words.set(made, where);
  return made;
}

const write = ({ rig, path }: Play, name: string, text: string): void => {
  // What is written over is given up by whoever writes.
  rig.write(
    join(path, name),
    existsSync(join(path, name)) ? `${readFileSync(join(path, name), "utf8")}${text}\n` : `${text}\n`,
  );
};

const commit = ({ rig, path }: Play, name: string): void => {
  rig.commit(path, { [name]: `${name}\n` });
};

/** Plays the history of a seed on a repository of its own. */
export async function removalHistory(seed: number): Promise<History> {
  using rig = testRepository(["*.local", "private/", "node_modules/"]);
  const random = randomOf(seed);
  const path = await madeTree(rig);
  const play: Play = { rig, path, random, steps: [], words: new Map(), ended: false };
  for (let step = random(6); step > 0 && !play.ended; step -= 1) {
    const names = random(8) === 0 ? ends : usual;
    const name = names[random(names.length)] ?? "commit";
    play.steps.push(name);
    attempt(play, name);
  }
  const before = pictureOf(rig, path);
  const force = random(2) === 0;
  const kill = random(3) === 0 ? null : 1 + random(30);
  play.steps.push(`remove${force ? " --force" : ""}${kill === null ? "" : `, killed before effect ${kill}`}`);
  const ask = askOf(rig, path, force);
  if (kill !== null) await killedBefore(rig.host, kill, (host) => removeTree(host, rig.home, ask));
  const done = take(await removeTree(rig.host, rig.home, ask));
  return { seed, steps: play.steps, wrong: judge(play, done, before), removed: done.removed };
}

/** A step that git refuses in the state at hand is none. */
function attempt(play: Play, name: string): void {
  const before = new Map(play.words);
  try {
    moves[name]?.(play);
  } catch (refused) {
    if (!(refused instanceof Error && "status" in refused)) throw refused;
    play.steps.push("(refused)");
    for (const one of play.words.keys()) if (!before.has(one) && !found(play).has(one)) play.words.delete(one);
  }
}

async function madeTree(rig: TestRepository): Promise<string> {
  const path = worktreePaths(rig.home, key).stage(1);
  const remote = join(rig.folder, "remote.git");
  rig.git(rig.folder, "init", "--quiet", "--bare", remote);
  rig.git(rig.root, "remote", "add", "origin", remote);
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", target, join(rig.folder, "integration"));
  const { repository } = rig;
  take(await addTree(rig.host, rig.home, { repository, path, branch, commit: rig.start, newBranch: true }));
  const provision = { syncDirs: [], copyFiles: [], cloneDirs: [], setup: [] };
  take(await fillTree(rig.host, { repository, path, provision, env: {}, logPath: join(rig.home, "setup.log") }));
  return path;
}

const askOf = (rig: TestRepository, path: string, force: boolean): RemoveAsk => ({
  repository: rig.repository,
  key,
  path,
  branch,
  target: `refs/heads/${target}`,
  derived: [],
  scratch: join(rig.home, "scratch", "slot-1"),
  force,
  begin: async () => {},
});

/** From effect n on, nothing happens any more: a process that is gone also runs no `finally`. */
async function killedBefore(host: Host, n: number, body: (host: Host) => Promise<unknown>): Promise<boolean> {
  const dead = new Error(`killed before effect ${n}`);
  const before = (at: number): void => {
    if (at >= n) throw dead;
  };
  try {
    await body(numbered(host, { before }));
    return false;
  } catch (thrown) {
    if (thrown !== dead) throw thrown;
    return true;
  }
}

function judge(play: Play, done: Removed, before: string): string[] {
  const { rig, path, words } = play;
  const wrong: string[] = [];
  const there = found(play);
  for (const [one, where] of words) if (!there.has(one)) wrong.push(`lost: ${one} (${where})`);
  if (!done.removed) {
    if (done.objections.length === 0) wrong.push("kept without a reason");
    if (pictureOf(rig, path) !== before) wrong.push("refused, and yet something changed");
    return wrong;
  }
  if (existsSync(path)) wrong.push("the folder is there");
  if (existsSync(`${path}.removing`)) wrong.push("the folder was left half-way");
  const listed = rig.git(rig.root, "worktree", "list", "--porcelain");
  if (listed.includes("/stage-1\n") || listed.includes(".removing\n")) wrong.push("git knows the tree");
  if (done.branchDeleted && rig.git(rig.root, "branch", "--list", branch) !== "") wrong.push("the branch is there");
  return wrong;
}

/** What a refusal must leave as it is: every file of the tree, and every ref. */
function pictureOf(rig: TestRepository, path: string): string {
  const refs = rig.git(rig.root, "for-each-ref");
  return `${refs}\n${filesBelow(path).join("\n")}`;
}

/** Words in what refs reach (and the merge that a tree is in), in the tree, in rescued files, and where a person moved things. */
function found({ rig, path, words }: Play): Set<string> {
  const objects = execFileSync(
    "sh",
    [
      "-c",
      "git rev-list --objects --all $(cat .git/worktrees/*/MERGE_HEAD 2>/dev/null) | cut -d' ' -f1 | git cat-file --batch='%(objectname)'",
    ],
    { cwd: rig.root, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 },
  );
  const folders = [path, join(rig.home, "rescued"), join(rig.folder, "elsewhere"), join(rig.folder, "moved")];
  const files = folders.flatMap(filesBelow).map((file) => (lstatSync(file).isFile() ? readFileSync(file, "utf8") : ""));
  const all = [objects, ...files].join("\n");
  return new Set([...words.keys()].filter((one) => all.includes(one)));
}

/** Git's own folders of inner repositories are left out, the rest is listed without following links. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder) || !lstatSync(folder).isDirectory()) return existsSync(folder) ? [folder] : [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.name === ".git"
      ? []
      : entry.isDirectory()
        ? filesBelow(join(folder, entry.name))
        : [join(folder, entry.name)],
  );
}
