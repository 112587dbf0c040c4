/**
 * Which places in the network a confined process may reach: a list of names, and what holds for the address that a name stands for.
 * Pure. What must stay true:
 * - What is on no list is refused; a name allows itself (or, with `*.`, what lies below it) and nothing that merely ends like it.
 * - A name that stands for an address of this machine, of a local network or of nowhere (the metadata service of a cloud) leads there
 *   only if a person wrote that very name or address; link-local and loopback ones only if they wrote the address.
 */

/** Who named a place: a person in settings or environment, or the driver of an agent. */
export type NamedBy = "person" | "driver";

export type Place = {
  /** Lower case; of IPv6 without brackets. */
  readonly host: string;
  /** Whether it is every name below `host`, and not `host` itself. */
  readonly below: boolean;
  /** Null: 80 and 443. */
  readonly port: number | null;
  readonly by: NamedBy;
};

/** A host and a port that somebody wants to reach. */
export type Target = { readonly host: string; readonly port: number };

const usual: readonly number[] = [80, 443];

/** `api.example.org`, `*.example.org`, `example.org:8443`, `127.0.0.1:4000`, `[::1]:4000`, `localhost:4000`; undefined for anything else. */
export function placeIn(text: string, by: NamedBy): Place | undefined {
  const below = text.startsWith("*.");
  const target = targetIn(below ? text.slice(2) : text, null);
  if (target === undefined) return undefined;
  const { host, port } = target;
  const isAddress = addressKind(host) !== null;
  if (below && (isAddress || !host.includes("."))) return undefined;
  // It is listened for inside, so its port must be known.
  return port === null && isLoopback(host) ? undefined : { host, below, port, by };
}

/** The place that an address of the web names (`https://host:port/path`); undefined where it is none. */
export function placeOfUrl(text: string, by: NamedBy): Place | undefined {
  const url = /^https?:\/\//i.test(text) ? urlOf(text) : undefined;
  if (url === undefined || url.hostname === "") return undefined;
  const port = url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port);
  return { host: bare(url.hostname), below: false, port, by };
}

/** `host:port` as a proxy is asked for it. */
export function targetIn(text: string, port: number): Target | undefined;
export function targetIn(text: string, port: number | null): { host: string; port: number | null } | undefined;
export function targetIn(text: string, port: number | null): { host: string; port: number | null } | undefined {
  const parts = /^(?<host>\[[0-9a-f:.]+\]|[\p{L}\p{N}._-]{1,253})(?::(?<port>\d{1,5}))?$/iu.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const named = parts["port"] === undefined ? port : Number(parts["port"]);
  // As a browser reads it: other ways to write an address become that address.
  const url = urlOf(`http://${parts["host"]}/`);
  if (url === undefined || named === 0 || (named ?? 1) > 65_535) return undefined;
  return { host: bare(url.hostname), port: named };
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

const bare = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");

export const printPlace = ({ host, below, port }: Place): string =>
  `${below ? "*." : ""}${port === null ? (host.includes(":") ? `[${host}]` : host) : printTarget({ host, port })}`;

export const printTarget = ({ host, port }: Target): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** What allows it, if anything does. */
export function allowedBy(places: readonly Place[], { host, port }: Target): Place | undefined {
  const fits = places.filter(
    (place) =>
      (place.below ? host.endsWith(`.${place.host}`) : host === place.host) &&
      (place.port === null ? usual.includes(port) : place.port === port),
  );
  return fits.find(({ by, below }) => by === "person" && !below) ?? fits[0];
}

/** Whether the address that an allowed name was resolved to may be connected to. */
export function mayReach(places: readonly Place[], target: Target, address: string): boolean {
  const kind = addressKind(address);
  const isOwn = target.host === "localhost";
  if (kind === "public" && !isOwn) return true;
  const canonical = targetIn(address.includes(":") ? `[${address}]` : address, target.port);
  if (canonical === undefined) return false;
  if (isOwn) return isLoopback(canonical.host);
  const named = places.some(
    ({ host, port, by }) => by === "person" && host === canonical.host && (port ?? target.port) === target.port,
  );
  if (named) return true;
  const by = allowedBy(places, target);
  return kind === "private" && by?.by === "person" && !by.below;
}

export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);

/** Null for a name. `local`: loopback, link-local, multicast, and whatever is nobody's. */
export function addressKind(host: string): "public" | "private" | "local" | null {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return kindOf4(host.split(".").map(Number));
  if (!host.includes(":")) return null;
  const groups = groupsOf(host);
  return groups === undefined ? "local" : kindOf6(groups);
}

function kindOf4([a = 0, b = 0, c = 0]: readonly number[]): "public" | "private" | "local" {
  if (a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254)) return "local";
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return "private";
  // Of providers (100.64/10), of protocols (192.0.0/24) and of measurements (198.18/15).
  const special = (a === 100 && b >= 64 && b < 128) || (a === 192 && b === 0 && c === 0);
  return special || (a === 198 && (b === 18 || b === 19)) ? "private" : "public";
}

/** An address that holds one of IPv4 is what that one is. */
function kindOf6(groups: readonly number[]): "public" | "private" | "local" {
  const [a = 0, b = 0] = groups;
  const ipv4 = (at: number) => kindOf4([groups[at] ?? 0, groups[at + 1] ?? 0].flatMap((two) => [two >> 8, two & 255]));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return ipv4(6);
  if (a === 0x64 && b === 0xff9b) return ipv4(6);
  if (a === 0x2002) return ipv4(1);
  if ((a & 0xfe00) === 0xfc00) return "private";
  return (a & 0xe000) === 0x2000 && !(a === 0x2001 && b < 0x200) ? "public" : "local";
}

function groupsOf(address: string): readonly number[] | undefined {
  const canonical = urlOf(`http://[${address.split("%")[0]}]/`)?.hostname;
  if (canonical === undefined) return undefined;
  const [head = "", tail] = bare(canonical).split("::");
  const read = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return read(head);
  const [before, after] = [read(head), read(tail)];
  return [...before, ...Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after];
}

/** Whether a name stands in NO_PROXY: itself, what lies below it, an address, each with a port or without, or `*` for all. */
export function isExempt(list: string, { host, port }: Target): boolean {
  return list
    .split(/[\s,]+/)
    .filter((one) => one !== "")
    .some((one) => {
      if (one === "*") return true;
      const named = targetIn(one.replace(/^\*?\./, ""), null);
      if (named === undefined || (named.port !== null && named.port !== port)) return false;
      return host === named.host || host.endsWith(`.${named.host}`);
    });
}
