/** What is in trees and commits: status, differences, files, searches. */
import { posix } from "node:path";
import type { Git, Status } from "../git.ts";
import { isText } from "../text-bytes.ts";
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
    diffText: (repository, from, to, paths = []) => diffText(git, repository, { from, to, paths }),
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

/** What git calls binary is looked at beyond this size no more. */
const mostLooked = 1_000_000;

type DiffAsk = { readonly from: string; readonly to: string; readonly paths: readonly string[] };

/** A file that git calls binary, by attributes (`-diff`) or for a NUL in it, and that is text is shown all the same: who changes it could hide the change. */
async function diffText(git: GitCaller, repository: string, { from, to, paths }: DiffAsk): Promise<string> {
  const flags = ["-r", "--no-renames", "--no-relative", "--no-ext-diff", "--no-textconv", "--no-color"];
  const ask = async (more: readonly string[], below: readonly string[]): Promise<Buffer> => {
    const args = ["--literal-pathspecs", "diff-tree", ...flags, ...more, from, to, "--", ...below];
    return (await git.must({ at: repository, args, reads: true })).stdout;
  };
  const text = (await ask(["-p"], paths)).toString("utf8");
  if (!/^Binary files .* differ$/m.test(text)) return text;
  const hidden = parts(await ask(["--numstat", "-z"], paths)).flatMap((row) => {
    const [added, , path] = row.split("\t");
    return added === "-" && path !== undefined ? [path] : [];
  });
  const most = mostLooked;
  const both = await Promise.all([from, to].map((commit) => blobs(git, repository, { commit, paths: hidden, most })));
  const texts = hidden.filter((_, at) =>
    both.every((found) => found[at] === undefined || (found[at] !== null && isText(found[at]))),
  );
  return texts.length === 0 ? text : text + (await ask(["-p", "--text"], texts)).toString("utf8");
}

/** So often binary files that hit are left out, by name, before git's own word on what is binary is taken. */
const mostRounds = 5;
/** A text that someone wrote does not print more in so few lines. */
const mostPrinted = 8 * 1024 * 1024;

/**
 * Attributes lie in the tree and in git's folder, not in the commit, and what they call binary would not be found: so all is searched,
 * and hits in what is binary by its bytes are left out.
 */
async function search(
  git: GitCaller,
  repository: string,
  commit: string,
  ask: Parameters<Git["search"]>[2],
): ReturnType<Git["search"]> {
  const binary = new Set<string>();
  for (let round = 0; round < mostRounds; round += 1) {
    const seen = await grep(git, repository, commit, { ...ask, flag: "-a", without: [...binary] });
    if (seen.flood) break;
    const paths = [...new Set(seen.hits.map(({ path }) => path))];
    const found = await blobs(git, repository, { commit, paths, most: mostBytes });
    const known = binary.size;
    paths.forEach((path, at) => {
      const bytes = found[at];
      if (bytes === null || (bytes !== undefined && !isText(bytes))) binary.add(path);
    });
    if (binary.size === known || seen.hits.length < ask.limit) return seen.hits.filter(({ path }) => !binary.has(path));
  }
  return (await grep(git, repository, commit, { ...ask, flag: "-I", without: [] })).hits;
}

/** Larger files are none that someone wrote. */
const mostBytes = 32 * 1024 * 1024;

type Grep = Parameters<Git["search"]>[2] & { readonly flag: "-a" | "-I"; readonly without: readonly string[] };
type Grepped = { readonly hits: Awaited<ReturnType<Git["search"]>>; readonly flood: boolean };

async function grep(git: GitCaller, repository: string, commit: string, ask: Grep): Promise<Grepped> {
  const mode = ask.mode === "fixed" ? "-F" : "-E";
  const form = ["-n", "-z", ask.flag, "--no-color", "--no-column", "--full-name", "--no-recurse-submodules"];
  const paths = [...ask.paths, ...ask.without.map(leftOut)];
  assertRevision(commit);
  let newlines = 0;
  let flood = false;
  const seen = await git.must(
    {
      at: repository,
      args: ["--glob-pathspecs", "grep", ...form, mode, "-e", ask.pattern, commit, "--", ...paths],
      reads: true,
      enough(stdout, bytes) {
        newlines += count(stdout.at(-1), 0x0a);
        flood = ask.flag === "-a" && bytes > mostPrinted;
        return flood || newlines >= ask.limit;
      },
    },
    [1],
  );
  return { hits: parseGrep(seen.stdout.toString("utf8"), commit).slice(0, ask.limit), flood };
}

const leftOut = (path: string): string => `:(exclude,top,literal)${path}`;

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
