/** Worktrees in repositories of some sizes: one at a time beside tuned git, and twenty at once beside git by itself. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { treeRace } from "../../test/rig/tree-races.ts";
import type { Bench, Row } from "../bench.ts";
import { type Line, line, most } from "../line.ts";
import { chance, median, ratioOf } from "../numbers.ts";
import type { Crowd, Trees, TreesAsk } from "../workers/trees.ts";

const cores = cpus().length;

export const worktrees: Row = {
  name: "worktree",
  async measure(bench) {
    const sizes = [
      { files: 100, rounds: 15 },
      { files: 5_000, rounds: 9 },
      ...(bench.large ? [{ files: 50_000, rounds: 5 }] : []),
    ];
    const lines: Line[] = [];
    for (const { files, rounds } of sizes) {
      const ask = repository(bench, files);
      const { ours, plain, tuned, metadata } = await bench.work<Trees>("trees", { ...ask, rounds, crowd: 0 });
      rmSync(dirname(ask.root), { recursive: true });
      lines.push(
        line({
          row: "worktree",
          what: `one stage worktree of ${files} files`,
          unit: "ms",
          floor: { what: `git worktree add, checkout.workers=${cores}`, value: median(tuned) },
          peers: [
            { what: "untuned", value: median(plain) },
            { what: "metadata alone", value: median(metadata) },
          ],
          ours: median(ours),
          ratio: ratioOf(ours, tuned),
          target: most(1.05, "ratio"),
        }),
      );
    }
    return lines;
  },
};

export const manyWorktrees: Row = {
  name: "worktrees-20",
  async measure(bench) {
    const [big, many] = [repository(bench, 5_000), repository(bench, 20)];
    const crowd = await bench.work<Crowd>("trees", { ...big, rounds: 3, crowd: 20 });
    const small = await bench.work<Crowd>("trees", { ...many, rounds: bench.large ? 500 : 50, crowd: 20 });
    const row = "worktrees-20";
    return [
      line({
        row,
        what: "20 worktrees of 5000 files at once, until the last",
        unit: "ms",
        floor: { what: "20 git worktree add at once", value: median(crowd.plain) },
        ours: median(crowd.ours),
        ratio: ratioOf(crowd.ours, crowd.plain),
        target: most(1.05, "ratio"),
      }),
      line({
        row,
        what: `20 at once, ${small.tried} in all: failures`,
        unit: "",
        floor: { what: "git by itself", value: crowd.plainFailed + small.plainFailed },
        ours: crowd.failed + small.failed,
        target: most(0),
        note: bench.large ? "" : "10,000 with --large",
      }),
    ];
  },
};

/** OKSTRA_RACES=<number>: how many creations, other than 10,000 (which take minutes). Half start from a remote-tracking branch. */
export const races: Row = {
  name: "races",
  async measure() {
    const { tried, wrong } = await treeRace(Number(process.env["OKSTRA_RACES"] ?? 10_000), 20);
    const what = `${tried} worktrees by 20 processes, local and remote-tracking bases: failed or doubled`;
    return [line({ row: "races", what, unit: "", ours: wrong.length, target: most(0) })];
  },
};

/** A repository with one commit of so many small text files, forty to a folder. */
function repository(bench: Bench, files: number): Omit<TreesAsk, "rounds" | "crowd"> {
  const folder = join(bench.folder, `repository-${files}`);
  const root = join(folder, "root");
  const random = chance(files);
  for (let at = 0; at < files; at += 1) {
    const path = join(root, `folder-${Math.floor(at / 40)}`, `file-${at}.txt`);
    if (at % 40 === 0) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${at} ${"words of a file ".repeat(10 + Math.floor(random() * 240))}\n`);
  }
  const env = { PATH: process.env["PATH"], HOME: folder, GIT_CONFIG_NOSYSTEM: "1" };
  // Without the packing that a commit of many files starts behind itself, which would be in the way of the one below.
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "gc.auto=0"];
  const git = (...args: string[]) => execFileSync("git", ["-C", root, ...args], { env, stdio: "ignore" });
  git("init", "--quiet", "-b", "main");
  git("add", "--all");
  git(...who, "commit", "--quiet", "-m", "start");
  git("gc", "--quiet");
  return { root, trees: join(folder, "trees"), home: join(folder, "home"), userHome: folder, cores };
}
