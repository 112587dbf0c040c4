/** The run that would be made next, without making it. */
import { runFolder } from "../../lifecycle/index.ts";
import type { RunRef } from "../../model/index.ts";
import { sequencesIn } from "../sequences.ts";
import type { World } from "../world.ts";

/** `before`: runs that would be made earlier in the same batch. */
export async function foresee(
  world: World,
  projectRoot: string,
  { run, before }: { readonly run: RunRef; readonly before: readonly RunRef[] },
): Promise<RunRef> {
  const folder = (ref: RunRef): string => runFolder(projectRoot, ref.key, ref.taskType, ref.stage);
  const used = await sequencesIn(world, folder(run), run.taskType);
  const taken = before.filter((ref) => folder(ref) === folder(run)).map(({ seq }) => seq);
  return { ...run, seq: Math.max(0, ...used, ...taken) + 1 };
}
