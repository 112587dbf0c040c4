/** What okstra needs here, row by row. */
import { doctor as examine } from "../../checks/index.ts";
import { settingsAround } from "../../engine/index.ts";
import { take } from "../../model/index.ts";
import { agentsSeen } from "../agents-seen.ts";
import { doctorAnswer } from "../checks-text.ts";
import type { Answer } from "../command.ts";
import type { DoctorOptions } from "../commands/doctor.ts";
import type { Context } from "../context.ts";

export async function doctor(context: Context, { fix }: DoctorOptions): Promise<Answer> {
  const { world, cwd } = context;
  const agents = () => agentsSeen(context);
  const { settings, sourceOf } = take(await settingsAround(world, cwd));
  const sandbox = { asked: settings.sandbox, source: sourceOf("sandbox") };
  const network = { asked: settings.network.mode, source: sourceOf("network.mode") };
  return doctorAnswer(take(await examine(world, { cwd, sandbox, network, agents, fix })), cwd);
}
