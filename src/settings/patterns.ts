/** Patterns that users write in settings and plans: globs over paths, and what counts as data access. */

/**
 * Whether a path (relative, with `/`) fits a glob: `*` and `?` stay inside one folder, `**` crosses folders, `{a,b}` is
 * either; a glob that ends in `/` means all below. A glob without `/` is meant for the file's name, as in .gitignore.
 */
export function matchesGlob(path: string, glob: string): boolean {
  const whole = glob.endsWith("/") ? `${glob}**` : glob;
  const anchored = whole.startsWith("/") ? whole.slice(1) : whole.includes("/") ? whole : `**/${whole}`;
  return compiled(anchored).test(path);
}

const cache = new Map<string, RegExp>();

function compiled(glob: string): RegExp {
  const known = cache.get(glob);
  if (known !== undefined) return known;
  const made = new RegExp(`^${translate(glob)}$`, "s");
  cache.set(glob, made);
  return made;
}

function translate(glob: string): string {
  const choices = balanced(glob);
  return glob.replace(/\*\*\/|\*\*|[*?{},]|[^*?{},]+/g, (part, at: number) => {
    if (part === "**/") return "(?:[^/]+/)*";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (choices && part === "{") return "(?:";
    if (choices && part === "}") return ")";
    if (choices && part === "," && depthAt(glob, at) > 0) return "|";
    return escaped(part);
  });
}

const depthAt = (glob: string, at: number): number =>
  glob.slice(0, at).split("{").length - glob.slice(0, at).split("}").length;

/** Braces that do not pair are plain characters. */
const balanced = (glob: string): boolean =>
  [...glob].every((_, at) => depthAt(glob, at) >= 0) && depthAt(glob, glob.length) === 0;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

export type DataPattern =
  | { readonly kind: "path"; readonly glob: string }
  | { readonly kind: "text"; readonly expression: RegExp }
  | { readonly kind: "invalid"; readonly why: string };

/** One of `dataAccessPatterns`. Words and expressions are matched without regard to case. */
export function readDataPattern(pattern: string): DataPattern {
  if (pattern.startsWith("path:")) return { kind: "path", glob: pattern.slice("path:".length) };
  if (pattern.startsWith("text:")) return expression(pattern.slice("text:".length));
  if (/[*/]/.test(pattern)) return { kind: "path", glob: pattern };
  return expression(`(?<![\\w])${escaped(pattern)}(?![\\w])`);
}

function expression(source: string): DataPattern {
  try {
    return { kind: "text", expression: new RegExp(source, "i") };
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return { kind: "invalid", why: thrown.message };
    throw thrown;
  }
}

/** The built-in `dataAccessPatterns`: the common libraries, raw SQL, repositories, models, entities, migrations. */
export const dataAccessDefaults: readonly string[] = [
  "sequelize",
  "typeorm",
  "prisma",
  "knex",
  "path:*.repository.*",
  "path:**/models/**",
  "path:**/entities/**",
  "path:*.model.*",
  "path:*.entity.*",
  "path:**/migrations/**",
  "path:*.sql",
  'text:\\bselect\\b[^;]{1,200}\\bfrom\\b\\s+[\\w"`\\[]',
  'text:\\binsert\\s+into\\s+[\\w"`\\[]',
  'text:\\bupdate\\s+[\\w"`\\[.\\]]+\\s+set\\b',
  'text:\\bdelete\\s+from\\s+[\\w"`\\[]',
  "text:\\b(?:create|alter|drop|truncate)\\s+(?:table|index|view|database|schema)\\b",
];
