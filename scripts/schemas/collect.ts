/**
 * Finds every `src/<room>/<noun>.schema.ts` and loads what it declares. A declaration is found by its place and its name only,
 * so that adding a schema is adding one line to the `schemas` of one file.
 */
import { readdir, readFile } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { ZodType } from "zod";

export type Declared = {
  /** kebab-case, unique in the whole project: the name of the published file. */
  readonly id: string;
  /** The TypeScript type of the same name in PascalCase; its source file must export it. */
  readonly typeName: string;
  readonly schema: ZodType;
};

export type SchemaFile = {
  /** From the root, with slashes. */
  readonly path: string;
  readonly noun: string;
  readonly declared: readonly Declared[];
};

export async function collect(root: string): Promise<SchemaFile[]> {
  const found = await readdir(join(root, "src"), { recursive: true });
  const paths = found.filter((path) => path.endsWith(".schema.ts")).sort();
  const files = await Promise.all(paths.map((path) => load(root, join(root, "src", path))));
  unique(files.map(({ noun, path }) => [noun, path]));
  unique(files.flatMap(({ declared, path }) => declared.map(({ id }) => [id, path] as const)));
  return files;
}

async function load(root: string, file: string): Promise<SchemaFile> {
  const path = relative(root, file).split(sep).join("/");
  const [source, loaded] = await Promise.all([
    readFile(file, "utf8"),
    import(pathToFileURL(file).href) as Promise<{ schemas?: Record<string, ZodType> }>,
  ]);
  if (loaded.schemas === undefined) throw new Error(`${path} exports no "schemas"`);
  const declared = Object.entries(loaded.schemas).map(([id, schema]) => ({ id, typeName: pascal(id), schema }));
  for (const { id, typeName } of declared) {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) throw new Error(`${path}: schema id "${id}" is not kebab-case`);
    if (!new RegExp(`^export (type|interface) ${typeName}\\b`, "m").test(source)) {
      throw new Error(`${path}: schema "${id}" needs "export type ${typeName}" in the same file`);
    }
  }
  return { path, noun: basename(file, ".schema.ts"), declared };
}

function unique(named: readonly (readonly [name: string, path: string])[]): void {
  const owners = new Map<string, string>();
  for (const [name, path] of named) {
    const other = owners.get(name);
    if (other !== undefined) throw new Error(`"${name}" is declared twice, in ${other} and ${path}`);
    owners.set(name, path);
  }
}

const pascal = (id: string): string => id.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter) => letter.toUpperCase());
