/** Preparing the run of a stage that depends on nothing, beside the worktree that git alone would add. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../bench.ts";
import { line, most } from "../line.ts";
import { interleave, median, ratioOf } from "../numbers.ts";
import { nothing } from "../programs.ts";
import { approvedProject, type Project, prepareStage } from "../project.ts";

export const prepares: Row = {
  name: "prepare",
  async measure(bench) {
    const project = await approvedProject();
    await using rig = project.rig;
    const restore = rig.keep();
    const tree = join(rig.folder, "tree");
    const ours = project.okstra(...prepareStage(rig, 1));
    const floor = project.order("git", "worktree", "add", "--quiet", "--no-track", "-b", "bench", tree, "main");
    const fresh = (order: typeof ours) => async (): Promise<number> => {
      restore();
      return await bench.time(order);
    };
    const found = await interleave(15, {
      floor: fresh(floor),
      ours: fresh(ours),
      node: () => bench.time(project.order(...nothing)),
    });
    restore();
    const calls = await gitCalls(project, () => bench.time(withShim(project, ours)));
    return [
      line({
        row: "prepare",
        what: "okstra prepare of a stage, whole process",
        unit: "ms",
        floor: { what: "git worktree add", value: median(found.floor) },
        ours: median(found.ours),
        ratio: ratioOf(found.ours, found.floor),
        target: most(35, "over"),
        note: `node -e 0 alone ${median(found.node).toFixed(1)} ms`,
      }),
      line({
        row: "prepare",
        what: "the same: programs of git started",
        unit: "",
        ours: calls.length,
        target: most(3),
        note: calls.join(", "),
      }),
    ];
  },
};

const shimFolder = ({ rig }: Project): string => join(rig.folder, "shim");
const shimLog = (project: Project): string => join(shimFolder(project), "calls");

const withShim = (project: Project, order: ReturnType<Project["okstra"]>) => ({
  ...order,
  env: { ...order.env, PATH: `${shimFolder(project)}:${order.env?.["PATH"] ?? ""}` },
});

/** What git is asked while the body runs, by a program in its place that writes it down. */
async function gitCalls(project: Project, body: () => Promise<unknown>): Promise<string[]> {
  const folder = shimFolder(project);
  mkdirSync(folder);
  const path = process.env["PATH"] ?? "";
  const git = path.split(":").find((at) => existsSync(join(at, "git"))) ?? "/usr/bin";
  writeFileSync(
    join(folder, "git"),
    `#!/bin/sh\n(printf '%s\\t' "$@"; echo) >> '${shimLog(project)}'\nexec '${git}/git' "$@"\n`,
  );
  chmodSync(join(folder, "git"), 0o755);
  await body();
  const calls = readFileSync(shimLog(project), "utf8").trim().split("\n");
  rmSync(folder, { recursive: true });
  return calls.map(verbOf);
}

/** The command without the options before it; of `worktree` the next word too. */
function verbOf(call: string): string {
  const words = call.split("\t");
  let at = 0;
  while (words[at]?.startsWith("-") === true) at += words[at] === "-c" || words[at] === "-C" ? 2 : 1;
  return words
    .slice(at, at + (words[at] === "worktree" ? 2 : 1))
    .join(" ")
    .trim();
}
