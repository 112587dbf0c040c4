/**
 * Zod writes a schema that is used in ten places ten times. Here each part that occurs in more than one place becomes one
 * named definition, which keeps the published files readable and the compiled validators small.
 */
import type { Json, JsonObject } from "./publish.ts";

export type Factored = { readonly documents: JsonObject[]; readonly definitions: JsonObject };

const worthIt = 100;

/** `refer` is what stands before a definition's name in a `$ref`. */
export function factor(documents: readonly JsonObject[], refer: string): Factored {
  const seen = new Map<string, { count: number; key: string }>();
  for (const document of documents) countChildren(document, "part", seen);
  const names = nameAll(seen);
  const definitions: JsonObject = {};
  const replace = (node: Json): Json => {
    const name = isSchema(node) ? names.get(JSON.stringify(node)) : undefined;
    if (name === undefined) return within(node);
    definitions[name] ??= within(node);
    return { $ref: refer + name };
  };
  const within = (node: Json): Json => {
    if (Array.isArray(node)) return node.map(replace);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, replace(value)]));
  };
  return { documents: documents.map((document) => within(document) as JsonObject), definitions };
}

/** Counts places, not copies: a part of a part that is itself shared is met once, inside that part. */
function count(node: Json, key: string, seen: Map<string, { count: number; key: string }>): void {
  if (isSchema(node)) {
    const text = JSON.stringify(node);
    const before = seen.get(text);
    if (before !== undefined) {
      before.count += 1;
      return;
    }
    if (text.length >= worthIt) seen.set(text, { count: 1, key });
  }
  countChildren(node, key, seen);
}

function countChildren(node: Json, key: string, seen: Map<string, { count: number; key: string }>): void {
  if (Array.isArray(node)) for (const child of node) count(child, key, seen);
  else if (typeof node === "object" && node !== null) {
    for (const [name, child] of Object.entries(node)) count(child, structural.has(name) ? key : name, seen);
  }
}

const structural = new Set(["properties", "items", "prefixItems", "anyOf", "oneOf", "allOf", "additionalProperties"]);

/** A definition is called after the property where it is met first. */
function nameAll(seen: ReadonlyMap<string, { count: number; key: string }>): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Map<string, number>();
  for (const [text, { count, key }] of seen) {
    if (count < 2) continue;
    const nth = (taken.get(key) ?? 0) + 1;
    taken.set(key, nth);
    names.set(text, nth === 1 ? key : `${key}-${nth}`);
  }
  return names;
}

const isSchema = (node: Json): node is JsonObject =>
  typeof node === "object" &&
  node !== null &&
  !Array.isArray(node) &&
  (typeof node["type"] === "string" || Array.isArray(node["anyOf"]) || Array.isArray(node["oneOf"]));
