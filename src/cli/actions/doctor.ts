/** What okstra needs here, row by row. */
import type { Answer } from "../command.ts";
import type { Context } from "../context.ts";

export async function doctor({ world }: Context): Promise<Answer> {
  const git = await world.host.git.version();
  const ok = git !== undefined;
  return { json: { ok, checks: [] }, text: () => (ok ? "result: OK" : "result: 1 problems"), exit: ok ? 0 : 1 };
}
