/** Results of a blind pass wait in the home, where no agent of the task looks, until the pass closes. */
import { join } from "node:path";
import { homePaths } from "../lifecycle/index.ts";
import type { OpenRun } from "./run.ts";

/** Ends the blind pass: results leave the home and become readable in the run folder. */
export async function closeHolding(run: OpenRun): Promise<void> {
  const { files } = run.world.host;
  const folder = homePaths(run.world.home).holding(run.ref);
  for (const entry of await files.list(folder)) {
    const identity = [...run.memory.intended.values()].flat().find((one) => `${one.name}.json` === entry.name);
    if (identity === undefined) continue;
    const { worker, role, round, attempt: number } = identity;
    const target = run.paths.result({ worker, role, ...(round === null ? {} : { round }), attempt: number });
    await files.replaceFile(target, (await files.readBytes(join(folder, entry.name))) ?? "", { durable: true });
    await files.removeFile(join(folder, entry.name));
  }
  await files.removeEmptyFolder(folder);
}
