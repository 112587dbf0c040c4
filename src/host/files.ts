/** Files. Writes are atomic (temporary file, rename) or exclusive; nothing is ever truncated in place. */
export type Entry = { readonly name: string; readonly kind: "file" | "folder" | "link" | "other" };

/** `sha256` differs when a name, size, mode or time does. `changed`: files written since, relative to the folder. */
export type FolderState = { readonly sha256: string; readonly changed: readonly string[] };

export type Files = {
  /** The text, or undefined when there is no such file. */
  readText(path: string): Promise<string | undefined>;
  readBytes(path: string): Promise<Uint8Array | undefined>;
  /** The last `bytes` of a file, or undefined when there is none. */
  readTail(path: string, bytes: number): Promise<Uint8Array | undefined>;
  /** What is at the path without following links, or undefined. `size` in bytes, `mode` permission bits. */
  look(path: string): Promise<{ kind: Entry["kind"]; size: number; mtimeMs: number; mode: number } | undefined>;
  /** The folder's entries sorted by name; empty when there is no such folder. */
  list(path: string): Promise<readonly Entry[]>;
  /** The path with every link resolved, or undefined when it does not exist. */
  realPath(path: string): Promise<string | undefined>;
  /** Replaces the file as a whole; makes missing folders. `durable`: also survives a power cut. */
  replaceFile(
    path: string,
    content: string | Uint8Array,
    options?: { durable?: boolean; mode?: number },
  ): Promise<void>;
  /** Makes the file only if nothing is there; false when something is. */
  createFile(path: string, content: string, options?: { mode?: number }): Promise<boolean>;
  /** Appends one line (newline added) in a single write; makes missing folders. The caller holds the file's lock. */
  appendLine(path: string, line: string, options?: { durable?: boolean }): Promise<void>;
  /** Makes what was appended to the file so far survive a power cut. */
  sync(path: string): Promise<void>;
  makeFolder(path: string, options?: { mode?: number }): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or link; quiet when absent. */
  removeFile(path: string): Promise<void>;
  /** Removes a folder and all in it, links themselves not their targets; quiet when absent. */
  removeTree(path: string): Promise<void>;
  /** Removes a folder only if it is empty; false when it is not, or is absent. */
  removeEmptyFolder(path: string): Promise<boolean>;
  /** Copies a file with its mode, or a folder with all in it (links kept as links). */
  copy(from: string, to: string): Promise<void>;
  link(target: string, path: string): Promise<void>;
  /** What a link points to, as it is written; undefined when there is no link at the path. */
  readLink(path: string): Promise<string | undefined>;
  /** SHA-256 in hex of a file's bytes, or undefined when there is none. */
  hash(path: string): Promise<string | undefined>;
  /** Free bytes on the file system that holds the path (or its nearest existing parent). */
  freeBytes(path: string): Promise<number>;
  /** Bytes that a folder takes on disk with all in it; links themselves, not what they lead to; 0 when it is absent. */
  usedBytes(path: string): Promise<number>;
  /**
   * What tells whether anything below a folder was changed; nothing of a folder that is absent. `since`: milliseconds since the
   * epoch.
   */
  folderState(path: string, since: number): Promise<FolderState>;
  /** A new empty private folder below the system's temporary folder. */
  makeTemporaryFolder(prefix: string): Promise<string>;
  /**
   * Calls when the file may have changed (it need not be there yet), and every `everyMs` anyway. Keeps the process alive until
   * the returned function is called.
   */
  watch(path: string, everyMs: number, call: () => void): () => void;
};
