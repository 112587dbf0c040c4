/** One event of a journal as a line for people: time, what it is, what it says. Pure; text of others is made visible. */
import type { EventData, JournalEvent, TokenUse } from "../model/index.ts";
import type { Paint } from "./paint.ts";
import { durationOf, oneLine, shortened } from "./text.ts";

/** `04:00:12.345  dispatch.done      claude-analyser completed in 2.3 s, 1100 tokens, claude-opus` (UTC). */
export function eventLine(event: JournalEvent, paint: Paint): string {
  const time = paint.faint(event.time.slice(11, 23));
  const type = event.type.padEnd(typeWidth);
  return `${time}  ${painted(event, paint)(type)}  ${shortened(detailOf(event), 400)}`.trimEnd();
}

const typeWidth = "dispatch.intended".length;

function painted(event: JournalEvent, paint: Paint): (text: string) => string {
  if (event.type === "step.failed" || event.type === "run.blocked") return paint.bad;
  if (event.type === "dispatch.done") return event.data.status === "completed" ? paint.good : paint.bad;
  if (event.type === "run.ended") return event.data.outcome === "completed" ? paint.good : paint.warn;
  return event.type === "fact" || event.type === "dispatch.spawned" ? paint.faint : paint.strong;
}

/** What a reader wants to know of it first. */
export function detailOf(event: JournalEvent): string {
  switch (event.type) {
    case "run.prepared":
      return event.data.run;
    case "run.started":
      return startOf(event.data);
    case "step.started":
    case "step.completed":
      return event.data.step;
    case "step.failed":
      return `${event.data.step}: ${event.data.reason}: ${event.data.message}`;
    case "step.skipped":
      return `${event.data.step}: ${event.data.why}`;
    case "progress":
      return `${event.data.point} ${event.data.text}`;
    case "dispatch.intended":
      return `${event.data.name}: ${event.data.purpose}${event.data.writes ? ", may write" : ""}`;
    case "dispatch.spawned":
      return `${event.data.name}: process ${event.data.pid}`;
    case "dispatch.done":
      return endOf(event.data);
    case "fact":
      return `${event.data.key} = ${shortened(JSON.stringify(event.data.value), 120)}`;
    default:
      return lateDetailOf(event);
  }
}

type LateEvent = Extract<
  JournalEvent,
  { type: "carry.written" | "merge.intended" | "merge.done" | `run.${"blocked" | "cancelled" | "ended"}` | "repaired" }
>;

function lateDetailOf(event: LateEvent): string {
  switch (event.type) {
    case "carry.written":
      return `stage ${event.data.stage} at ${event.data.head.slice(0, 12)}: ${event.data.path}`;
    case "merge.intended":
      return `stage ${event.data.stage}: ${event.data.head.slice(0, 12)} into ${event.data.taskHead.slice(0, 12)}`;
    case "merge.done":
      return `stage ${event.data.stage}: ${[event.data.state, event.data.commit?.slice(0, 12), ...event.data.files].filter(Boolean).join(" ")}`;
    case "run.blocked":
      return `${event.data.reason}: ${event.data.message}`;
    case "run.ended":
      return runEndOf(event.data);
    case "repaired":
      return `a torn line of ${event.data.bytes} bytes was set aside`;
    default:
      return newerDetailOf(event);
  }
}

/** An event of an okstra that knows more. */
const newerDetailOf = (event: never): string => JSON.stringify((event as JournalEvent).data);

function startOf({ pid, resumed, reused, again }: EventData["run.started"]): string {
  if (!resumed) return `process ${pid}`;
  return `process ${pid}, resumed; taken from the journal: ${listed(reused)}; done again: ${listed(again)}`;
}

function endOf(done: EventData["dispatch.done"]): string {
  const { name, status, reason, durationMs, usage, fromLog = false, modelServed, reasks } = done;
  return [
    `${name} ${status} in ${durationOf(durationMs)}`,
    ...(reason === null ? [] : [reason]),
    ...(usage === null ? [] : [`${tokensOf(usage)} tokens${fromLog ? " by its session log" : ""}`]),
    ...(usage === null || usage.costUsd === null ? [] : [`$${usage.costUsd.toFixed(2)}`]),
    ...(modelServed === null ? [] : [modelServed]),
    ...(reasks === 0 ? [] : [`${reasks} asked again`]),
  ].join(", ");
}

const tokensOf = ({ input, cachedInput, cacheWrite, output, reasoning }: TokenUse): number =>
  input + cachedInput + cacheWrite + output + reasoning;

function runEndOf({ outcome, reason, verdict, message, remedy = "" }: EventData["run.ended"]): string {
  const why = reason === null || reason === outcome ? "" : ` (${reason})`;
  return `${outcome}${why}${verdict === null ? "" : `, verdict ${verdict}`}${message === "" ? "" : `: ${message}`}${outcome === "completed" || remedy === "" ? "" : ` (to go on: ${remedy})`}`;
}

const listed = (names: readonly string[]): string => (names.length === 0 ? "nothing" : names.map(oneLine).join(", "));
