/**
 * A prompt as a document: Markdown with typed holes `{{name}}` and includes `{{> shared/part}}`. A hole is filled once; what
 * stands in a value is never read as a hole.
 */
import { fault } from "../model/index.ts";

/** `path` names the file below `prompts/`, without `.md`; `holes` are in order of first appearance, includes resolved. */
export type Template = { readonly path: string; readonly text: string; readonly holes: readonly string[] };

const hole = /\{\{([a-z][A-Za-z0-9]*)\}\}/g;
const include = /\{\{>\s*([a-z0-9/-]+)\s*\}\}/g;

/** A template from its text, once its includes are in it. Throws `prompt-gap` for braces that are neither hole nor include. */
export function template(path: string, text: string): Template {
  const stray = /\{\{[^}\n]*\}?\}?/.exec(text.replace(hole, ""))?.[0];
  if (stray !== undefined) throw gap(path, `"${stray}" is neither a hole nor an include`);
  return { path, text, holes: [...new Set([...text.matchAll(hole)].map(([, name]) => name ?? ""))] };
}

export const includesOf = (text: string): string[] => [
  ...new Set([...text.matchAll(include)].map(([, path]) => path ?? "")),
];

/** Puts parts in place of the includes that name them. */
export const withParts = (text: string, parts: ReadonlyMap<string, string>): string =>
  text.replace(include, (_, path: string) => parts.get(path) ?? "");

export const withValues = (text: string, values: ReadonlyMap<string, string>): string =>
  text.replace(hole, (_, name: string) => values.get(name) ?? "");

export const gap = (path: string, what: string, details: Record<string, unknown> = {}) =>
  fault("prompt-gap", `The prompt ${path} cannot be made: ${what}`, "Install okstra again: npm install -g okstra", {
    prompt: path,
    ...details,
  });
