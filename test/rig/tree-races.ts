/** Many processes make worktrees in one repository at once; what is there afterwards is what each of them was told. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { race } from "../race.ts";
import { testRepository } from "../repository.ts";
import { memoryFolder } from "./memory.ts";

export type TreeRace = { readonly tried: number; readonly wrong: readonly string[] };

/** Half of the processes start from a local branch, half from a remote-tracking one. Throws when a creation failed. */
export async function treeRace(tried: number, processes: number): Promise<TreeRace> {
  using rig = testRepository([], memoryFolder());
  const git = (...args: string[]): string[] =>
    execFileSync("git", ["-C", rig.root, ...args], { encoding: "utf8", maxBuffer: 1 << 28 }).split("\n");
  rig.git(rig.root, "update-ref", "refs/remotes/origin/work", rig.start);
  const [trees, each] = [join(rig.folder, "trees"), Math.ceil(tried / processes)];
  const parts = Array.from({ length: processes }, (_, at) => [
    ...[rig.root, rig.home, trees, String(at), String(each)],
    at % 2 === 0 ? "main" : "origin/work",
  ]);
  await race("trees", parts);
  const listed = git("worktree", "list", "--porcelain").filter((one) => one.startsWith("branch refs/heads/"));
  const names = listed.map((one) => one.slice("branch refs/heads/".length));
  const wanted = parts.flatMap((_, at) => Array.from({ length: each }, (__, number) => `tree-${at}-${number + 1}`));
  const all = ["main", "shared", ...wanted].sort();
  const wrong: string[] = [];
  if (names.sort().join() !== all.join()) wrong.push(`worktrees: ${names.length} of ${all.length}`);
  const branches = git("for-each-ref", "--format=%(refname:short) %(objectname) %(upstream)", "refs/heads/");
  for (const row of branches.filter((one) => one !== "")) {
    const [name = "", commit, upstream] = row.split(" ");
    if (!all.includes(name) || commit !== rig.start || upstream !== "") wrong.push(row);
  }
  for (const name of wanted)
    if (rig.read(join(trees, name, "src/app.js")) !== "one\n") wrong.push(`${name} is not filled`);
  return { tried: wanted.length, wrong };
}
