/**
 * What an agent says over the Agent Client Protocol, as events. Until the client says that the conversation is open, updates are
 * those of an earlier question that is loaded again. Nothing in a line is taken on trust. Pure.
 */
import type { TokenUse } from "../../model/index.ts";
import { requestIds } from "../acp/protocol.ts";
import type { AgentEvent, DriverAsk, Exit, FailureKind, Parser } from "../contract.ts";
import { countIn, hearObject, isObject, objectIn, type Said, textIn } from "./lines.ts";

/** `used`: of the earlier processes of the conversation, since what the agent counts is the conversation's sum. */
export function listen({ used: before, first }: Pick<DriverAsk, "used" | "first">): Parser {
  let used = before;
  /** Asked to go on with a conversation: when it cannot, the client begins another one. */
  let loads = first !== null;
  let open = false;
  let over = false;
  let answer = "";
  let cost: number | null = null;
  const tools = toolCalls();

  const eventsOf = (said: Said): readonly AgentEvent[] | undefined => {
    if (typeof said["okstra"] === "string") return ours(said);
    if (said["method"] === "session/update") return open ? updated(objectIn(objectIn(said, "params"), "update")) : [];
    if (typeof said["method"] === "string") return asks(said);
    if (said["error"] !== undefined) {
      return loads && said["id"] === requestIds.session ? [] : failed(objectIn(said, "error"));
    }
    if (!open || said["id"] !== requestIds.prompt) return said["result"] === undefined ? undefined : [];
    over = true;
    return ended(objectIn(said, "result"), { used, cost, answer });
  };

  /** Some ask for a tool that they have not told of, and when it is refused never do: the answer is what is said after that. */
  const asks = (said: Said): readonly AgentEvent[] => {
    if (said["method"] !== "session/request_permission") return [];
    answer = "";
    return tools.told(objectIn(objectIn(said, "params"), "toolCall"));
  };

  const ours = (said: Said): readonly AgentEvent[] | undefined => {
    if (said["okstra"] === "refused") return tools.refused(said);
    if (said["okstra"] === "anew") {
      loads = false;
      used = null;
      return [];
    }
    if (said["okstra"] === "failed") {
      over = true;
      return clientFailed(said);
    }
    if (said["okstra"] !== "open") return undefined;
    open = true;
    return [{ type: "started", session: textIn(said, "session"), model: textIn(said, "model"), family: null }];
  };

  const updated = (update: Said): readonly AgentEvent[] => {
    switch (update["sessionUpdate"]) {
      case "agent_message_chunk":
        answer += chunkIn(update);
        return [{ type: "text", text: chunkIn(update) }];
      case "agent_thought_chunk":
        return [{ type: "text", text: chunkIn(update) }];
      case "tool_call":
        // The answer is what is said after the last tool.
        answer = "";
        return tools.told(update);
      case "tool_call_update":
        return tools.updated(update);
      case "usage_update":
        cost = costIn(update) ?? cost;
        return [];
      default:
        return [];
    }
  };

  const failed = (error: Said): readonly AgentEvent[] => {
    if (over) return [];
    over = true;
    return failureEvents(error);
  };

  /** It went without an answer. */
  const end = ({ exitCode, signal }: Exit): readonly AgentEvent[] => {
    if (over || signal !== null) return [];
    return [{ type: "failed", reason: `ended before it answered (exit ${exitCode})`, kind: "unknown" }];
  };

  return { hear: (line) => hearObject(line, eventsOf), end };
}

const clientFailed = (said: Said): readonly AgentEvent[] => {
  const kind = said["kind"] === "deterministic" ? "deterministic" : "unknown";
  return [{ type: "failed", reason: textIn(said, "reason") ?? "no reason given", kind }];
};

const chunkIn = (update: Said): string => textIn(objectIn(update, "content"), "text") ?? "";

type Turn = { readonly used: TokenUse | null; readonly cost: number | null; readonly answer: string };

function ended(result: Said, { used, cost, answer }: Turn): readonly AgentEvent[] {
  const usage = usageEvent(objectIn(result, "usage"), { used, cost });
  const reason = result["stopReason"];
  if (reason === "end_turn") return [...usage, { type: "finished", text: answer }];
  return [...usage, { type: "failed", reason: `stopped: ${String(reason)}`, kind: "deterministic" }];
}

