/** What okstra needs here, row by row. */
import { doctor as examine } from "../../checks/index.ts";
import { take } from "../../model/index.ts";
import { agentsSeen } from "../agents-seen.ts";
import { checkListAnswer } from "../checks-text.ts";
import type { Answer } from "../command.ts";
import type { Context } from "../context.ts";

export async function doctor(context: Context): Promise<Answer> {
  const { world, cwd } = context;
  const agents = () => agentsSeen(context);
  return checkListAnswer(take(await examine(world.host, { home: world.home, cwd, agents })), cwd);
}
