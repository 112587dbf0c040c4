/** Results of a blind pass wait in the home, where no agent of the task looks, until the pass closes. */
import { join } from "node:path";
import { homePaths } from "../lifecycle/index.ts";
import { shownResult } from "./result-files.ts";
import type { OpenRun } from "./run.ts";

/** Ends the blind pass: results leave the home and become readable in the run folder. */
export async function closeHolding(run: OpenRun): Promise<void> {
  const { files } = run.world.host;
  const folder = homePaths(run.world.home).holding(run.ref);
  for (const entry of await files.list(folder)) {
    const identity = [...run.memory.intended.values()].flat().find((one) => `${one.name}.json` === entry.name);
    if (identity === undefined) continue;
    const { worker, role, round, attempt: number } = identity;
    const name = { worker, role, ...(round === null ? {} : { round }), attempt: number };
    const bytes = (await files.readBytes(join(folder, entry.name))) ?? new Uint8Array();
    const served = run.memory.done.get(identity.name)?.modelServed ?? null;
    await files.replaceFile(run.paths.resultMarkdown(name), shown(run, { worker, role, served, bytes }));
    await files.replaceFile(run.paths.result(name), bytes, { durable: true });
    await files.removeFile(join(folder, entry.name));
  }
  await files.removeEmptyFolder(folder);
}

type Held = {
  readonly worker: string;
  readonly role: string;
  readonly served: string | null;
  readonly bytes: Uint8Array;
};

function shown(run: OpenRun, { worker, role, served, bytes }: Held): string {
  const spec = run.manifest.roster.find((one) => one.worker === worker);
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return shownResult(run, { worker, role, modelRequested: spec?.model ?? "", modelServed: served, value });
}
