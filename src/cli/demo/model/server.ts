/**
 * A model server on loopback for the demo and the tests with real agent programs: speaks the three APIs, says what it is told to, keeps
 * what it was asked and counts what it charged (whole replies only). One answer function serves all programs.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Answer,
  type Api,
  add,
  apis,
  type Call,
  type Charge,
  chargeOf,
  type Dialect,
  noCharge,
} from "./answer.ts";
import { anthropic } from "./anthropic.ts";
import { gemini } from "./gemini.ts";
import { openai } from "./openai.ts";

const dialects: Readonly<Record<Api, Dialect>> = { anthropic, openai, gemini };

export type ModelServer = AsyncDisposable & {
  readonly url: string;
  readonly calls: readonly Call[];
  /** Sum over the whole replies so far. */
  charged(): Charge;
  /** Requests that nothing answers, as `METHOD path`; for finding out what a program wants. */
  readonly strays: readonly string[];
};

/** Listens on a free port of 127.0.0.1 until disposed. */
export async function modelServer(answer: (call: Call) => Answer): Promise<ModelServer> {
  const calls: Call[] = [];
  const strays: string[] = [];
  let charged = noCharge;
  const server = createServer((request, response) => {
    void (async () => {
      const path = (request.url ?? "/").replace(/\?.*$/, "");
      const body = await bodyOf(request);
      for (const api of apis) {
        const wanted = dialects[api].read(path, body);
        if (wanted === undefined) continue;
        const call: Call = { api, ...wanted, number: calls.length, body };
        calls.push(call);
        const said = answer(call);
        if (said.is === "reply") charged = add(charged, chargeOf(said));
        give(response, dialects[api], { call, said });
        return;
      }
      const aside = apis.map((api) => dialects[api].aside(path, body)).find((document) => document !== undefined);
      if (aside === undefined) strays.push(`${request.method} ${path}`);
      json(response, aside === undefined ? 404 : 200, aside ?? { error: { message: "not here" } });
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    strays,
    charged: () => charged,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function give(response: ServerResponse, dialect: Dialect, { call, said }: { call: Call; said: Answer }): void {
  switch (said.is) {
    case "silence":
      return;
    case "refusal":
      json(response, said.status, dialect.refusal(said), said.headers);
      return;
    case "cut": {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const [first = "", second = ""] = dialect.stream({ is: "reply", text: said.text }, call);
      const half = second === "" ? first.slice(0, first.length / 2) : first + second;
      response.write(half, () => response.destroy());
      return;
    }
    case "reply":
      if (call.streamed) {
        response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
        response.end(dialect.stream(said, call).join(""));
      } else json(response, 200, dialect.whole(said, call));
  }
}

function json(response: ServerResponse, status: number, document: unknown, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(document));
}

/** An object in any case: programs probe with empty bodies. */
async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  try {
    const body: unknown = JSON.parse(Buffer.concat(parts).toString("utf8"));
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
