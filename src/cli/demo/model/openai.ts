/** The OpenAI Responses API, as far as programs on it need. */
import { type Call, chargeOf, type Dialect, type Reply, sse } from "./answer.ts";

export const openai: Dialect = {
  read: (path, body) =>
    path === "/v1/responses" ? { model: String(body["model"]), streamed: body["stream"] === true } : undefined,
  stream,
  whole: (reply, call) => ({
    ...response(reply, call, "completed"),
    output: itemsOf(reply, call),
    usage: usageOf(reply),
  }),
  refusal: ({ status, message, fields }) => ({
    error: { message, type: errorTypes[status] ?? "server_error", code: codes[status] ?? null, param: null, ...fields },
  }),
  aside: (path) => (path === "/v1/models" ? { object: "list", data: [] } : undefined),
};

const errorTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "invalid_request_error",
  429: "usage_limit_reached",
};
const codes: Readonly<Record<number, string>> = { 401: "invalid_api_key" };

const itemsOf = (reply: Reply, call: Call): object[] => [
  ...(reply.text === undefined
    ? []
    : [
        {
          type: "message",
          id: `msg_${call.number}`,
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: reply.text, annotations: [] }],
        },
      ]),
  ...(reply.tools ?? []).map(({ name, input, text }, index) => ({
    ...(text === undefined
      ? { type: "function_call", id: `fc_${call.number}_${index}`, arguments: JSON.stringify(input) }
      : { type: "custom_tool_call", id: `ctc_${call.number}_${index}`, input: text }),
    call_id: `call_${call.number}_${index}`,
    name,
    status: "completed",
  })),
];

const response = (reply: Reply, call: Call, status: string) => ({
  id: `resp_${call.number}`,
  object: "response",
  model: reply.model ?? call.model,
  status,
});

/** Here the input includes what was cached, the output what was reasoned. */
function usageOf(reply: Reply) {
  const charge = chargeOf(reply);
  const input = charge.input + charge.cachedInput;
  const output = charge.output + charge.reasoning;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: charge.cachedInput },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: charge.reasoning },
    total_tokens: input + output,
  };
}

function stream(reply: Reply, call: Call): string[] {
  const items = itemsOf(reply, call);
  return [
    sse({ type: "response.created", response: response(reply, call, "in_progress") }),
    ...items.map((item, output_index) => sse({ type: "response.output_item.done", output_index, item })),
    sse({
      type: "response.completed",
      response: { ...response(reply, call, "completed"), output: items, usage: usageOf(reply) },
    }),
  ];
}
