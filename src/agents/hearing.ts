/**
 * What was heard of one process of an agent, gathered event by event. Bounded in memory whatever the agent says: counts, the last
 * of each kind, the end of stderr.
 */
import type { TokenUse } from "../model/index.ts";
import type { AgentEvent, FailureKind } from "./contract.ts";
import { absurdity } from "./token-use.ts";

export type Hearing = {
  session: string | null;
  model: string | null;
  family: string | null;
  /** The last success event, and whether it came only after we had begun to end the process. */
  finish: { readonly text: string; readonly late: boolean } | null;
  failure: { readonly kind: FailureKind; readonly message: string } | null;
  quota: { readonly resetAt: string | null } | null;
  usage: TokenUse | null;
  usageFault: string | null;
  /** Calls by tool. */
  readonly tools: Map<string, number>;
  readonly denied: Map<string, number>;
  readonly unreadable: Map<string, number>;
  retries: number;
  stderr: string;
};

export const openHearing = (): Hearing => ({
  session: null,
  model: null,
  family: null,
  finish: null,
  failure: null,
  quota: null,
  usage: null,
  usageFault: null,
  tools: new Map(),
  denied: new Map(),
  unreadable: new Map(),
  retries: 0,
  stderr: "",
});

/** Notes one event. `late`: the process is being ended by us. */
export function note(hearing: Hearing, event: AgentEvent, late: boolean): void {
  switch (event.type) {
    case "started":
      hearing.session = event.session ?? hearing.session;
      hearing.model = event.model ?? hearing.model;
      hearing.family = event.family ?? hearing.family;
      return;
    case "tool-call":
      count(hearing.tools, event.name);
      return;
    case "permission-denied":
      count(hearing.denied, event.tool);
      return;
    case "unreadable":
      count(hearing.unreadable, event.why);
      return;
    case "usage":
      hearing.usageFault = absurdity(event.usage) ?? null;
      hearing.usage = hearing.usageFault === null ? event.usage : null;
      return;
    case "retry":
      hearing.retries += 1;
      return;
    case "quota":
      hearing.quota = { resetAt: event.resetAt ?? hearing.quota?.resetAt ?? null };
      return;
    case "failed":
      hearing.failure = { kind: event.kind, message: event.reason };
      return;
    case "finished":
      // The first counts: what follows a success event is not part of the answer.
      hearing.finish ??= { text: event.text, late };
      return;
    case "text":
    case "tool-result":
      return;
  }
}

const stderrKept = 16_384;
/** Kept beyond what is shown, so that a key cut in two at the edge is still seen whole when it is taken out. */
const stderrSpare = 4_096;

export function noteStderr(hearing: Hearing, text: string): void {
  hearing.stderr = (hearing.stderr + text).slice(-(stderrKept + stderrSpare));
}

/** The end of what was written to stderr, without keys. */
export const stderrTail = (stderr: string, redact: (text: string) => string): string =>
  redact(stderr).slice(-stderrKept);

/** What a reader of the run should know of this process beyond its outcome. */
export function remarks(hearing: Hearing): string[] {
  const notes: string[] = [];
  for (const [why, times] of hearing.unreadable) {
    notes.push(
      `${times === 1 ? "1 line of its stream was" : `${times} lines of its stream were`} ${unread[why] ?? why}`,
    );
  }
  for (const [tool, times] of hearing.denied) notes.push(`asked for ${tool} ${times} times and was refused`);
  if (hearing.retries > 0) notes.push(`its calls to the provider were tried again ${hearing.retries} times`);
  if (hearing.usageFault !== null) notes.push(`its usage cannot be: ${hearing.usageFault}`);
  if (hearing.finish !== null && hearing.failure !== null)
    notes.push(`reported a failure besides its result: ${hearing.failure.message}`);
  return notes;
}

const unread: Readonly<Record<string, string>> = {
  "too-long": "too long to read",
  "not-json": "not JSON",
  "unknown-shape": "of an unknown kind",
};

function count(counts: Map<string, number>, name: string): void {
  // An agent may invent names for ever; beyond this they are counted together.
  const key = counts.has(name) || counts.size < 200 ? name : "other";
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
