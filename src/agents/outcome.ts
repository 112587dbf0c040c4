/**
 * From what was heard of an agent to the one named outcome of its dispatch. Pure. Success is the agent's own success event and a
 * result that passes the check; an exit code is a remark.
 */
import type { TokenUse } from "../model/index.ts";
import { readAnswer } from "./answer.ts";
import type { ClockLimits, RanOut } from "./clocks.ts";
import type { FailureKind } from "./contract.ts";
import { remarks, stderrTail } from "./hearing.ts";
import { familyOfModel } from "./models.ts";
import type { Heard } from "./question.ts";
import { sumUse } from "./token-use.ts";

/** What a check says of a result. Problems are sentences for the agent. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly string[] };

export type ErrorReason =
  /** The provider's quota is used up; `resetAt` if it said when it is there again. */
  | "quota"
  | "auth"
  /** It used more than it might (`DispatchAsk.over`), or its own limit in money ended it. */
  | "budget"
  /** The agent said that it failed; `failure.kind` says whether trying again can help. */
  | "agent-failed"
  /** A signal that was not ours ended it. */
  | "killed"
  /** It exited without saying that it had finished or failed, whatever the exit code. */
  | "no-success-event"
  /** Its last message was empty, also when asked again. */
  | "no-result"
  /** Its result did not fit, also when asked again. */
  | "invalid-result"
  /** The folder it works in is gone, so it cannot be asked again. */
  | "tree-gone";

export type Story = {
  /** One sentence for people, without the worker's name. */
  readonly message: string;
  /** The class of what went wrong, for who decides on another attempt; null when completed. */
  readonly failure: { readonly kind: FailureKind; readonly message: string } | null;
  /** What was wrong with the last message. */
  readonly problems: readonly string[];
  /** ISO 8601, only as the provider gave it. */
  readonly resetAt: string | null;
  readonly modelServed: string | null;
  /** The vendor by what was served, else as the agent says, else the one expected. */
  readonly family: string;
  readonly session: string | null;
  /** Every conversation that it had: more than one where it lost the first. */
  readonly sessions: readonly string[];
  /** Over all questions; null when unknown. */
  readonly usage: TokenUse | null;
  readonly durationMs: number;
  readonly reasks: number;
  readonly toolCalls: number;
  /** Calls by tool. */
  readonly tools: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  readonly exitCode: number | null;
  /** Without keys. */
  readonly stderrTail: string;
};

type Ending<T> =
  | { readonly status: "completed"; readonly reason: null; readonly value: T; readonly resultText: string }
  | {
      readonly status: "timeout";
      readonly reason: Exclude<RanOut, "linger">;
      readonly value: null;
      readonly resultText: null;
    }
  | { readonly status: "error"; readonly reason: ErrorReason; readonly value: null; readonly resultText: string | null }
  | { readonly status: "not-run"; readonly reason: "agent-missing"; readonly value: null; readonly resultText: null };

/** Plain data. `value` is what the check returned, `resultText` the message it stood in (or the last one that did not fit). */
export type DispatchOutcome<T> = Story & Ending<T>;

/** What one process's end means. `invalid` may be asked again; the others are final. */
export type Judged<T> = { readonly ending: Ending<T>; readonly note: string | null } & Told &
  ({ readonly is: "final" } | { readonly is: "invalid" } | { readonly is: "interrupted" });

type Told = Pick<Story, "message" | "failure" | "problems" | "resetAt">;

const told = (message: string, more: Partial<Told> = {}): Told => ({
  message,
  failure: null,
  problems: [],
  resetAt: null,
  ...more,
});

const failedAs = (reason: ErrorReason, text: string | null = null): Ending<never> => ({
  status: "error",
  reason,
  value: null,
  resultText: text,
});

type End = Pick<Heard, "hearing" | "ended" | "over" | "exit" | "limits">;

export function judge<T>(heard: End, check: (value: unknown) => Checked<T>): Judged<T> {
  const { finish } = heard.hearing;
  const answer = finish === null ? undefined : judgeAnswer(finish.text, check);
  if (answer?.is === "final") return { ...answer, note: joined(answer.note, finish?.late === true ? lateNote : null) };
  if (heard.ended === "interrupted")
    return { is: "interrupted", ending: failedAs("killed"), note: null, ...told("was stopped") };
  if (answer !== undefined && finish?.late === false) return answer;
  if (heard.over !== null && heard.ended === "budget") return overBudget(heard.over, answer?.problems ?? []);
  return judgeWithout(heard, answer?.problems ?? []);
}

const lateNote = "its result came after it was told to end and was still whole";

export function overBudget(why: string, problems: readonly string[]): Judged<never> {
  const message = `was stopped: ${why}`;
  const failure = { kind: "budget", message } as const;
  return { is: "final", ending: failedAs("budget"), note: null, ...told(message, { failure, problems }) };
}

function judgeAnswer<T>(text: string, check: (value: unknown) => Checked<T>): Judged<T> {
  const answer = readAnswer(text);
  const checked = answer.ok ? check(answer.value) : answer;
  if (answer.ok && checked.ok) {
    const ending = { status: "completed", reason: null, value: checked.value as T, resultText: text } as const;
    return { is: "final", ending, note: answer.note, ...told("gave a valid result") };
  }
  const problems = checked.ok ? [] : checked.problems;
  const empty = text.trim() === "";
  const message = empty
    ? "finished without a result"
    : `gave a result that does not fit: ${problems[0] ?? "no reason given"}`;
  const failure = { kind: "deterministic", message } as const;
  const ending = failedAs(empty ? "no-result" : "invalid-result", text);
  return { is: "invalid", ending, note: null, ...told(message, { failure, problems }) };
}

