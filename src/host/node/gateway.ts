/**
 * The way out of a network of its own. Everything that comes from inside is hostile: each connection is bounded in what it may send
 * before it is let through (a head of 16 KiB, in so many seconds), and what passes afterwards is handed on piece by piece, never kept.
 *
 * What ends when: a connection ends with either of its sides, cut where that was cut; half-closed stays half-closed. A client that goes
 * while its target is being dialled takes that along. `close` cuts all and removes the socket; a killed okstra leaves the socket's
 * file, at which nobody answers any more, in a folder that goes with the run's.
 */
import { lookup } from "node:dns";
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from "node:http";
import { request as requestHttps } from "node:https";
import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import { join } from "node:path";
import { type Duplex, pipeline } from "node:stream";
import type { Destination, Gateway, GatewaySpec, Upstream } from "../gateway.ts";

const mostConnections = 256;
const mostHead = 16 << 10;

/** Why there is no connection, for whoever asked. */
class NoWay extends Error {
  readonly status: 403 | 502;
  constructor(status: 403 | 502, message: string) {
    super(message);
    this.status = status;
  }
}

export async function openGateway(spec: GatewaySpec): Promise<Gateway> {
  const { folder, patienceMs = 30_000 } = spec;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "gate");
  rmSync(path, { force: true });
  // The path of a socket may have 107 bytes: it is named by its folder's number.
  const at = openSync(folder, "r");
  const short = process.platform === "linux" ? `/proc/self/fd/${at}/gate` : path;
  const open = new Set<Socket>();
  const server = createServer({
    maxHeaderSize: mostHead,
    headersTimeout: patienceMs,
    requestTimeout: 0,
    connectionsCheckingInterval: Math.ceil(patienceMs / 4),
  });
  server.maxConnections = mostConnections;
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  server.on("connect", (asked: IncomingMessage, client: Socket, head: Buffer) => tunnel(spec, { asked, client, head }));
  server.on("request", (asked: IncomingMessage, answer: ServerResponse) => void forward(spec, asked, answer));
  try {
    await new Promise<void>((settle, fail) => server.once("error", fail).listen(short, settle));
  } catch (thrown) {
    closeSync(at);
    throw thrown;
  }
  server.unref();
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const ended = new Promise<void>((settle) => server.close(() => settle()));
    for (const socket of open) socket.destroy();
    await ended;
    closeSync(at);
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

type Asked = { readonly asked: IncomingMessage; readonly client: Socket; readonly head: Buffer };

/** CONNECT: bytes pass both ways, whatever they are. */
function tunnel(spec: GatewaySpec, { asked, client, head }: Asked): void {
  const gone = new AbortController();
  client.once("close", () => gone.abort());
  client.on("error", () => client.destroy());
  const to = spec.read(asked.url ?? "", 443);
  if (to === undefined) {
    say(client, "400 Bad Request", "CONNECT asks for host:port");
    return;
  }
  dial(spec, to, gone.signal).then(
    (target) => {
      if (client.destroyed) {
        target.destroy();
        return;
      }
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      if (head.length > 0) target.write(head);
      pair(client, target);
    },
    (thrown: unknown) => say(client, statusLine(thrown), wordsOf(thrown)),
  );
}

function pair(client: Socket, target: Duplex): void {
  const pass = (from: Duplex, into: Duplex): void => {
    from.pipe(into);
    from.on("error", () => into.destroy());
    from.once("close", () => {
      if (!from.readableEnded || !from.writableFinished) into.destroy();
    });
  };
  pass(client, target);
  pass(target, client);
}

/** The connection's last words. */
function say(client: Socket, status: string, text: string): void {
  const body = `okstra: ${text}\n`;
  const head = ["Content-Type: text/plain; charset=utf-8", `Content-Length: ${Buffer.byteLength(body)}`];
  client.resume();
  client.write([`HTTP/1.1 ${status}`, ...head, "Connection: close", "", body].join("\r\n"));
  client.destroySoon();
}

const statusLine = (thrown: unknown): string =>
  thrown instanceof NoWay && thrown.status === 403 ? "403 Forbidden" : "502 Bad Gateway";
const wordsOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** A plain request, `GET http://host/path`. */
async function forward(spec: GatewaySpec, asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const gone = new AbortController();
  answer.once("close", () => gone.abort());
  asked.on("error", () => answer.destroy());
  const fail = (status: number, text: string): void => {
    if (answer.headersSent || answer.destroyed) answer.destroy();
    else answer.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", Connection: "close" }).end(text);
  };
  const url = URL.canParse(asked.url ?? "") ? new URL(asked.url ?? "") : undefined;
  const to = url?.protocol === "http:" ? spec.read(url.host, 80) : undefined;
  if (url === undefined || to === undefined) {
    fail(400, "okstra: this is a proxy: CONNECT host:port, or GET http://host/path\n");
    return;
  }
  try {
    const target = await dial(spec, to, gone.signal);
    answer.once("close", () => target.destroy());
    const { pathname, search } = url;
    const headers = { ...withoutHops(asked.headers), host: url.host };
    const onward = requestHttp({
      createConnection: () => target,
      method: asked.method,
      path: pathname + search,
      headers,
    });
    onward.on("response", (came) => {
      answer.writeHead(came.statusCode ?? 502, withoutHops(came.headers));
      // What was cut is cut for the client too.
      pipeline(came, answer, (problem) => void (problem !== null && problem !== undefined && answer.destroy()));
    });
    onward.on("error", (problem) => fail(502, `okstra: ${problem.message}\n`));
    asked.pipe(onward);
  } catch (thrown) {
    fail(thrown instanceof NoWay ? thrown.status : 502, `okstra: ${wordsOf(thrown)}\n`);
  }
}

