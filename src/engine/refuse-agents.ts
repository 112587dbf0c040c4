/** No gate is passed by an agent: what only a person may do refuses when an agent is anywhere above it in the process tree. */
import { markName } from "../agents/index.ts";
import { fault } from "../model/index.ts";
import type { World } from "./world.ts";

/** `what`: the command. Throws `agent-may-not-decide`. */
export async function refuseAgents(world: World, what: string): Promise<void> {
  if (!(await world.host.processes.ancestorHas(markName))) return;
  throw fault(
    "agent-may-not-decide",
    `${what} was called from inside an agent's dispatch`,
    "A person runs this command in a terminal of their own",
    { what },
  );
}
