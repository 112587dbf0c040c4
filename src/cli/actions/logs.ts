/** The events of a run, as they are or as they come. */
import { followRun, type RunState, showRun } from "../../engine/index.ts";
import { type JournalEvent, printRun, shellWord, take } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { LogsOptions } from "../commands/logs.ts";
import type { Context } from "../context.ts";
import { eventLine } from "../event-line.ts";
import { noPaint } from "../paint.ts";
import { safeJson } from "../text.ts";

export async function logs(context: Context, options: LogsOptions): Promise<Answer> {
  const { terminal, common } = context;
  const paint = common.noColor ? noPaint : terminal.paint("answer");
  const tell = (events: readonly JournalEvent[]): void => {
    const lines = events.map((event) => (options.events ? safeJson(event, 0) : eventLine(event, paint)));
    if (!common.json && lines.length > 0) terminal.write("answer", `${lines.join("\n")}\n`);
  };
  const { summary, events } = await heard(context, options, tell);
  return { json: { run: summary, events }, text: () => "", exit: 0 };
}

type Tell = (events: readonly JournalEvent[]) => void;

async function heard({ world, cwd, say }: Context, { run, follow }: LogsOptions, tell: Tell): Promise<RunState> {
  if (!follow) {
    const state = take(await showRun(world, cwd, run));
    tell(state.events);
    return state;
  }
  const { state, end } = take(await followRun(world, { cwd, run, hear: tell, settled: false }));
  if (end === "idle") say(`Nobody executes ${printRun(run)}; to go on: okstra resume ${shellWord(printRun(run))}`);
  return state;
}
