import { EventEmitter, once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { testFolder } from "../../../test/folder.ts";
import type { Destination, GatewaySpec, Upstream } from "../gateway.ts";
import { openGateway } from "./gateway.ts";

type Place = AsyncDisposable & { readonly port: number };

async function listening(server: Server): Promise<Place> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => void open.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, "close");
  };
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}

const tcp = (onClient: (client: Socket) => void): Promise<Place> =>
  listening(createServer({ allowHalfOpen: true }, onClient));
const http = (answer: (asked: IncomingMessage, to: ServerResponse) => void): Promise<Place> =>
  listening(createHttp(answer));

const reads: GatewaySpec["read"] = (asked, usual) => {
  const [, host = "", port = `${usual}`] = /^([\w.-]+)(?::(\d+))?$/.exec(asked) ?? [];
  return host === "" ? undefined : { host, port: Number(port) };
};

type Of = { readonly allowed?: readonly number[]; readonly via?: Upstream; readonly patienceMs?: number };

/** Lets through to these ports, and to no address that `localhost` leads to. */
async function rigged({ allowed = [], via, patienceMs }: Of) {
  const rig = testFolder();
  const folder = join(rig.folder, "a long name ".repeat(12), "net");
  const asked: Destination[] = [];
  const gateway = await openGateway({
    folder,
    read: reads,
    refuses: (to) => {
      asked.push(to);
      return allowed.includes(to.port) ? undefined : `${to.host} is not allowed`;
    },
    refusesAddress: (to, address) => (to.host === "localhost" ? `${to.host} leads to ${address}` : undefined),
    via: () => via ?? null,
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });
  const at = openSync(folder, "r");
  const client = (head: string): Socket => {
    const socket = connect({ path: `/proc/self/fd/${at}/gate`, allowHalfOpen: true });
    socket.write(head);
    return socket;
  };
  const close = async (): Promise<void> => {
    await gateway.close();
    closeSync(at);
    rig[Symbol.dispose]();
  };
  return { folder, asked, gateway, client, [Symbol.asyncDispose]: close };
}

const connectTo = (port: number, host = "127.0.0.1"): string => `CONNECT ${host}:${port} HTTP/1.1\r\nHost: x\r\n\r\n`;
const through = "HTTP/1.1 200 Connection established\r\n\r\n";

/** Reads exactly what the gateway says before it lets through. */
async function letThrough(client: Socket): Promise<void> {
  let came = "";
  while (came.length < through.length) {
    const piece = client.read(through.length - came.length) as Buffer | null;
    if (piece === null) await once(client, "readable");
    else came += piece.toString("latin1");
  }
  expect(came).toBe(through);
}

const echo = (client: Socket): void => void client.pipe(client);

test("to an allowed place bytes pass, what was sent at once too, and a half that is closed leaves the other open", async () => {
  await using server = await tcp((client) => {
    client.write("heard ");
    client.pipe(client);
  });
  await using rig = await rigged({ allowed: [server.port] });
  const client = rig.client(`${connectTo(server.port)}early `);
  client.end("and late");
  expect(await text(client)).toBe(`${through}heard early and late`);
  expect(rig.asked).toEqual([{ host: "127.0.0.1", port: server.port }]);
});

test("many megabytes pass both ways as they are", async () => {
  await using server = await tcp(echo);
  await using rig = await rigged({ allowed: [server.port] });
  const sent = Buffer.alloc(12 << 20, "0123456789abcdefghijk");
  const client = rig.client(connectTo(server.port));
  client.end(sent);
  const came = await buffer(client);
  expect(came.subarray(through.length).equals(sent)).toBe(true);
});

test("a refused place is told in plain words, and nothing is connected to", async () => {
  let connected = 0;
  await using server = await tcp(() => {
    connected += 1;
  });
  await using rig = await rigged({});
  const said = await text(rig.client(connectTo(server.port)));
  expect(said).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*\r\n\r\nokstra: 127\.0\.0\.1 is not allowed\n$/);
  const plain = await text(rig.client(`GET http://127.0.0.1:${server.port}/x HTTP/1.1\r\nHost: a\r\n\r\n`));
  expect(plain).toMatch(/^HTTP\/1\.1 403 [\s\S]*okstra: 127\.0\.0\.1 is not allowed\n/);
  expect(connected).toBe(0);
});

test("an allowed name that leads to a refused address is refused", async () => {
  let connected = 0;
  await using server = await tcp(() => {
    connected += 1;
  });
  await using rig = await rigged({ allowed: [server.port] });
  const said = await text(rig.client(connectTo(server.port, "localhost")));
  expect(said).toMatch(/^HTTP\/1\.1 403 [\s\S]*okstra: localhost leads to (?:127\.0\.0\.1|::1)\n$/);
  expect(connected).toBe(0);
});

test("nobody there, and a name that is none, are told", async () => {
  const gone = await tcp(echo);
  const { port } = gone;
  await gone[Symbol.asyncDispose]();
  await using rig = await rigged({ allowed: [port] });
  const said = await text(rig.client(connectTo(port)));
  expect(said).toMatch(/^HTTP\/1\.1 502 Bad Gateway[\s\S]*cannot be reached: connect ECONNREFUSED/);
});

