/**
 * What a session used by the agent's own log of it, to be compared with what its stream said. Pure. A log is mostly text that says
 * nothing of it: only lines with the driver's mark are parsed. A call that the log tells of twice counts once.
 */
import type { TokenUse } from "../model/index.ts";
import type { LoggedCall, SessionLog } from "./contract.ts";
import { isObject } from "./drivers/lines.ts";
import { absurdity, sumUse } from "./token-use.ts";

export type Logged = {
  /** The sum over all calls. */
  readonly use: TokenUse;
  /** Tokens of the longest prompt among them. */
  readonly longestPrompt: number;
};

/** Over all logs of a session; null where none tells of a call, or one tells what cannot be. */
export function logUse(logs: readonly { readonly of: SessionLog; readonly bytes: Uint8Array }[]): Logged | null {
  const calls = new Map<string, TokenUse>();
  for (const { of, bytes } of logs)
    for (const { id, use } of callsIn(of, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)))
      calls.set(`${of.folder} ${id}`, use);
  const uses = [...calls.values()];
  const use = uses.some((one) => absurdity(one) !== undefined) ? null : sumUse(uses);
  if (use === null) return null;
  return { use, longestPrompt: Math.max(...uses.map((one) => one.input + one.cachedInput + one.cacheWrite)) };
}

function callsIn(of: SessionLog, log: Buffer): readonly LoggedCall[] {
  // One document over many lines, as older programs wrote it.
  if (log[0] === openBrace && log[1] === newline) return called(of, log.toString("utf8"));
  const found: LoggedCall[] = [];
  for (let at = log.indexOf(of.mark); at !== -1; ) {
    const begin = log.lastIndexOf(newline, at) + 1;
    const next = log.indexOf(newline, at);
    const end = next === -1 ? log.length : next;
    found.push(...called(of, log.toString("utf8", begin, end)));
    at = log.indexOf(of.mark, end);
  }
  return found;
}

const openBrace = 0x7b;
const newline = 0x0a;

/** A line that a kill cut short tells of nothing. */
function called(of: SessionLog, text: string): readonly LoggedCall[] {
  try {
    const said: unknown = JSON.parse(text);
    return isObject(said) ? of.calls(said) : [];
  } catch {
    return [];
  }
}
