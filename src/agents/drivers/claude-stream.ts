/** The JSON stream of Claude Code, as claude.ts describes it, one parser for each process; and the log that it keeps of a session. */
import type { TokenUse } from "../../model/index.ts";
import type { AgentEvent, FailureKind, LoggedCall, Parser, SessionLog } from "../contract.ts";
import { countIn, hearObject, isObject, isoOf, listIn, objectIn, type Said, textIn } from "./lines.ts";

/** Lines that are known and say nothing of use to us. */
const quiet: ReadonlySet<string> = new Set(["stream_event", "control_request", "control_response", "keep_alive"]);

export function listen(): Parser {
  let served: string | null = null;
  let resetAt: string | null = null;
  const denied = new Set<string>();

  const eventsOf = (said: Said): readonly AgentEvent[] | undefined => {
    switch (said["type"]) {
      case "system":
        return ofSystem(said);
      case "assistant":
        return ofAssistant(said);
      case "user":
        return listIn(objectIn(said, "message"), "content").flatMap((block) =>
          block["type"] === "tool_result" ? [{ type: "tool-result", id: textIn(block, "tool_use_id") ?? "" }] : [],
        );
      case "rate_limit_event":
        return ofLimit(objectIn(said, "rate_limit_info"));
      case "result":
        return [...usageEvent(said), ...deniedIn(said), ...endOf(said)];
      default:
        return quiet.has(String(said["type"])) || /^tool_/.test(String(said["type"])) ? [] : undefined;
    }
  };

  const ofSystem = (said: Said): readonly AgentEvent[] => {
    switch (said["subtype"]) {
      case "init":
        return [{ type: "started", session: textIn(said, "session_id"), model: null, family: null }];
      case "api_retry":
        return [
          { type: "retry", reason: [said["error"], said["error_status"]].filter((one) => one != null).join(" ") },
        ];
      case "permission_denied":
        return deniedEvent(textIn(said, "tool_use_id"), textIn(said, "tool_name"));
      default:
        return [];
    }
  };

  const ofAssistant = (said: Said): readonly AgentEvent[] => {
    // Its own words about a failed call; the result line tells them again.
    if (said["is_api_error_message"] === true) return [];
    const message = objectIn(said, "message");
    return [...servedBy(textIn(message, "model")), ...listIn(message, "content").flatMap(blockEvents)];
  };

  const servedBy = (model: string | null): AgentEvent[] => {
    if (model === null || model === served || model.startsWith("<")) return [];
    served = model;
    return [{ type: "started", session: null, model, family: null }];
  };

  const ofLimit = (info: Said): readonly AgentEvent[] => {
    if (info["status"] !== "rejected") return [];
    const seconds = info["resetsAt"];
    resetAt = typeof seconds === "number" ? isoOf(seconds) : null;
    return [{ type: "quota", resetAt }];
  };

  const deniedEvent = (id: string | null, tool: string | null): readonly AgentEvent[] => {
    if (id !== null && denied.has(id)) return [];
    if (id !== null) denied.add(id);
    return [{ type: "permission-denied", tool: tool ?? "unnamed" }];
  };

  const deniedIn = (said: Said): readonly AgentEvent[] =>
    listIn(said, "permission_denials").flatMap((one) =>
      deniedEvent(textIn(one, "tool_use_id"), textIn(one, "tool_name")),
    );

  const endOf = (said: Said): readonly AgentEvent[] => {
    if (said["is_error"] === false) return [{ type: "finished", text: answerOf(said) }];
    const kind = kindOf(said);
    const failed: AgentEvent = { type: "failed", reason: reasonOf(said), kind };
    return kind === "quota" ? [{ type: "quota", resetAt }, failed] : [failed];
  };

  return { hear: (line) => hearObject(line, eventsOf), end: () => [] };
}

function blockEvents(block: Said): AgentEvent[] {
  switch (block["type"]) {
    case "text":
      return [{ type: "text", text: textIn(block, "text") ?? "" }];
    case "tool_use":
      return [{ type: "tool-call", id: textIn(block, "id") ?? "", name: textIn(block, "name") ?? "unnamed" }];
    default:
      return [];
  }
}

const answerOf = (said: Said): string => {
  const structured = said["structured_output"];
  return structured === undefined || structured === null ? (textIn(said, "result") ?? "") : JSON.stringify(structured);
};

/** What is not the API's (turns) happens again with the same prompt. */
function kindOf(said: Said): FailureKind {
  const status = said["api_error_status"];
  if (status === 401 || status === 403) return "auth";
  if (status === 429) return "quota";
  if (typeof status === "number") return status >= 500 || status === 408 ? "transient" : "deterministic";
  if (said["api_error"] === "connection_failed") return "transient";
  if (said["subtype"] === "error_max_budget_usd") return "budget";
  return String(said["subtype"]).startsWith("error_max") ? "deterministic" : "unknown";
}

function reasonOf(said: Said): string {
  const errors = Array.isArray(said["errors"]) ? said["errors"].filter((one) => typeof one === "string") : [];
  return textIn(said, "result") ?? (errors.length > 0 ? errors.join("; ") : String(said["subtype"]));
}

/** By model since the last result, which is what this process used, side calls included; an older program says only the sum. */
function usageEvent(said: Said): AgentEvent[] {
  const models = said["model_usage_since_last_result"];
  if (isObject(models)) {
    const parts = Object.values(models).filter(isObject);
    const sum = (key: string): number => parts.reduce((total, part) => total + countIn(part, key), 0);
    const usage: TokenUse = {
      input: sum("inputTokens"),
      cachedInput: sum("cacheReadInputTokens"),
      cacheWrite: sum("cacheCreationInputTokens"),
      output: sum("outputTokens") - sum("thinkingTokens"),
      reasoning: sum("thinkingTokens"),
      costUsd: sum("costUSD"),
    };
    return [{ type: "usage", usage }];
  }
  if (!isObject(said["usage"])) return [];
  // The cost it gives may be that of the whole session.
  return [{ type: "usage", usage: useIn(said["usage"]) }];
}

/** The provider's own counts: cached input stands beside the input, what was thought is in the output. */
function useIn(used: Said): TokenUse {
  const reasoning = countIn(objectIn(used, "output_tokens_details"), "thinking_tokens");
  return {
    input: countIn(used, "input_tokens"),
    cachedInput: countIn(used, "cache_read_input_tokens"),
    cacheWrite: countIn(used, "cache_creation_input_tokens"),
    output: countIn(used, "output_tokens") - reasoning,
    reasoning,
    costUsd: null,
  };
}

/** A line for each block of a message, all with the counts of the whole; what it says of its own failures names no real model. */
export const log: SessionLog = {
  folder: ".claude",
  variable: "CLAUDE_CONFIG_DIR",
  below: "projects",
  depth: 1,
  mark: '"usage"',
  calls(said): readonly LoggedCall[] {
    const message = objectIn(said, "message");
    const id = textIn(message, "id");
    const used = message["usage"];
    if (said["type"] !== "assistant" || id === null || !isObject(used) || message["model"] === "<synthetic>") return [];
    return [{ id: `${id} ${textIn(said, "requestId") ?? ""}`, use: useIn(used) }];
  },
};
