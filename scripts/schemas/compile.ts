/**
 * JSON Schema documents -> one ES module of standalone validators and its types. Compiled here once, so that no command
 * ever loads a schema library: the module must import nothing.
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import type { SchemaFile } from "./collect.ts";
import { factor } from "./factor.ts";
import type { Json, JsonObject } from "./publish.ts";
import { shorten } from "./shorten.ts";

export type Compiled = { readonly code: string; readonly types: string };

const mark = (path: string): string => `// Made by "npm run generate" from ${path}; do not edit.\n`;

const part = "urn:okstra:part:";

export function compile(file: SchemaFile, documents: ReadonlyMap<string, JsonObject>): Compiled {
  const ajv = new Ajv2020({
    allErrors: true,
    discriminator: true,
    strictTypes: false,
    strictTuples: false,
    inlineRefs: false,
    logger: false, // `unicode` is called deprecated, without another way to the same end
    unicode: false, // lengths as zod counts them; counting code points would need a run-time import
    validateFormats: false, // each format has its pattern beside it
    code: { source: true, esm: true, lines: true, optimize: 1 },
  });
  // Both are for keywords that zod never emits, and would litter the code with state that keeps it from being shaken.
  Object.assign(ajv.opts, { unevaluated: false, dynamicRef: false });
  const shared = factor(
    file.declared.map(({ id }) => discriminated(documents.get(id) ?? {}) as JsonObject),
    part,
  );
  // Each part under an address of its own: ajv compiles a fragment anew for each document that refers to it.
  for (const [name, schema] of Object.entries(shared.definitions)) ajv.addSchema(schema as JsonObject, part + name);
  const exported: Record<string, string> = {};
  for (const [index, { id, typeName }] of file.declared.entries()) {
    ajv.addSchema(shared.documents[index] ?? {}, id);
    exported[`check${typeName}`] = id;
  }
  const code = shorten(standalone(ajv, exported));
  const leak = /\brequire\(|^import\b/m.exec(code);
  if (leak !== null) throw new Error(`${file.path}: the compiled validators would import at run time (${leak[0]})`);
  return { code: mark(file.path) + code, types: typesOf(file) };
}

/** What TypeScript knows of all validators of a file. */
export function typesOf({ path, declared }: SchemaFile): string {
  const names = declared.map(({ typeName }) => typeName).sort();
  return [
    mark(path).trimEnd(),
    `import type { Check } from "../model/check.ts";`,
    `import type { ${names.join(", ")} } from "${path.replace(/^src/, "..")}";`,
    "",
    ...declared.map(({ typeName }) => `export declare const check${typeName}: Check<${typeName}>;`),
    "",
  ].join("\n");
}

/**
 * A union whose members all carry a different constant under one key is checked by that key: only the member that is
 * meant is tried and reported, instead of all of them.
 */
export function discriminated(node: Json): Json {
  if (Array.isArray(node)) return node.map(discriminated);
  if (typeof node !== "object" || node === null) return node;
  const mapped = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, discriminated(value)]));
  const { anyOf, oneOf, ...rest } = mapped;
  const members = anyOf ?? oneOf;
  if (!Array.isArray(members) || members.length < 2 || (anyOf !== undefined && oneOf !== undefined)) return mapped;
  const propertyName = tagOf(members);
  return propertyName === undefined
    ? mapped
    : { ...rest, type: "object", discriminator: { propertyName }, oneOf: members };
}

function tagOf(members: readonly Json[]): string | undefined {
  const tags = members.map(tagsOf);
  return [...(tags[0]?.keys() ?? [])].find((key) => {
    const values = tags.map((of) => of.get(key));
    return values.every((value) => value !== undefined) && new Set(values).size === values.length;
  });
}

/** The required keys of an object schema that hold one constant text. */
function tagsOf(member: Json): Map<string, string> {
  const tags = new Map<string, string>();
  if (!isObject(member) || !isObject(member["properties"]) || !Array.isArray(member["required"])) return tags;
  for (const [key, value] of Object.entries(member["properties"])) {
    const constant = isObject(value) ? value["const"] : undefined;
    if (typeof constant === "string" && member["required"].includes(key)) tags.set(key, constant);
  }
  return tags;
}

const isObject = (node: Json | undefined): node is JsonObject =>
  typeof node === "object" && node !== null && !Array.isArray(node);
