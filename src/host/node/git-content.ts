/** What is in trees and commits: status, differences, files, searches. */
import { posix } from "node:path";
import type { Git, Status } from "../git.ts";
import { assertRevision, type GitCaller } from "./git-call.ts";
import { parts } from "./git-output.ts";

type Content = Pick<
  Git,
  "status" | "diffFiles" | "diffText" | "blob" | "blobs" | "files" | "search" | "ignoredFiles" | "isIgnored"
>;

export function gitContent(git: GitCaller): Content {
  return {
    async status(tree, { withoutSubmodules = false } = {}) {
      const args = [
        "status",
        "--porcelain=v1",
        "-z",
        "--untracked-files=all",
        "--no-renames",
        `--ignore-submodules=${withoutSubmodules ? "all" : "none"}`,
      ];
      return parseStatus((await git.must({ at: tree, args, reads: true })).stdout);
    },
    async diffFiles(repository, from, to) {
      const args = ["diff-tree", "-r", "-z", "--no-renames", "--no-relative", "--name-status", from, to];
      const fields = parts((await git.must({ at: repository, args, reads: true })).stdout);
      return pairs(fields).map(([status, path]) => ({ status: status.slice(0, 1), path }));
    },
    async diffText(repository, from, to, paths = []) {
      const flags = ["-r", "-p", "--no-renames", "--no-relative", "--no-ext-diff", "--no-textconv", "--no-color"];
      const args = ["--literal-pathspecs", "diff-tree", ...flags, from, to, "--", ...paths];
      return (await git.must({ at: repository, args, reads: true })).stdout.toString("utf8");
    },
    async blob(repository, commit, path) {
      const object = objectAt(commit, path);
      return object === undefined ? undefined : blob(git, repository, object);
    },
    blobs: (repository, commit, ask) => blobs(git, repository, { commit, ...ask }),
    async files(repository, commit, below) {
      const where = below === undefined || below === "" ? [] : [below];
      const args = ["--literal-pathspecs", "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, "--", ...where];
      return parts((await git.must({ at: repository, args, reads: true })).stdout);
    },
    search: (repository, commit, ask) => search(git, repository, commit, ask),
    ignoredFiles: (tree, patterns) => ignoredFiles(git, tree, patterns),
    async isIgnored(tree, path) {
      const args = ["check-ignore", "--quiet", "--", path];
      return (await git.must({ at: tree, args, reads: true }, [1])).exitCode === 0;
    },
  };
}

function parseStatus(bytes: Buffer): Status {
  const entries = parts(bytes);
  const isUntracked = (entry: string): boolean => entry.startsWith("?? ");
  return {
    changed: entries.filter((entry) => !isUntracked(entry)).map((entry) => entry.slice(3)),
    untracked: entries.filter(isUntracked).map((entry) => entry.slice(3)),
  };
}

/** For git, `./x` and `../x` start where it stands; here a path starts at the top, and cannot leave it. */
function objectAt(commit: string, path: string): string | undefined {
  const inside = posix.normalize(path);
  return /^(\.\.?)?(\/|$)/.test(inside) || inside.includes("\0") ? undefined : `${commit}:${inside}`;
}

type Many = { readonly commit: string; readonly paths: readonly string[]; readonly most: number };

/** So much is asked of one process. */
const batchBytes = 16 * 1024 * 1024;

/** Ids and sizes of all first, so that what is too large is never read; then the bytes, some megabytes at a time. */
async function blobs(git: GitCaller, repository: string, { commit, paths, most }: Many): ReturnType<Git["blobs"]> {
  const found: (Uint8Array | null | undefined)[] = paths.map(() => undefined);
  const asked: { readonly at: number; readonly object: string }[] = [];
  for (const [at, path] of paths.entries()) {
    const object = objectAt(commit, path);
    if (object === undefined) continue;
    // The answer for one that is missing repeats its name, which then is more than a line.
    if (!path.includes("\n")) asked.push({ at, object });
    else found[at] = limited(await blob(git, repository, object), most);
  }
  if (asked.length === 0) return found;
  const stdin = asked.map(({ object }) => `${object}\0`).join("");
  const seen = await git.must({ at: repository, args: ["cat-file", "--batch-check", "-z"], stdin, reads: true });
  const lines = seen.stdout.toString("utf8").split("\n");
  let batch: Sized[] = [];
  let bytes = 0;
  const read = async (): Promise<void> => {
    for (const { at, text } of await bytesOf(git, repository, batch)) found[at] = text;
    batch = [];
    bytes = 0;
  };
  for (const [index, { at }] of asked.entries()) {
    const [, id, type, length] = /^([0-9a-f]+) (\w+) (\d+)$/.exec(lines[index] ?? "") ?? [];
    if (id === undefined || type !== "blob") continue;
    const size = Number(length);
    if (size > most) found[at] = null;
    else {
      if (bytes + size > batchBytes) await read();
      batch.push({ at, id, size });
      bytes += size;
    }
  }
  await read();
  return found;
}

const limited = (bytes: Uint8Array | undefined, most: number): Uint8Array | null | undefined =>
  bytes !== undefined && bytes.length > most ? null : bytes;

type Sized = { readonly at: number; readonly id: string; readonly size: number };

/** Of each `<id> blob <size>\n<bytes>\n`. */
async function bytesOf(git: GitCaller, repository: string, batch: readonly Sized[]) {
  if (batch.length === 0) return [];
  const stdin = batch.map(({ id }) => `${id}\0`).join("");
  const { stdout } = await git.must({ at: repository, args: ["cat-file", "--batch", "-z"], stdin, reads: true });
  let from = 0;
  return batch.map(({ at, size }) => {
    const start = stdout.indexOf(0x0a, from) + 1;
    from = start + size + 1;
    return { at, text: stdout.subarray(start, start + size) };
  });
}

/** One process tells whether it is there, what it is, and its bytes: `<id> <type> <size>\n<bytes>\n`, or `... missing\n`. */
async function blob(git: GitCaller, repository: string, object: string): Promise<Uint8Array | undefined> {
  const ask = { at: repository, args: ["cat-file", "--batch", "-z"], stdin: `${object}\0`, reads: true };
  const { stdout } = await git.must(ask);
  const end = stdout.indexOf(0x0a);
  const header = /^[0-9a-f]+ (\w+) (\d+)$/.exec(stdout.subarray(0, end).toString("utf8"));
  if (header === null || header[1] !== "blob") return undefined;
  return stdout.subarray(end + 1, end + 1 + Number(header[2]));
}

async function search(
  git: GitCaller,
  repository: string,
  commit: string,
  ask: Parameters<Git["search"]>[2],
): ReturnType<Git["search"]> {
  const mode = ask.mode === "fixed" ? "-F" : "-E";
  const flags = [
    "-n",
    "-z",
    "-I",
    "--no-color",
    "--no-column",
    "--full-name",
    "--no-recurse-submodules",
    mode,
    "-e",
    ask.pattern,
  ];
  assertRevision(commit);
  let newlines = 0;
  const seen = await git.must(
    {
      at: repository,
      args: ["--glob-pathspecs", "grep", ...flags, commit, "--", ...ask.paths],
      reads: true,
      enough(stdout) {
        newlines += count(stdout.at(-1), 0x0a);
        return newlines >= ask.limit;
      },
    },
    [1],
  );
  return parseGrep(seen.stdout.toString("utf8"), commit).slice(0, ask.limit);
}

/** `<commit>:<path>` NUL `<line>` NUL `<text>` newline; a last line without its newline was cut and is left out. */
function parseGrep(text: string, commit: string): { path: string; line: number; text: string }[] {
  return text
    .split("\n")
    .slice(0, -1)
    .flatMap((row) => {
      const [name = "", line = "", ...rest] = row.split("\0");
      return rest.length === 0
        ? []
        : [{ path: name.slice(commit.length + 1), line: Number(line), text: rest.join("\0") }];
    });
}

/**
 * Two questions: which untracked files match these patterns, and which of them the project's own rules ignore. The first
 * has to look into ignored folders, since a pattern may name a file deep inside.
 */
async function ignoredFiles(git: GitCaller, tree: string, patterns: readonly string[]): Promise<readonly string[]> {
  const meant = patterns.filter((pattern) => pattern.trim() !== "" && !pattern.startsWith("#"));
  if (meant.length === 0) return [];
  const args = ["ls-files", "-z", "--others", "--ignored", ...meant.flatMap((pattern) => ["-x", pattern])];
  const matching = parts((await git.must({ at: tree, args, reads: true })).stdout);
  if (matching.length === 0) return [];
  const stdin = matching.map((path) => `${path}\0`).join("");
  const ask = { at: tree, args: ["check-ignore", "-z", "--stdin"], stdin, reads: true };
  return parts((await git.must(ask, [1])).stdout).sort();
}

function pairs(fields: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) found.push([fields[at] ?? "", fields[at + 1] ?? ""]);
  return found;
}

function count(bytes: Buffer | undefined, byte: number): number {
  let found = 0;
  for (let at = bytes?.indexOf(byte) ?? -1; at >= 0; at = bytes?.indexOf(byte, at + 1) ?? -1) found += 1;
  return found;
}