/** Calls that are open: told of, or asked for without that, until they are done or refused. One that is told of twice is one. */
function toolCalls() {
  const open = new Set<string>();
  const idOf = (said: Said): string => textIn(said, "toolCallId") ?? "";
  const over = (said: Said): readonly AgentEvent[] =>
    open.delete(idOf(said)) ? [{ type: "tool-result", id: idOf(said) }] : [];
  const updated = (said: Said): readonly AgentEvent[] =>
    said["status"] === "completed" || said["status"] === "failed" ? over(said) : [];
  const told = (said: Said): readonly AgentEvent[] => {
    const id = idOf(said);
    const call: AgentEvent = { type: "tool-call", id, name: textIn(said, "kind") ?? "unnamed" };
    const isNew = !open.has(id);
    open.add(id);
    return [...(isNew ? [call] : []), ...updated(said)];
  };
  const refused = (said: Said): readonly AgentEvent[] => [
    { type: "permission-denied", tool: textIn(said, "tool") ?? "unnamed" },
    ...over(said),
  ];
  return { told, updated, refused };
}

function failureEvents(error: Said): readonly AgentEvent[] {
  const details = textIn(objectIn(error, "data"), "details");
  const reason = `${textIn(error, "message") ?? "no reason given"}${details === null ? "" : `: ${details}`}`;
  const kind = kindOf(error);
  const event: AgentEvent = { type: "failed", reason, kind };
  return kind === "quota" ? [{ type: "quota", resetAt: null }, event] : [event];
}

/** JSON-RPC's own codes, the protocol's for a login, and the status that some agents pass on of their provider's answer. */
function kindOf(error: Said): FailureKind {
  const { code, data } = error;
  const passedOn = isObject(data) ? (data["status"] ?? data["statusCode"] ?? data["code"]) : undefined;
  const status = typeof passedOn === "number" ? passedOn : typeof code === "number" && code > 0 ? code : 0;
  if (code === -32000 || status === 401 || status === 403) return "auth";
  if (status === 429) return "quota";
  if (status >= 500 || status === 408) return "transient";
  if (status >= 400 || code === -32600 || code === -32601 || code === -32602) return "deterministic";
  return "unknown";
}

function costIn(update: Said): number | null {
  const cost = objectIn(update, "cost");
  return cost["currency"] === "USD" && typeof cost["amount"] === "number" ? cost["amount"] : null;
}

/**
 * The counts stand beside each other in some agents and inside each other in others. What their sum does not prove is not told:
 * the use is unknown then.
 */
function usageEvent(said: Said, { used, cost }: { used: TokenUse | null; cost: number | null }): AgentEvent[] {
  const total = said["totalTokens"];
  if (typeof total !== "number" || typeof said["inputTokens"] !== "number") return [];
  const [input, output, reasoning] = [
    countIn(said, "inputTokens"),
    countIn(said, "outputTokens"),
    countIn(said, "thoughtTokens"),
  ];
  const [cachedInput, cacheWrite] = [countIn(said, "cachedReadTokens"), countIn(said, "cachedWriteTokens")];
  const cached = cachedInput + cacheWrite;
  const whole = { cachedInput, cacheWrite, reasoning, costUsd: cost };
  const counts: TokenUse | undefined =
    total === input + output + reasoning + cached
      ? { ...whole, input, output }
      : total === input + output + reasoning
        ? { ...whole, input: input - cached, output }
        : total === input + output
          ? { ...whole, input: input - cached, output: output - reasoning }
          : undefined;
  return counts === undefined ? [] : [{ type: "usage", usage: used === null ? counts : without(counts, used) }];
}

const without = (sum: TokenUse, before: TokenUse): TokenUse => ({
  input: sum.input - before.input,
  cachedInput: sum.cachedInput - before.cachedInput,
  cacheWrite: sum.cacheWrite - before.cacheWrite,
  output: sum.output - before.output,
  reasoning: sum.reasoning - before.reasoning,
  costUsd: sum.costUsd === null || before.costUsd === null ? null : sum.costUsd - before.costUsd,
});
