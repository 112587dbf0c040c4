/**
 * The story of a run on stderr, from its journal's events: `PROGRESS: <point> <text>`. As soon as more than one run is under way
 * in this process, each line is led by the run it is of.
 */
import type { JournalEvent, Listener } from "../model/index.ts";
import { oneLine } from "./text.ts";

export function progressListener(say: (line: string) => void): Listener {
  const underWay = new Set<string>();
  return (event) => {
    if (event.type === "run.started") underWay.add(event.run);
    const line = lineOf(event);
    if (line !== undefined) say(underWay.size > 1 ? `[${oneLine(event.run)}] ${line}` : line);
    if (event.type === "run.ended") underWay.delete(event.run);
  };
}

function lineOf(event: JournalEvent): string | undefined {
  if (event.type === "progress") return oneLine(`PROGRESS: ${event.data.point} ${event.data.text}`);
  if (event.type === "step.failed") return oneLine(`PROGRESS: ${event.data.step} failed: ${event.data.message}`);
  if (event.type === "run.started" && event.data.resumed) {
    const { reused, again } = event.data;
    return oneLine(`PROGRESS: resume reused=${listed(reused)} again=${listed(again)}`);
  }
  return undefined;
}

const listed = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(","));
