/** What drivers of agents with a JSON object a line share: reading a line, and looking into it without taking anything on trust. */
import type { Line } from "../../host/index.ts";
import type { AgentEvent } from "../contract.ts";

export type Said = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Said =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const textIn = (said: Said, key: string): string | null => {
  const value = said[key];
  return typeof value === "string" ? value : null;
};

/** A count; what is missing is 0, and what is no number one that cannot be, so that the whole use becomes unknown. */
export const countIn = (said: Said, key: string): number => {
  const value = said[key];
  return typeof value === "number" ? value : value === undefined || value === null ? 0 : Number.NaN;
};

export const objectIn = (said: Said, key: string): Said => {
  const value = said[key];
  return isObject(value) ? value : {};
};

export const listIn = (said: Said, key: string): readonly Said[] => {
  const value = said[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
};

/** Reads one line; `of` gives its events, or undefined for a shape it does not know. */
export function hearObject(line: Line, of: (said: Said) => readonly AgentEvent[] | undefined): readonly AgentEvent[] {
  if (line.cut) return [{ type: "unreadable", why: "too-long" }];
  if (line.text.trim() === "") return [];
  let said: unknown;
  try {
    said = JSON.parse(line.text);
  } catch {
    return [{ type: "unreadable", why: "not-json" }];
  }
  return (isObject(said) ? of(said) : undefined) ?? [{ type: "unreadable", why: "unknown-shape" }];
}

/** A schema as a command line or provider takes it: dialect and name left out, since one that they do not know is refused. */
export function bareSchema(schema: Said): Said {
  const { $schema: _dialect, $id: _name, ...bare } = schema;
  return bare;
}

/** A time of the clock in seconds; null for what is none. */
export const isoOf = (seconds: number): string | null => {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace(/\.000Z$/, "Z");
};