/** No message that counts: a clock, the agent's own failure, or silence. */
function judgeWithout(heard: End, problems: readonly string[]): Judged<never> {
  const { hearing, ended, exit } = heard;
  if (ended !== null && ended !== "linger" && ended !== "interrupted" && ended !== "budget") {
    const message = clockMessages[ended](heard.limits);
    const ending = { status: "timeout", reason: ended, value: null, resultText: null } as const;
    return { is: "final", ending, note: null, ...told(message, { failure: { kind: "transient", message }, problems }) };
  }
  const { failure, quota } = hearing;
  if (quota !== null || failure?.kind === "quota") {
    const message = failure?.message ?? "the provider's quota is used up";
    const resetAt = quota?.resetAt ?? null;
    return {
      is: "final",
      ending: failedAs("quota"),
      note: null,
      ...told(message, { failure: { kind: "quota", message }, resetAt }),
    };
  }
  if (failure !== null) {
    const ending = failedAs(failure.kind === "auth" || failure.kind === "budget" ? failure.kind : "agent-failed");
    return { is: "final", ending, note: null, ...told(failure.message, { failure }) };
  }
  const message =
    exit.signal === null
      ? `exited with code ${exit.exitCode ?? "unknown"} and said neither that it had finished nor that it had failed${lamentOf(hearing.stderr)}`
      : `was ended by ${exit.signal}, which okstra did not send`;
  const ending = failedAs(exit.signal === null ? "no-success-event" : "killed");
  return { is: "final", ending, note: null, ...told(message, { failure: { kind: "unknown", message } }) };
}

/** What it said on stderr before it ended so: the first line that speaks of an error, else the first. */
function lamentOf(stderr: string): string {
  const lines = stderr
    .slice(-lamentedFrom)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const line = lines.find((one) => /\berror\b/i.test(one)) ?? lines[0];
  return line === undefined ? "" : `; on stderr: ${line.slice(0, 200)}`;
}

const lamentedFrom = 4_096;

/** With the setting that gives more time. */
const clockMessages: Readonly<Record<Exclude<RanOut, "linger">, (limits: ClockLimits) => string>> = {
  "first-event": ({ firstEventMs }) => `said nothing in its first ${timeText(firstEventMs)} (timeouts.firstEvent)`,
  idle: ({ idleMs }) => `showed no progress for ${timeText(idleMs)} (timeouts.idle)`,
  hard: ({ hardMs }) => `was still at work after ${timeText(hardMs)} (timeouts.hard)`,
};

const timeText = (ms: number): string => {
  const seconds = Math.round(ms / 100) / 10;
  return seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 6) / 10} min`;
};

/** Tells the whole conversation with its ending. */
export function outcome<T>(conversation: readonly Heard[], judged: Judged<T>, frame: Frame): DispatchOutcome<T> {
  const last = conversation.at(-1);
  const hearings = conversation.map(({ hearing }) => hearing);
  const latest = <V>(pick: (of: Heard["hearing"]) => V | null): V | null =>
    hearings.reduce<V | null>((seen, hearing) => pick(hearing) ?? seen, null);
  const modelServed = latest(({ model }) => model);
  const tools = tally(hearings.map((hearing) => hearing.tools));
  const clean = (text: string): string => frame.redact(text);
  const { failure, ending } = judged;
  return {
    ...(ending.resultText === null ? ending : { ...ending, resultText: clean(ending.resultText) }),
    message: clean(judged.message),
    failure: failure === null ? null : { ...failure, message: clean(failure.message) },
    problems: judged.problems.map(clean),
    resetAt: judged.resetAt,
    modelServed,
    // The model that served decides, not what its program says of itself.
    family:
      (modelServed === null ? null : familyOfModel(modelServed)) ?? latest(({ family }) => family) ?? frame.family,
    session: latest(({ session }) => session),
    sessions: [...new Set(hearings.flatMap(({ session }) => session ?? []))],
    usage: sumUse(hearings.map(({ usage }) => usage)),
    durationMs: frame.durationMs,
    reasks: frame.reasks,
    toolCalls: Object.values(tools).reduce((sum, count) => sum + count, 0),
    tools,
    notes: [...conversation.flatMap(notesOf), ...(judged.note === null ? [] : [judged.note]), ...frame.notes].map(
      clean,
    ),
    exitCode: last?.exit.exitCode ?? null,
    stderrTail: stderrTail(hearings.map(({ stderr }) => stderr).join(""), frame.redact),
  };
}

export type Frame = {
  readonly family: string;
  readonly durationMs: number;
  readonly reasks: number;
  readonly notes: readonly string[];
  readonly redact: (text: string) => string;
};

function notesOf(heard: Heard): string[] {
  const { exit, ended, left, hearing } = heard;
  const notes = remarks(hearing);
  const code = exit.exitCode;
  if (ended === null && hearing.finish !== null && code !== 0)
    notes.push(`exited with ${code ?? exit.signal ?? "no code"} after its result`);
  if (ended === "linger") notes.push("did not exit after its last event and was ended");
  if (left > 0)
    notes.push(
      `left ${left} ${left === 1 ? "process" : "processes"} running, which ${left === 1 ? "was" : "were"} ended`,
    );
  return notes;
}

function tally(parts: readonly ReadonlyMap<string, number>[]): Record<string, number> {
  const sum = new Map<string, number>();
  for (const part of parts) for (const [name, times] of part) sum.set(name, (sum.get(name) ?? 0) + times);
  return Object.fromEntries([...sum].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const joined = (a: string | null, b: string | null): string | null =>
  a !== null && b !== null ? `${a}; ${b}` : (a ?? b);
