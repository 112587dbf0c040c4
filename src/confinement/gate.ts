/**
 * The way out of a network of its own: okstra's gateway outside, the inlet inside, and between them a socket in a folder that both see.
 *
 *   program -> 127.0.0.1:PORT (inlet) -> <folder>/gate (okstra) -> the list of places -> the name, resolved here -> there,
 *                                                                              \-> the proxy that this machine uses -> there
 *
 * States: closed -> open -> closed for good. It is opened before the first process that needs it and closed after the last; what is
 * asked of it in between is counted. What dies when stands in host/node/gateway.ts and inlet/main.ts.
 */
import { join } from "node:path";
import type { Destination, Host, Upstream } from "../host/index.ts";
import { fault } from "../model/index.ts";
import type { Command } from "./confiner.ts";
import { allowedBy, isExempt, isLoopback, mayReach, type Place, printTarget, targetIn } from "./places.ts";
import { type Rule, seen } from "./rules.ts";

export type Gate = AsyncDisposable & {
  /** The command as it is to be started in a network of its own. */
  readonly through: (command: Command) => Command;
  /** What it needs to see for that. */
  readonly rules: readonly Rule[];
  /** Programs that are started beside it. */
  readonly starts: readonly string[];
  /** Where somebody wanted to go who may not, in order of the first time; and forgets them. */
  readonly refused: () => readonly Refusal[];
  close(): Promise<void>;
};

/** `to`: `host:port`; `others` for all that came when too many were known. */
export type Refusal = { readonly to: string; readonly times: number };

export type GateAsk = {
  /** A folder of this gate's own; gone when it is closed. */
  readonly folder: string;
  readonly places: readonly Place[];
  /** Where HTTPS_PROXY and the like are looked for. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** Where the build puts the inlet, below the package's root. */
const inlet = "dist/inlet.js";
/** So many places that were refused are told apart. */
const mostTold = 32;

/** Throws `config-unreadable` for a proxy that cannot be used. */
export async function openGate(host: Host, { folder, places, env }: GateAsk): Promise<Gate> {
  const refused = new Map<string, number>();
  const refuse = (to: Destination, why: string): string => {
    const name = printTarget(to).slice(0, 260);
    const told = refused.has(name) || refused.size < mostTold ? name : "others";
    refused.set(told, (refused.get(told) ?? 0) + 1);
    return `${name} ${why}; to allow it, add it to network.allow in okstra's settings`;
  };
  const via = upstreams(env);
  const gateway = await host.processes.openGateway({
    folder,
    read: targetIn,
    refuses: (to) =>
      allowedBy(places, to) === undefined ? refuse(to, "is not among the places that may be reached") : undefined,
    refusesAddress: (to, address) =>
      mayReach(places, to, address) ? undefined : refuse(to, `leads to ${address}, an address of no public place`),
    via,
  });
  const { nodePath, packageRoot } = host.machine;
  const program = join(packageRoot, inlet);
  const lent = places.filter(({ host: name, port }) => isLoopback(name) && port !== null);
  const used = new Set(lent.map(({ port }) => port));
  const port = ports.find((one) => !used.has(one)) ?? 0;
  const close = (): Promise<void> => gateway.close();
  return {
    through: (command) => [
      ...([nodePath, program, folder, String(port)] as const),
      ...[lent.map((place) => printTarget({ ...place, port: place.port ?? 0 })).join(","), "--"],
      ...command,
    ],
    rules: [seen(folder), seen(program)],
    starts: [nodePath],
    refused: () => {
      const told = [...refused].map(([to, times]) => ({ to, times }));
      refused.clear();
      return told;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Of the inlet's proxy, in a network where nobody else listens; the first that is not lent. Below those that the system gives out. */
const ports = Array.from({ length: 200 }, (_, at) => 17_128 + at);

/** The proxy that the environment names for a place; loopback never goes through one. */
function upstreams(env: GateAsk["env"]): (to: Destination) => Upstream | null {
  const read = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? "";
  const all = proxyIn("ALL_PROXY", read("ALL_PROXY"));
  const plain = proxyIn("HTTP_PROXY", read("HTTP_PROXY")) ?? all;
  const secure = proxyIn("HTTPS_PROXY", read("HTTPS_PROXY")) ?? all;
  const exempt = read("NO_PROXY");
  return (to) => (isLoopback(to.host) || isExempt(exempt, to) ? null : to.port === 80 ? plain : secure);
}

const decoded = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString("utf8"));

function proxyIn(name: string, text: string): Upstream | null {
  if (text === "") return null;
  const full = text.includes("://") ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  const to = url === undefined ? undefined : targetIn(url.host, url.protocol === "https:" ? 443 : 80);
  if (url === undefined || to === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw fault(
      "config-unreadable",
      `${name} names no HTTP proxy, and a narrowed network reaches everything through it`,
      `Set ${name} to http://host:port; or leave the network open: --network open`,
      { variable: name },
    );
  }
  const login = [url.username, url.password].map(decoded).join(":");
  const authorization = url.username === "" ? null : `Basic ${Buffer.from(login).toString("base64")}`;
  return { ...to, tls: url.protocol === "https:", authorization };
}
