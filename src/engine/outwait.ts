/** What a killed engine leaves running: its git. Ended in the middle of a write it would leave locks and half-made trees. */
import { engineMark, type Spawned } from "../host/index.ts";
import type { World } from "./world.ts";

/** A hook that hangs is ended after this. */
const longestMs = 10_000;

/** Lets the git of a dead engine come to its end. This very process' own git is nobody's leftover. */
export async function outwaitGit(world: World, engine: Spawned): Promise<void> {
  const { machine, processes } = world.host;
  if (engine.pid === machine.pid && engine.startTime === machine.startTime) return;
  const left = await processes.withMark(engineMark.name, engineMark.of(engine));
  if (await processes.awaitEnd(left, longestMs)) return;
  await processes.end(left, 2_000);
}
