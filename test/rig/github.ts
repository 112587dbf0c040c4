/**
 * A stand-in for GitHub on loopback, for the real `gh`: it is the proxy that `gh` and git are told to use, answers for github.localhost
 * alone, and lets nothing else through. One repository, whose files git reads from a bare one by the plain protocol.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export type GitHub = AsyncDisposable & {
  /** For `http_proxy` and `https_proxy`. */
  readonly proxy: string;
  /** What was asked of other hosts. */
  readonly strays: readonly string[];
  /** What the pull requests were opened with. */
  readonly opened: readonly Readonly<Record<string, unknown>>[];
};

export const repositoryUrl = "http://github.localhost/o/r.git";

export async function gitHub(bare: string): Promise<GitHub> {
  const strays: string[] = [];
  const opened: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://none");
    if (url.hostname === "github.localhost") gitFile(bare, url.pathname.replace("/o/r.git/", ""), response);
    else if (url.hostname === "api.github.localhost") void answer(request, response, opened);
    else {
      strays.push(url.href);
      response.writeHead(502).end();
    }
  });
  server.on("connect", ({ url }, socket) => {
    strays.push(url ?? "");
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    proxy: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    strays,
    opened,
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function gitFile(bare: string, path: string, response: ServerResponse): void {
  execFileSync("git", ["-C", bare, "update-server-info"]);
  const file = `${bare}/${path}`;
  if (existsSync(file)) response.end(readFileSync(file));
  else response.writeHead(404).end();
}

const repository = {
  ...{ id: "R", name: "r", owner: { login: "o" }, description: "", hasIssuesEnabled: true, hasWikiEnabled: false },
  ...{ viewerPermission: "WRITE", defaultBranchRef: { name: "main" } },
};
type Asked = { readonly query: string; readonly variables: Readonly<Record<string, unknown>> };

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  opened: Record<string, unknown>[],
): Promise<void> {
  const body = await text(request);
  response.writeHead(200, { "content-type": "application/json", "x-oauth-scopes": "repo, read:org, gist" });
  response.end(JSON.stringify(body === "" ? {} : { data: said(JSON.parse(body) as Asked, opened) }));
}

function said({ query, variables }: Asked, opened: Record<string, unknown>[]): unknown {
  if (query.includes("UserCurrent")) return { viewer: { login: "ada" } };
  if (query.includes("createPullRequest")) {
    opened.push(variables["input"] as Record<string, unknown>);
    return { createPullRequest: { pullRequest: pullRequest(opened.at(-1)) } };
  }
  if (query.includes("pullRequests("))
    return { repository: { ...repository, pullRequests: { nodes: opened.map(pullRequest) } } };
  return { repository };
}

const pullRequest = (input: Readonly<Record<string, unknown>> | undefined) => ({
  ...{ id: "P", number: 7, url: "https://github.localhost/o/r/pull/7", state: "OPEN", isCrossRepository: false },
  ...{ headRefName: input?.["headRefName"], baseRefName: input?.["baseRefName"], headRepositoryOwner: { login: "o" } },
});
