/**
 * One zod schema as a JSON Schema 2020-12 document, the form in which it is committed, shipped and compiled.
 * What JSON Schema cannot say the same way is refused here, so that the published file, the compiled validator and the
 * TypeScript type never promise different things.
 */
import { type ZodType, z } from "zod";
import { factor } from "./factor.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** The whole schema, each part written out where it is used: what is compiled. */
export function document(id: string, schema: ZodType): JsonObject {
  const read = toJson(schema, "input");
  if (JSON.stringify(open(read)) !== JSON.stringify(open(toJson(schema, "output")))) {
    throw new Error(`schema "${id}" changes what it reads (a default or transform): its validator could not`);
  }
  if (JSON.stringify(read).includes('"$ref"'))
    throw new Error(`schema "${id}" is recursive, which is not provided for`);
  refuseUncheckedFormats(id, read);
  const { $schema, title, ...rest } = read;
  return { $schema: $schema ?? null, $id: `urn:okstra:schema:${id}`, title: title ?? words(id), ...rest };
}

/** The same document with its repeated parts as `$defs`: what is committed and shipped. */
export function publish(whole: JsonObject): JsonObject {
  const { documents, definitions } = factor([whole], "#/$defs/");
  return { ...documents[0], ...(Object.keys(definitions).length > 0 && { $defs: definitions }) };
}

const toJson = (schema: ZodType, io: "input" | "output"): JsonObject => {
  const { "~standard": _, ...document } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io,
    override: ({ zodSchema }) => refuseRefinements(zodSchema._zod.def.checks ?? []),
  }) as JsonObject;
  return document;
};

function refuseRefinements(checks: readonly z.core.$ZodCheck[]): void {
  if (checks.some(({ _zod }) => _zod.def.check === "custom"))
    throw new Error("a refinement is code: no file can say it");
}

const words = (id: string): string => id.charAt(0).toUpperCase() + id.slice(1).replaceAll("-", " ");

/** Without `additionalProperties: false`, which zod adds to plain objects on output only. */
function open(node: Json): Json {
  if (Array.isArray(node)) return node.map(open);
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(([key, value]) => !(key === "additionalProperties" && value === false));
  return Object.fromEntries(kept.map(([key, value]) => [key, open(value)]));
}

/** A `format` is only a remark to the compiled validator; what holds is the pattern beside it. */
function refuseUncheckedFormats(id: string, node: Json): void {
  if (typeof node !== "object" || node === null) return;
  if (!Array.isArray(node) && typeof node["format"] === "string" && node["pattern"] === undefined) {
    throw new Error(`schema "${id}": format "${node["format"]}" comes without a pattern; use z.string().regex(...)`);
  }
  for (const child of Object.values(node)) refuseUncheckedFormats(id, child);
}
