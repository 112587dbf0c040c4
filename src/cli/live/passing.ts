/** Which events are worth a line for a while, and what it says. Pure; text of others is made visible. */
import type { JournalEvent } from "../../model/index.ts";
import { detailOf } from "../event-line.ts";
import { oneLine } from "../text.ts";
import type { Passing } from "./state.ts";

export function passingOf(event: JournalEvent, stage: number | null): Passing | undefined {
  const tone = toneOf(event);
  if (tone === undefined) return undefined;
  return { at: Date.parse(event.time), stage, text: oneLine(detailOf(event)), tone };
}

/** Undefined: not worth a line. */
function toneOf(event: JournalEvent): Passing["tone"] | undefined {
  switch (event.type) {
    case "progress":
      return "plain";
    case "run.started":
      return event.data.resumed ? "plain" : undefined;
    case "dispatch.done":
      return event.data.status === "completed" ? undefined : "bad";
    case "run.ended":
      return event.data.outcome === "completed" ? "good" : "bad";
    case "step.failed":
    case "run.blocked":
      return "bad";
    default:
      return undefined;
  }
}
