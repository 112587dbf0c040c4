/** Ends what an earlier engine process left running of a run: agents, commands, its git. */
import { markName } from "../agents/index.ts";
import { outwaitGit } from "./outwait.ts";
import { holdMark } from "./prepare/holder.ts";
import type { OpenRun } from "./run.ts";

/** Called once, before a resumed run goes on or a killed one is cancelled. Gives the names of the dispatches that never ended. */
export async function endLeftovers(run: OpenRun): Promise<readonly string[]> {
  const { processes } = run.world.host;
  const unfinished = [...run.memory.intended].filter(([name]) => !run.memory.done.has(name));
  const marks = unfinished.flatMap(([, starts]) => starts.slice(-1).map((start) => [markName, start.mark] as const));
  for (const [name, value] of [...marks, [holdMark, run.manifest.nonce] as const])
    await processes.end(await processes.withMark(name, value), 5_000);
  const engine = run.journal.events.findLast((event) => event.type === "run.started");
  if (engine?.type === "run.started") await outwaitGit(run.world, engine.data);
  return unfinished.map(([name]) => name);
}
