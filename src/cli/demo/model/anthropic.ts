/** The Anthropic Messages API, as far as programs on it need. */
import { type Call, chargeOf, type Dialect, type Reply, sse } from "./answer.ts";

export const anthropic: Dialect = {
  read: (path, body) =>
    path === "/v1/messages" ? { model: String(body["model"]), streamed: body["stream"] === true } : undefined,
  stream,
  whole: (reply, call) => ({
    ...message(reply, call),
    content: contentOf(reply, call),
    stop_reason: stopOf(reply),
    usage: usageOf(reply),
  }),
  refusal: ({ status, message, fields }) => ({
    type: "error",
    error: { type: errorTypes[status] ?? "api_error", message, ...fields },
  }),
  aside: (path) => (path === "/v1/messages/count_tokens" ? { input_tokens: 10 } : undefined),
};

const errorTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  529: "overloaded_error",
};

type Block =
  | { readonly type: "text"; readonly text: string }
  | { type: "tool_use"; id: string; name: string; input: object };

const contentOf = (reply: Reply, call: Call): Block[] => [
  ...(reply.text === undefined ? [] : [{ type: "text" as const, text: reply.text }]),
  ...(reply.tools ?? []).map((tool, index) => ({
    type: "tool_use" as const,
    id: `toolu_${call.number}_${index}`,
    ...tool,
  })),
];

const stopOf = (reply: Reply): string => ((reply.tools ?? []).length > 0 ? "tool_use" : "end_turn");

const message = (reply: Reply, call: Call) => ({
  id: `msg_${call.number}`,
  type: "message",
  role: "assistant",
  model: reply.model ?? call.model,
  stop_sequence: null,
});

function usageOf(reply: Reply) {
  const charge = chargeOf(reply);
  return {
    input_tokens: charge.input,
    cache_read_input_tokens: charge.cachedInput,
    cache_creation_input_tokens: charge.cacheWrite,
    // What was thought is a part of the output here.
    output_tokens: charge.output + charge.reasoning,
  };
}

function stream(reply: Reply, call: Call): string[] {
  // As the API does: the count of output tokens is only provisional at the start.
  const usage = { ...usageOf(reply), output_tokens: 1 };
  const begun = { ...message(reply, call), content: [], stop_reason: null, usage };
  return [
    sse({ type: "message_start", message: begun }),
    ...contentOf(reply, call).flatMap(blockEvents),
    sse({
      type: "message_delta",
      delta: { stop_reason: stopOf(reply), stop_sequence: null },
      usage: usageOf(reply),
    }),
    sse({ type: "message_stop" }),
  ];
}

function blockEvents(block: Block, index: number): string[] {
  const [empty, delta] =
    block.type === "text"
      ? [
          { type: "text", text: "" },
          { type: "text_delta", text: block.text },
        ]
      : [
          { ...block, input: {} },
          { type: "input_json_delta", partial_json: JSON.stringify(block.input) },
        ];
  return [
    sse({ type: "content_block_start", index, content_block: empty }),
    sse({ type: "content_block_delta", index, delta }),
    sse({ type: "content_block_stop", index }),
  ];
}
