/**
 * A folder that is put back as it was, again and again, by touching only what is no longer so: to remove and copy all of it costs
 * more than all that was done in it, and git would find no file of its index as it left it.
 */
import {
  chmodSync,
  type Dirent,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

type Kept =
  | { readonly kind: "folder"; readonly mode: number; readonly names: ReadonlyMap<string, Kept> }
  | { readonly kind: "link"; readonly target: string }
  | {
      readonly kind: "file";
      readonly mode: number;
      readonly mtimeMs: number;
      readonly content: Buffer;
      /** Other than this: somebody touched it. */
      mark: string;
    };

/** What it gives puts the folder back. */
export function keepFolder(folder: string): () => void {
  const kept = keep(folder);
  return () => putBack(folder, kept);
}

function keep(path: string): Kept {
  const seen = lstatSync(path);
  if (seen.isSymbolicLink()) return { kind: "link", target: readlinkSync(path) };
  const mode = seen.mode & 0o7777;
  if (seen.isDirectory())
    return { kind: "folder", mode, names: new Map(readdirSync(path).map((name) => [name, keep(join(path, name))])) };
  return { kind: "file", mode, mtimeMs: seen.mtimeMs, content: readFileSync(path), mark: markOf(seen) };
}

/** The time of the last change of any kind cannot be set by anybody. */
const markOf = ({ ino, size, mode, mtimeMs, ctimeMs }: Stats): string => [ino, size, mode, mtimeMs, ctimeMs].join(" ");

function putBack(path: string, kept: Kept): void {
  if (kept.kind === "link") return;
  if (kept.kind === "file") {
    if (markOf(lstatSync(path)) !== kept.mark) make(path, kept);
    return;
  }
  const there = new Map(readdirSync(path, { withFileTypes: true }).map((entry) => [entry.name, entry]));
  for (const [name, entry] of there) {
    const one = kept.names.get(name);
    if (one === undefined) rmSync(join(path, name), { recursive: true, force: true });
    else if (isLike(entry, join(path, name), one)) putBack(join(path, name), one);
    else make(join(path, name), one);
  }
  for (const [name, one] of kept.names) if (!there.has(name)) make(join(path, name), one);
}

const isLike = (entry: Dirent, path: string, { kind, ...kept }: Kept): boolean =>
  kind === "folder"
    ? entry.isDirectory()
    : kind === "file"
      ? entry.isFile()
      : entry.isSymbolicLink() && "target" in kept && readlinkSync(path) === kept.target;

function make(path: string, kept: Kept): void {
  rmSync(path, { recursive: true, force: true });
  if (kept.kind === "link") symlinkSync(kept.target, path);
  else if (kept.kind === "folder") {
    mkdirSync(path);
    chmodSync(path, kept.mode);
    for (const [name, one] of kept.names) make(join(path, name), one);
  } else {
    writeFileSync(path, kept.content, { flag: "wx" });
    chmodSync(path, kept.mode);
    utimesSync(path, kept.mtimeMs / 1000, kept.mtimeMs / 1000);
    kept.mark = markOf(lstatSync(path));
  }
}
