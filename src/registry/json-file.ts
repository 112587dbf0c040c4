/** Files that hold one JSON document: read through their check, replaced as a whole, valid when written. */
import type { Host } from "../host/index.ts";
import { type Check, Fault, parseJson } from "../model/index.ts";

export type JsonFile<T> = {
  readonly path: string;
  /** What it is called in messages. */
  readonly what: string;
  readonly check: Check<T>;
  /** How to go on when it does not parse, for a file that can be made anew; without it, by hand. */
  readonly remedy?: string;
};

/** What the file holds, or undefined when there is none. Throws `malformed`, `newer-version`. */
export async function readDocument<T>(host: Pick<Host, "files">, file: JsonFile<T>): Promise<T | undefined> {
  const text = await host.files.readText(file.path);
  if (text === undefined) return undefined;
  try {
    return parseJson(file.check, text, file.what, file.path);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || file.remedy === undefined || thrown.failure.reason !== "malformed") throw thrown;
    throw new Fault({ ...thrown.failure, remedy: file.remedy });
  }
}

/** Replaces the file; the caller holds the lock of whoever owns it. A document that its own check refuses is a bug. */
export async function writeDocument<T>(
  host: Host,
  file: JsonFile<T>,
  document: T,
  options: { readonly durable?: boolean } = {},
): Promise<void> {
  await host.files.replaceFile(file.path, documentText(file, document), options);
}

/** The bytes that `writeDocument` writes. */
export function documentText<T>(file: JsonFile<T>, document: T): string {
  if (!file.check(document))
    throw new Error(`not a ${file.what} for ${file.path}: ${JSON.stringify(file.check.errors)}`);
  return `${JSON.stringify(document, null, 2)}\n`;
}
