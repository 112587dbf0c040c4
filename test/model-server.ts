/** The demo's model server, as the tests with the real agent programs use it. */
import type { Answer, Call } from "../src/cli/demo/model/answer.ts";

export { type Answer, type Call, chargeOf, type ToolCall } from "../src/cli/demo/model/answer.ts";
export { type ModelServer, modelServer } from "../src/cli/demo/model/server.ts";

/** Says the answers in their order; asked more often, it refuses with 400 so that no program goes on in silence. */
export const inOrder =
  (...answers: readonly Answer[]) =>
  (call: Call): Answer =>
    answers[call.number] ?? { is: "refusal", status: 400, message: `no answer is left for call ${call.number}` };
