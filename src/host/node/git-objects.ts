/**
 * Commits that git keeps in files of their own (loose objects), read without starting git: that an id names one, and whether one
 * descends from another. The newest commits of a repository are kept so until it is packed, and of these okstra asks most. What
 * must stay true: as in git-layout.ts, only the plain case is answered; whatever is packed, cut short or hidden is `undefined`, and
 * git is asked. Replaced objects are no exception: our git does not look at them (git-call.ts).
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { inflateSync } from "node:zlib";
import { gitFolders } from "./git-layout.ts";

const isId = (text: string): boolean => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

/** The id itself where it is that of a commit; nothing where that is not plain to see. */
export function plainCommit(at: string, id: string): string | undefined {
  if (!isId(id)) return undefined;
  const common = commonOf(at);
  return common === undefined || parentsOf(common, id) === undefined ? undefined : id;
}

/** So many commits are read before git is asked, which is the faster the more there are. */
const most = 40;

/** Whether a commit is another, or the other descends from it. */
export function plainlyDescends(at: string, ancestor: string, descendant: string): boolean | undefined {
  if (!isId(ancestor) || !isId(descendant)) return undefined;
  const common = commonOf(at);
  if (common === undefined || isCutShort(common)) return undefined;
  const isThere = parentsOf(common, ancestor) !== undefined;
  if (ancestor === descendant) return isThere ? true : undefined;
  const seen = new Set([descendant]);
  let isWhole = isThere;
  for (const id of seen) {
    // A parent may be packed: whose child names it descends from it all the same.
    if (id === ancestor) return true;
    const parents = seen.size > most ? undefined : parentsOf(common, id);
    if (parents === undefined) isWhole = false;
    for (const parent of parents ?? []) seen.add(parent);
  }
  return isWhole ? false : undefined;
}

const commonOf = (at: string): string | undefined => gitFolders(basename(at) === ".git" ? dirname(at) : at)?.common;

/** Of a shallow clone, or one with grafts, git takes other parents than the commits name. */
const isCutShort = (common: string): boolean =>
  existsSync(join(common, "shallow")) || existsSync(join(common, "info", "grafts"));

/** Of a loose object that is a commit, and whole. */
function parentsOf(common: string, id: string): readonly string[] | undefined {
  const content = objectOf(join(common, "objects", id.slice(0, 2), id.slice(2)));
  if (content === undefined || !content.subarray(0, 7).equals(kind)) return undefined;
  const hash = createHash(id.length === 40 ? "sha1" : "sha256");
  if (hash.update(content).digest("hex") !== id) return undefined;
  const header = content.toString("latin1", content.indexOf(0) + 1).split("\n\n", 1)[0] ?? "";
  return header.split("\n").flatMap((line) => (line.startsWith("parent ") ? [line.slice(7)] : []));
}

const kind = Buffer.from("commit ");

function objectOf(path: string): Buffer | undefined {
  try {
    return inflateSync(readFileSync(path), { maxOutputLength: 65_536 });
  } catch {
    return undefined; // git is asked, and says what is wrong
  }
}