/** Of one connection, not of the request. */
const hops: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-connection", "proxy-authorization", "proxy-authenticate"],
  ...["te", "trailer", "transfer-encoding", "upgrade", "expect"],
]);
const withoutHops = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hops.has(name)));

/** A connection to where somebody may go. Throws `NoWay`. */
async function dial(spec: GatewaySpec, to: Destination, gone: AbortSignal): Promise<Duplex & { destroySoon?(): void }> {
  const refused = spec.refuses(to);
  if (refused !== undefined) throw new NoWay(403, refused);
  const via = spec.via(to);
  const { patienceMs = 30_000 } = spec;
  return via === null
    ? await dialDirectly(spec, to, { gone, patienceMs })
    : await dialThrough(via, to, { gone, patienceMs });
}

type Waiting = { readonly gone: AbortSignal; readonly patienceMs: number };
const inWords = ({ host, port }: Destination): string => `${host}:${port}`;

function dialDirectly(spec: GatewaySpec, to: Destination, { gone, patienceMs }: Waiting): Promise<Socket> {
  const isAddress = isIP(to.host) !== 0;
  const refused = isAddress ? spec.refusesAddress(to, to.host) : undefined;
  if (refused !== undefined) return Promise.reject(new NoWay(403, refused));
  const socket = connect({ ...to, allowHalfOpen: true, lookup: allowedAddresses(spec, to) });
  return opened(socket, { gone, patienceMs, to, ready: "connect" });
}

/** Names are looked up here: what nobody may go to is taken out before anything is connected to. */
const allowedAddresses =
  (spec: GatewaySpec, to: Destination): LookupFunction =>
  (name, options, settle) => {
    lookup(name, { ...options, all: true }, (problem, found) => {
      if (problem !== null) {
        settle(problem, "", 0);
        return;
      }
      const reasons = found.map(({ address }) => spec.refusesAddress(to, address));
      const kept = found.filter((_, at) => reasons[at] === undefined);
      const [first] = kept;
      if (first === undefined) settle(new NoWay(403, reasons[0] ?? `${name} has no address`), "", 0);
      else if (options.all === true) settle(null, kept);
      else settle(null, first.address, first.family);
    });
  };

type Opening = Waiting & { readonly to: Destination; readonly ready: string };

function opened<T extends Socket>(socket: T, { gone, patienceMs, to, ready }: Opening): Promise<T> {
  return new Promise((settle, fail) => {
    const stop = (why: Error): void => {
      socket.destroy();
      over();
      fail(why instanceof NoWay ? why : new NoWay(502, `${inWords(to)} cannot be reached: ${reasonOf(why)}`));
    };
    const late = setTimeout(() => stop(new Error(`no answer in ${patienceMs / 1000} s`)), patienceMs);
    const left = (): void => stop(new Error("nobody waits for it"));
    const over = (): void => {
      clearTimeout(late);
      gone.removeEventListener("abort", left);
      // What comes later is of whoever has the connection.
      socket.off("error", stop);
      socket.on("error", () => socket.destroy());
    };
    gone.addEventListener("abort", left, { once: true });
    socket.on("error", stop);
    socket.once(ready, () => {
      over();
      settle(socket);
    });
    if (gone.aborted) left();
  });
}

/** Of several addresses that were tried each has its own reason. */
const reasonOf = (why: Error): string =>
  why instanceof AggregateError ? why.errors.map(wordsOf).join("; ") : why.message;

/** By the proxy that this machine uses: it resolves the name, and decides for itself. */
function dialThrough(via: Upstream, to: Destination, { gone, patienceMs }: Waiting): Promise<Duplex> {
  return new Promise((settle, fail) => {
    const path = to.host.includes(":") ? `[${to.host}]:${to.port}` : inWords(to);
    const authorization = via.authorization === null ? {} : { "Proxy-Authorization": via.authorization };
    const asked = (via.tls ? requestHttps : requestHttp)({
      ...{ host: via.host, port: via.port, method: "CONNECT", path, agent: false },
      headers: { Host: path, ...authorization },
    });
    const stop = (why: string): void => {
      over();
      asked.destroy();
      fail(new NoWay(502, `${inWords(to)} cannot be reached through the proxy ${inWords(via)}: ${why}`));
    };
    const late = setTimeout(() => stop(`no answer in ${patienceMs / 1000} s`), patienceMs);
    const left = (): void => stop("nobody waits for it");
    const over = (): void => {
      clearTimeout(late);
      gone.removeEventListener("abort", left);
    };
    gone.addEventListener("abort", left, { once: true });
    asked.on("error", (problem) => stop(problem.message));
    asked.on("response", (came) => stop(`it says ${came.statusCode}`));
    asked.on("connect", (came, socket: Socket, head: Buffer) => {
      if (came.statusCode !== 200) {
        socket.destroy();
        stop(`it says ${came.statusCode} ${came.statusMessage ?? ""}`.trimEnd());
        return;
      }
      over();
      socket.on("error", () => socket.destroy());
      if (head.length > 0) socket.unshift(head);
      settle(socket);
    });
    asked.end();
    if (gone.aborted) left();
  });
}
