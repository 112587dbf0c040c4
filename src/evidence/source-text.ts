/**
 * Source text with its comments, and if wanted its strings, blanked out, so that what only looks like code is not counted
 * as code: a test that was commented out is gone. A scanner for many languages, not a parser; line numbers stay. Pure.
 */
export type Dialect = "c-like" | "python" | "ruby" | "go" | "rust";

/** How the file's language writes comments and strings, by the name's ending; undefined where nothing is known. */
export function dialectOf(path: string): Dialect | undefined {
  const ending = /\.(?<ending>[A-Za-z0-9]+)$/.exec(path)?.groups?.["ending"]?.toLowerCase() ?? "";
  return dialects[ending];
}

const dialects: Readonly<Record<string, Dialect>> = {
  ...Object.fromEntries(
    [
      "js",
      "jsx",
      "mjs",
      "cjs",
      "ts",
      "tsx",
      "mts",
      "cts",
      "java",
      "kt",
      "kts",
      "cs",
      "swift",
      "scala",
      "php",
      "dart",
      "c",
      "cc",
      "cpp",
      "h",
      "vue",
      "svelte",
    ].map((ending) => [ending, "c-like" as const]),
  ),
  py: "python",
  rb: "ruby",
  go: "go",
  rs: "rust",
};

const hashes = /#[^\n]*/y;
const slashes = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const plainString = /"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?/y;
const doubleString = /"(?:[^"\\]|\\[\s\S])*"?/y;
const template = /`(?:[^`\\]|\\[\s\S])*`?/y;
const rawString = /`[^`]*`?/y;
/** So that the character '"' opens no string, and a lifetime no character. */
const character = /'(?:[^'\\\n]|\\[^\n])'/y;
const tripled = /("""|''')[\s\S]*?(?:\1|$)/y;

type Rule = { readonly pattern: RegExp; readonly is: "comment" | "string" };

const rules: Readonly<Record<Dialect, readonly Rule[]>> = {
  "c-like": [
    { pattern: slashes, is: "comment" },
    { pattern: template, is: "string" },
    { pattern: plainString, is: "string" },
  ],
  go: [
    { pattern: slashes, is: "comment" },
    { pattern: rawString, is: "string" },
    { pattern: plainString, is: "string" },
  ],
  rust: [
    { pattern: slashes, is: "comment" },
    { pattern: character, is: "string" },
    { pattern: doubleString, is: "string" },
  ],
  python: [
    { pattern: hashes, is: "comment" },
    { pattern: tripled, is: "string" },
    { pattern: plainString, is: "string" },
  ],
  ruby: [
    { pattern: hashes, is: "comment" },
    { pattern: plainString, is: "string" },
  ],
};

/** `code`: comments blanked; `bare`: strings blanked too (their quotes stay). */
export function readSource(text: string, dialect: Dialect): { readonly code: string; readonly bare: string } {
  let code = "";
  let bare = "";
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const found = starts.has(text[at] ?? "") && !isRegex(text, at) ? match(text, at, dialect) : undefined;
    if (found === undefined) {
      at += 1;
      continue;
    }
    const plain = text.slice(from, at);
    code += plain + (found.is === "comment" ? blank(found.text) : found.text);
    bare += plain + (found.is === "comment" ? blank(found.text) : hollow(found.text));
    at += found.text.length;
    from = at;
  }
  return { code: code + text.slice(from), bare: bare + text.slice(from) };
}

const starts = new Set(['"', "'", "`", "/", "#"]);

/** A quote right after a backslash stands in a regular expression, not around a string. */
const isRegex = (text: string, at: number): boolean => text[at - 1] === "\\";

function match(text: string, at: number, dialect: Dialect): { text: string; is: Rule["is"] } | undefined {
  for (const { pattern, is } of rules[dialect]) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined && found !== "") return { text: found, is };
  }
  return undefined;
}

const blank = (text: string): string => text.replace(/[^\n]/g, " ");
const hollow = (text: string): string =>
  text.length < 2 ? text : (text[0] ?? "") + blank(text.slice(1, -1)) + text.slice(-1);
