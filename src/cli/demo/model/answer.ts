/**
 * What the model behind the server is told to say, in words that are the same for the three APIs. Each API's file writes them in
 * its own form.
 */

/** Tokens of one call; the counts do not overlap. */
export type Charge = {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
};

export type ToolCall = {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** What a tool gets that takes text and no object (OpenAI only). */
  readonly text?: string;
};

export type Answer =
  | {
      readonly is: "reply";
      readonly text?: string;
      readonly tools?: readonly ToolCall[];
      readonly charge?: Partial<Charge>;
      /** The model that the answer says it is of; the one asked for when left out. */
      readonly model?: string;
    }
  | {
      readonly is: "refusal";
      readonly status: number;
      readonly message: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** More fields of the error in the body. */
      readonly fields?: Readonly<Record<string, unknown>>;
    }
  /** Begins to answer and drops the connection. */
  | { readonly is: "cut"; readonly text: string }
  /** Takes the request and never answers. */
  | { readonly is: "silence" };

export const apis = ["anthropic", "openai", "gemini"] as const;
export type Api = (typeof apis)[number];

/** One call of a program for a model. */
export type Call = {
  readonly api: Api;
  readonly model: string;
  readonly streamed: boolean;
  /** Counted from 0 over the calls of all programs. */
  readonly number: number;
  readonly body: Readonly<Record<string, unknown>>;
};

export type Reply = Extract<Answer, { is: "reply" }>;
export type Refusal = Extract<Answer, { is: "refusal" }>;

export const noCharge: Charge = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 };

export const add = (a: Charge, b: Charge): Charge => ({
  input: a.input + b.input,
  cachedInput: a.cachedInput + b.cachedInput,
  cacheWrite: a.cacheWrite + b.cacheWrite,
  output: a.output + b.output,
  reasoning: a.reasoning + b.reasoning,
});

export const chargeOf = (reply: Reply): Charge => ({ ...noCharge, input: 10, output: 5, ...reply.charge });

/** How one API writes an answer. */
export type Dialect = {
  /** The model asked for and whether a stream is wanted, or undefined when the request is not for a model's answer. */
  read(path: string, body: Readonly<Record<string, unknown>>): { model: string; streamed: boolean } | undefined;
  /** The events of a streamed answer, each a whole server-sent event. */
  stream(reply: Reply, call: Call): readonly string[];
  whole(reply: Reply, call: Call): unknown;
  refusal(said: Refusal): unknown;
  /** A JSON document for what programs ask besides (lists of models, token counts), or undefined. */
  aside(path: string, body: Readonly<Record<string, unknown>>): unknown;
};

/** One server-sent event; APIs whose events have a `type` name it on a line of its own too. */
export const sse = (event: Readonly<Record<string, unknown>>): string =>
  `${typeof event["type"] === "string" ? `event: ${event["type"]}\n` : ""}data: ${JSON.stringify(event)}\n\n`;
