/**
 * One question to an agent that speaks the Agent Client Protocol, as the order of requests that it takes:
 *
 *   initialize -> session/new (or session/load) -> [session/set_mode] -> [session/set_model] -> session/prompt -> over
 *
 * Requests of the agent are answered meanwhile: permissions by the rules, all else is refused, since no ability was announced.
 * A conversation that the agent cannot go on with is begun anew with its first message before the further one. Any other answer
 * that is an error ends it. Only says what to send; who reads and writes is main.ts.
 */
import { isObject, listIn, objectIn, type Said, textIn } from "../drivers/lines.ts";
import { type Rules, ruling } from "./permission.ts";
import { type ClientSays, protocolVersion, requestIds } from "./protocol.ts";

export type Question = {
  readonly prompt: string;
  readonly rules: Rules;
  /** The conversation to go on with; null begins one. */
  readonly session: string | null;
  /** What it began with. */
  readonly first: string | null;
  /** Only its first answer is wanted: whether it speaks the protocol. Nothing is asked of a model. */
  readonly probe: boolean;
  /** A mode of the agent's own, and a model; null leaves its default. */
  readonly mode: string | null;
  readonly model: string | null;
};

export type Ends = {
  readonly send: (message: Said) => void;
  readonly say: (said: ClientSays) => void;
  /** Nothing more is asked; whether it was answered. */
  readonly over: (answered: boolean) => void;
};

/** What follows an answer. */
type Next =
  | { readonly request: "session" | "mode" | "model" | "prompt"; readonly method: string; readonly params: Said }
  | { readonly fails: string }
  | "over";

/** The function that hears each message of the agent; the first request is sent at once. */
export function converse(question: Question, ends: Ends): (message: Said) => void {
  const request = (id: number, method: string, params: Said): void => ends.send({ jsonrpc: "2.0", id, method, params });
  const { next, again } = stepsOf(question, ends);
  request(requestIds.initialize, "initialize", {
    protocolVersion,
    clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
  });
  let due: number = requestIds.initialize;
  const go = (step: Next): void => {
    if (step === "over") ends.over(true);
    else if ("fails" in step) {
      ends.say({ okstra: "failed", reason: step.fails, kind: "deterministic" });
      ends.over(false);
    } else request(requestIds[step.request], step.method, step.params);
  };
  return (message) => {
    const { id, method } = message;
    if (typeof method === "string") {
      if (id !== undefined) ends.send(answerTo(message, question.rules, ends));
    } else if (typeof id === "number" && id >= due) {
      due = id + 1;
      const step = next[id];
      const anew = message["error"] === undefined || id !== requestIds.session ? undefined : again(message["error"]);
      // The driver reads the error itself: it stands in the line that was passed on.
      if (anew !== undefined) {
        due = requestIds.session;
        go(anew);
      } else if (message["error"] !== undefined) ends.over(false);
      else if (step !== undefined) go(step(isObject(message["result"]) ? message["result"] : {}));
    }
  };
}

type Steps = {
  /** What follows the answer to each request, by its id. */
  readonly next: Readonly<Record<number, (result: Said) => Next>>;
  /** What follows when the conversation was not opened; undefined when that is its end. */
  readonly again: (error: unknown) => Next | undefined;
};

function stepsOf(question: Question, ends: Ends): Steps {
  let session = question.session ?? "";
  let served: string | null = null;
  let told = question.prompt;
  const place = { cwd: question.rules.cwd, mcpServers: [] };
  const anew = (why: string): Next | undefined => {
    if (session === "" || question.first === null) return undefined;
    session = "";
    told = `${question.first}\n\n${question.prompt}`;
    ends.say({ okstra: "anew", why });
    return { request: "session", method: "session/new", params: place };
  };
  const ask = (): Next => {
    ends.say({ okstra: "open", session, model: question.model ?? served });
    const prompt = [{ type: "text", text: told }];
    return { request: "prompt", method: "session/prompt", params: { sessionId: session, prompt } };
  };
  const setModel = (): Next => {
    if (question.model === null) return ask();
    const params = { sessionId: session, modelId: question.model };
    return { request: "model", method: "session/set_model", params };
  };
  const next: Steps["next"] = {
    [requestIds.initialize]: (result) => {
      const version = result["protocolVersion"];
      if (version !== protocolVersion)
        return { fails: `speaks version ${String(version)} of the protocol, and okstra ${protocolVersion}` };
      if (question.probe) {
        const info = objectIn(result, "agentInfo");
        ends.say({ okstra: "probed", name: textIn(info, "name"), version: textIn(info, "version") });
        return "over";
      }
      if (question.session === null) return { request: "session", method: "session/new", params: place };
      if (objectIn(result, "agentCapabilities")["loadSession"] !== true)
        return anew("no loadSession") ?? { fails: "cannot go on with a conversation in a new process (loadSession)" };
      return { request: "session", method: "session/load", params: { ...place, sessionId: question.session } };
    },
    [requestIds.session]: (result) => {
      if (session === "") session = textIn(result, "sessionId") ?? "";
      if (session === "") return { fails: "opened a conversation without an id" };
      served = textIn(objectIn(result, "models"), "currentModelId");
      if (question.mode === null) return setModel();
      const modes = listIn(objectIn(result, "modes"), "availableModes").map((mode) => textIn(mode, "id"));
      if (modes.length > 0 && !modes.includes(question.mode))
        return { fails: `has no mode ${question.mode}; it has ${modes.join(", ")}` };
      return { request: "mode", method: "session/set_mode", params: { sessionId: session, modeId: question.mode } };
    },
    [requestIds.mode]: setModel,
    [requestIds.model]: ask,
    [requestIds.prompt]: () => "over",
  };
  return { next, again: (error) => anew(textIn(isObject(error) ? error : {}, "message") ?? "no reason given") };
}

/** The answer to a request of the agent. */
function answerTo({ id, method, params }: Said, rules: Rules, ends: Ends): Said {
  if (method !== "session/request_permission")
    return { jsonrpc: "2.0", id, error: { code: -32601, message: "Method not found" } };
  const asked = isObject(params) ? params : {};
  const { allowed, tool, outcome } = ruling(asked, rules);
  const toolCallId = textIn(objectIn(asked, "toolCall"), "toolCallId") ?? "";
  if (!allowed) ends.say({ okstra: "refused", tool, toolCallId });
  return { jsonrpc: "2.0", id, result: { outcome } };
}
