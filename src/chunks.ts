/**
 * Loads the files of the built program (chunks) with the code that V8 made of them in an earlier start: compiling is half of what
 * a short command costs. See docs/adr/0013-compiled-code.md.
 *
 * Of each chunk, `<kept>/<chunk>.code` is one JSON line, then V8's data twice. V8 believes its data blindly, so what is kept counts only
 * when both copies are equal byte for byte (what lost power or a worn disk leaves differs), and is of the very file that is loaded: a
 * chunk's name has the hash of its text, its size and time tell of an edit by hand. A chunk without such a name is compiled each time.
 *
 *     absent --a command ends--> kept --used, and due--> kept anew (four times as long until the next time)
 *       ^                         |
 *       +-- rubbish, of another file, or refused by V8: as if absent, and replaced as soon as it is due
 *
 * Kept anew, because each command compiles other functions of a chunk; four times as long, so that this ends. What would be less than
 * is kept is not taken: V8 drops the code of what a long run does not call any more. Nothing is done when nothing can be written, and no
 * failure of it is ever a failure of the command. Killed in the midst of writing, it leaves a half file that is no longer wanted after
 * a minute. Several at once: one writes, the others leave it.
 */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { Script } from "node:vm";

export type Chunks = {
  /** What the chunk of this name exports. Runs it at the first call. */
  load(name: string): unknown;
  /** Keeps for later starts what has been compiled and is not kept yet. Never throws. */
  keep(): void;
};

type Header = {
  /** Of the chunk's file. */
  readonly size: number;
  readonly time: number;
  /** How old this gets before it is kept anew, in ms. */
  readonly until: number;
  /** Of the data, in bytes. */
  readonly length: number;
};

type Loaded = {
  readonly path: string;
  readonly script: Script;
  /** Of the chunk's file. */
  readonly size: number;
  readonly time: number;
  /** What is kept; undefined when that is nothing of use. */
  readonly header: Header | undefined;
};

type Module = { exports: unknown };

const second = 1_000;
const first = 60 * second;
const longest = 90 * 24 * 3_600 * second;

/** `folder`: where the chunks lie, CommonJS; `kept`: where the code may be kept, made when it is needed. `now`: in ms, for tests. */
export function chunksIn(folder: string, kept: string, now: () => number = Date.now): Chunks {
  const modules = new Map<string, Module>();
  const loaded: Loaded[] = [];

  const load = (name: string): unknown => {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const module: Module = { exports: {} };
    modules.set(name, module);
    try {
      const path = join(folder, name);
      run(path, module);
    } catch (thrown) {
      modules.delete(name);
      throw thrown;
    }
    return module.exports;
  };

  const run = (path: string, module: Module): void => {
    const file = read(path);
    const before = hasHash(path) ? codeOf(join(kept, `${basename(path)}.code`), file) : undefined;
    // As Node wraps a module.
    const text = `(function (exports, require, module, __filename, __dirname) { ${file.text}\n})`;
    const script = new Script(text, { filename: path, ...(before === undefined ? {} : { cachedData: before.code }) });
    if (hasHash(path)) loaded.push({ path, script, size: file.size, time: file.time, header: before?.header });
    const body = script.runInThisContext() as (...given: unknown[]) => void;
    body.call(module.exports, module.exports, requireIn(path), module, path, folder);
  };

  const requireIn =
    (path: string) =>
    (name: string): unknown => {
      if (name.startsWith("./")) return load(name.slice(2));
      return process.getBuiltinModule(name) ?? createRequire(path)(name);
    };

  const keep = (): void => {
    for (const one of loaded) {
      try {
        keepOne(one, kept, now());
      } catch {
        return; // a folder that cannot be written, a full disk: the next start compiles again
      }
    }
  };

  return { load, keep };
}

type Read = { readonly text: string; readonly size: number; readonly time: number };

/** The build writes ASCII only (scripts/ascii.ts): one byte a character, which is quicker to read than UTF-8. */
function read(path: string): Read {
  const descriptor = openSync(path, "r");
  try {
    const { size, mtimeMs } = fstatSync(descriptor);
    return { text: readFileSync(descriptor, "latin1"), size, time: mtimeMs };
  } finally {
    closeSync(descriptor);
  }
}

/** As the build names them: `look-DDUX7_CP.js`. */
const hasHash = (path: string): boolean => /-[\w-]{8}\.js$/.test(path);

function codeOf(
  path: string,
  file: Pick<Read, "size" | "time">,
): { readonly header: Header; readonly code: Buffer } | undefined {
  try {
    const bytes = readFileSync(path);
    const end = bytes.indexOf(10);
    const header = JSON.parse(bytes.toString("latin1", 0, end)) as Header;
    const { length } = header;
    const code = bytes.subarray(end + 1, end + 1 + length);
    const isOf = header.size === file.size && header.time === file.time;
    return isOf && length > 0 && code.equals(bytes.subarray(end + 1 + length)) ? { header, code } : undefined;
  } catch {
    return undefined; // none, or rubbish: it is compiled
  }
}

function keepOne({ path, script, size, time, header }: Loaded, kept: string, now: number): void {
  const target = join(kept, `${basename(path)}.code`);
  const age = ageOf(target, now);
  if (age !== undefined && header !== undefined && age < header.until) return;
  mkdirSync(kept, { recursive: true });
  const half = `${target}.half`;
  const writing = ageOf(half, now);
  if (writing !== undefined && writing < first) return; // another start does
  if (writing !== undefined) rmSync(half, { force: true });
  // Before anything is made: where nothing can be written, that costs no start anything.
  const descriptor = openSync(half, "wx");
  try {
    const made = script.createCachedData();
    const isBetter = header === undefined || script.cachedDataRejected === true || made.length >= header.length;
    const code = isBetter ? made : (codeOf(target, { size, time })?.code ?? made);
    const next: Header = {
      size,
      time,
      until: Math.min((header?.until ?? first / 4) * 4, longest),
      length: code.length,
    };
    writeFileSync(descriptor, Buffer.concat([Buffer.from(`${JSON.stringify(next)}\n`), code, code]));
    renameSync(half, target);
  } catch (thrown) {
    rmSync(half, { force: true });
    throw thrown;
  } finally {
    closeSync(descriptor);
  }
}

function ageOf(path: string, now: number): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : now - found.mtimeMs;
}
