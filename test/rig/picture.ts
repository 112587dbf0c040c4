/** A picture of a folder: every file, folder and link in it with time and content, to be compared with a later one. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";

/** By path below the folder. `except` names entries, at any depth, that do not count. */
export function picture(folder: string, except: readonly string[] = []): Readonly<Record<string, string>> {
  const seen: Record<string, string> = {};
  const look = (path: string): void => {
    const stat = lstatSync(path);
    const kind = stat.isDirectory() ? "folder" : stat.isSymbolicLink() ? "link" : "file";
    const content = kind === "file" ? readFileSync(path) : kind === "link" ? readlinkSync(path) : "";
    const hash = createHash("sha256").update(content).digest("hex");
    seen[relative(folder, path)] = `${kind} ${stat.mode.toString(8)} ${stat.mtimeMs} ${hash}`;
    if (kind !== "folder") return;
    for (const name of readdirSync(path)) if (!except.includes(name)) look(join(path, name));
  };
  look(folder);
  return seen;
}