test("what is cut outside is cut inside", async () => {
  await using server = await tcp((client) => void client.once("data", () => client.resetAndDestroy()));
  await using rig = await rigged({ allowed: [server.port] });
  const client = rig.client(connectTo(server.port));
  await letThrough(client);
  client.write("now");
  expect(await textOf(client)).toBe("");
});

test("a client that dies takes its connection along", async () => {
  const arrived = new EventEmitter();
  await using server = await tcp((client) => {
    client.on("error", () => undefined);
    client.once("end", () => client.end());
    client.once("close", () => arrived.emit("gone"));
    client.resume();
    client.write("here");
  });
  await using rig = await rigged({ allowed: [server.port] });
  const client = rig.client(connectTo(server.port));
  await letThrough(client);
  const gone = once(arrived, "gone");
  while (client.readableLength === 0) await once(client, "readable");
  client.destroy();
  await gone;
});

test.each([
  ["a CONNECT to nothing", "CONNECT :443 HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 /],
  ["a path without a host", "GET /etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 [\s\S]*this is a proxy/],
  ["another scheme", "GET ftp://h/ HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 /],
  ["no HTTP", "\u0016\u0003\u0001 hello\r\n\r\n", /^HTTP\/1\.1 400 /],
  ["a giant head", `CONNECT a:1 HTTP/1.1\r\nX: ${"x".repeat(40_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
])("%s is refused, and the connection ends", async (_, head, answer) => {
  await using rig = await rigged({});
  const client = rig.client(head);
  expect(await textOf(client)).toMatch(answer);
  expect(rig.asked).toEqual([]);
});

/** What came before the end, or before the connection was cut. */
async function textOf(client: Socket): Promise<string> {
  let said = "";
  client.on("error", () => undefined);
  client.on("data", (piece: Buffer) => {
    said += piece.toString("latin1");
  });
  client.once("end", () => client.end());
  await once(client, "close");
  return said;
}

test("a head that never ends, and a client that says nothing, are not waited for", async () => {
  await using rig = await rigged({ patienceMs: 60 });
  const said = await Promise.all(["CONNECT a:1 HTTP/1.1\r\nX: ", ""].map((head) => textOf(rig.client(head))));
  for (const one of said) expect(one).toMatch(/^HTTP\/1\.1 408 /);
});

test("closing cuts what is open, and the socket and its folder are gone", async () => {
  await using server = await tcp(echo);
  await using rig = await rigged({ allowed: [server.port] });
  const client = rig.client(connectTo(server.port));
  await letThrough(client);
  expect(existsSync(join(rig.folder, "gate"))).toBe(true);
  const cut = once(client, "close");
  client.resume();
  client.once("end", () => client.end());
  await rig.gateway.close();
  await cut;
  expect(existsSync(rig.folder)).toBe(false);
});

test("a plain request is handed on without what is meant for the proxy, and its answer comes back piece by piece", async () => {
  let seen: IncomingMessage["headers"] = {};
  const more = new EventEmitter();
  await using server = await http(async (asked, answer) => {
    seen = asked.headers;
    answer.writeHead(201, { "Set-Cookie": ["a=1", "b=2"], "X-Path": asked.url });
    answer.write(`${asked.method} ${await text(asked)};`);
    more.once("read", () => answer.end("the rest"));
  });
  await using rig = await rigged({ allowed: [server.port] });
  const head = [
    `POST http://127.0.0.1:${server.port}/a?b=c HTTP/1.1`,
    ...["Host: elsewhere", "Proxy-Authorization: Basic c2VjcmV0", "Proxy-Connection: keep-alive"],
    ...["Content-Length: 4", "Connection: close", "", "body"],
  ];
  const client = rig.client(head.join("\r\n"));
  let said = "";
  while (!said.includes("POST body;")) {
    const [piece] = (await once(client, "data")) as [Buffer];
    said += piece.toString("latin1");
  }
  more.emit("read");
  said += await text(client);
  expect(said).toMatch(/^HTTP\/1\.1 201 [\s\S]*set-cookie: a=1\r\nset-cookie: b=2[\s\S]*the rest/i);
  expect(said).toContain("/a?b=c");
  expect(seen["host"]).toBe(`127.0.0.1:${server.port}`);
  expect(Object.keys(seen).filter((name) => name.startsWith("proxy"))).toEqual([]);
});

test("the proxy of this machine is asked, with its login; what it refuses is told", async () => {
  const heads: string[] = [];
  await using proxy = await listening(
    createHttp().on("connect", (asked: IncomingMessage, client: Socket) => {
      heads.push(`${asked.url} ${asked.headers["proxy-authorization"]}`);
      if (asked.url === "never.example:443") client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      else client.write("HTTP/1.1 200 OK\r\n\r\nfirst words, ", () => client.pipe(client));
    }),
  );
  const via = { host: "127.0.0.1", port: proxy.port, tls: false, authorization: "Basic dTpw" };
  await using rig = await rigged({ allowed: [443], via });
  const client = rig.client(connectTo(443, "api.example"));
  client.end("echo");
  expect(await text(client)).toBe(`${through}first words, echo`);
  expect(await text(rig.client(connectTo(443, "never.example")))).toMatch(
    /^HTTP\/1\.1 502 [\s\S]*never\.example:443 cannot be reached through the proxy 127\.0\.0\.1:\d+: it says 407/,
  );
  expect(heads).toEqual(["api.example:443 Basic dTpw", "never.example:443 Basic dTpw"]);
});
