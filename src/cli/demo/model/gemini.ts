/** The Gemini API (generateContent and streamGenerateContent), as far as programs on it need. */
import { type Call, chargeOf, type Dialect, type Reply, sse } from "./answer.ts";

const route = /^\/v1(?:beta|alpha)?\/models\/(?<model>[^/:]+):(?<verb>\w+)$/;

export const gemini: Dialect = {
  read: (path) => {
    const { model, verb } = route.exec(path)?.groups ?? {};
    if (model === undefined || (verb !== "generateContent" && verb !== "streamGenerateContent")) return undefined;
    return { model, streamed: verb === "streamGenerateContent" };
  },
  stream: (reply, call) => [sse(whole(reply, call))],
  whole,
  refusal: ({ status, message, fields }) => ({
    error: { code: status, message, status: states[status] ?? "INTERNAL", ...fields },
  }),
  aside: (path) => (route.exec(path)?.groups?.["verb"] === "countTokens" ? { totalTokens: 10 } : undefined),
};

const states: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  429: "RESOURCE_EXHAUSTED",
  503: "UNAVAILABLE",
};

function whole(reply: Reply, call: Call) {
  const charge = chargeOf(reply);
  const prompt = charge.input + charge.cachedInput;
  const parts = [
    ...(reply.text === undefined ? [] : [{ text: reply.text }]),
    ...(reply.tools ?? []).map(({ name, input }, index) => ({
      functionCall: { id: `call_${call.number}_${index}`, name, args: input },
    })),
  ];
  return {
    candidates: [{ index: 0, content: { role: "model", parts }, finishReason: "STOP" }],
    usageMetadata: {
      promptTokenCount: prompt,
      cachedContentTokenCount: charge.cachedInput,
      candidatesTokenCount: charge.output,
      thoughtsTokenCount: charge.reasoning,
      totalTokenCount: prompt + charge.output + charge.reasoning,
    },
    modelVersion: reply.model ?? call.model,
    responseId: `response-${call.number}`,
  };
}
