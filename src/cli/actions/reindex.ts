/** The run index, made anew. */
import { reindex as rebuild } from "../../engine/index.ts";
import { take } from "../../model/index.ts";
import type { ReindexAnswer } from "../answers.schema.ts";
import type { Answer } from "../command.ts";
import type { Context } from "../context.ts";
import { oneLine } from "../text.ts";

export async function reindex({ world }: Context): Promise<Answer> {
  const found = take(await rebuild(world));
  const { projects, tasks, runs, kept, unread } = found;
  return {
    json: { ...found, unread: [...unread] } satisfies Omit<ReindexAnswer, "schemaVersion">,
    text: (paint) =>
      [
        `${paint.good("✓")} The run index is made anew: projects ${projects}, tasks ${tasks}, runs ${runs}`,
        ...(kept === 0 ? [] : [`  kept as they stood before: runs ${kept}`]),
        ...unread.map(({ path, why }) => `  not read: ${oneLine(path)}: ${oneLine(why)}`),
      ].join("\n"),
    exit: 0,
  };
}
