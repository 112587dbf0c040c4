/**
 * Searches that agents ask the engine for, at a commit. The danger is a search that finds nothing because it cannot: paths
 * that are not there, an expression in another dialect. Such a search proves nothing, so it is not run.
 */
import type { Host } from "../host/index.ts";
import type { Search } from "../model/finding.schema.ts";
import { Fault } from "../model/index.ts";
import { matchesGlob } from "../settings/index.ts";
import { insideProject } from "./cited-path.ts";

export type Searched =
  | { readonly ran: true; readonly hits: readonly { path: string; line: number; text: string }[] }
  | { readonly ran: false; readonly why: string };

export type SearchPlace = { readonly repository: string; readonly commit: string; readonly roots: readonly string[] };

/** As many hits as a note can name with some to spare. */
const mostHits = 20;

export async function runSearch(host: Host, place: SearchPlace, search: Search): Promise<Searched> {
  const pattern = search.mode === "regex" ? posixPattern(search.pattern) : search.pattern;
  if (pattern === undefined)
    return { ran: false, why: "the expression uses what POSIX extended expressions do not have" };
  if (/[\n\r\0]/.test(pattern)) return { ran: false, why: "a pattern is one line" };
  try {
    const paths: string[] = [];
    for (const cited of search.paths) {
      const path = cited.trim() === "." ? "" : insideProject(cited, place.roots);
      if (path === undefined || path.startsWith(":"))
        return { ran: false, why: `"${cited}" is not a path inside the project` };
      if (path !== "" && !(await isThere(host, place, path)))
        return { ran: false, why: `"${cited}" is not in the commit` };
      if (path !== "") paths.push(path);
    }
    const whole = paths.length < search.paths.length;
    const hits = await host.git.search(place.repository, place.commit, {
      pattern,
      mode: search.mode,
      paths: whole ? [] : paths,
      limit: mostHits,
    });
    return { ran: true, hits };
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.failure.reason !== "git-failed") throw thrown;
    return { ran: false, why: "git refused the search (an invalid expression?)" };
  }
}

async function isThere(host: Host, { repository, commit }: SearchPlace, path: string): Promise<boolean> {
  if (!/[*?[]/.test(path)) return (await host.git.files(repository, commit, path)).length > 0;
  return (await host.git.files(repository, commit)).some(
    (file) => matchesGlob(file, `/${path}`) || matchesGlob(file, `/${path}/**`),
  );
}

/**
 * A Perl-style expression as a POSIX extended one, or undefined where it has no equal there: what agents write as `\d` would
 * be searched as the letter d, and a claim of absence would hold by mistake.
 */
export function posixPattern(expression: string): string | undefined {
  let inBrackets = false;
  let made = "";
  for (let at = 0; at < expression.length; at += 1) {
    const part = expression.slice(at, at + 2);
    if (inBrackets) {
      if (part.startsWith("\\")) return undefined;
      inBrackets = !(part.startsWith("]") && !/\[\^?$/.test(made));
      made += part[0] ?? "";
      continue;
    }
    if (/^[*+?}][?+]$/.test(part)) return undefined;
    if (part === "(?") {
      if (expression[at + 2] !== ":") return undefined;
      made += "(";
      at += 2;
    } else if (part.startsWith("\\")) {
      const meant = escapes(part[1]);
      if (meant === undefined) return undefined;
      made += meant;
      at += 1;
    } else {
      inBrackets = part.startsWith("[");
      made += part[0] ?? "";
    }
  }
  return made;
}

function escapes(letter: string | undefined): string | undefined {
  if (letter === "d") return "[0-9]";
  if (letter === "D") return "[^0-9]";
  if (letter === "t") return "\t";
  if (letter !== undefined && /[wWsSbB]/.test(letter)) return `\\${letter}`;
  return letter === undefined || /[A-Za-z0-9]/.test(letter) ? undefined : `\\${letter}`;
}
