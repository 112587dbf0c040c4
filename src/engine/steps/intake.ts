/** The first look of a run: what it was prepared from is still what is there. */
import { taskPaths } from "../../lifecycle/index.ts";
import { fault, shellWord } from "../../model/index.ts";
import { sha256 } from "../prepare/task.ts";
import { progress, type Run } from "../run.ts";

/** Throws `run-changed` when brief, worktree or branch are not those of the manifest any more. */
export async function intake(run: Run): Promise<void> {
  await progress(run, "phase-1-intake", run.id);
  const brief = await run.world.host.files.readText(taskPaths(run.project.projectRoot, run.ref.key).brief);
  if (brief === undefined || sha256(brief) !== run.manifest.briefSha256)
    throw changed(run, "the brief is not the one that the run was prepared from");
  const { path, branch } = run.manifest.worktree;
  if ((await run.world.host.files.look(path)) === undefined) throw changed(run, `the worktree ${path} is gone`);
  if (branch !== null) {
    const head = await run.world.host.git.head(path);
    if (head?.branch !== branch) throw changed(run, `${path} is on ${head?.branch ?? "no branch"}, not on ${branch}`);
  }
}

const changed = (run: Run, what: string) =>
  fault(
    "run-changed",
    `${run.id} cannot go on: ${what}`,
    `Put it back as it was and run okstra resume ${shellWord(run.id)}, or prepare the phase again`,
    { run: run.id, what },
  );
