/**
 * Values in copied files that count as secrets: what stands behind `KEY=` in any text file, quoted or not, when it has at
 * least six characters. Erring towards too many, since a value shown is worse than a word blotted out. Pure.
 */
const shortest = 6;

/** The secrets of one file's text, each once, in order; a value of several lines also line by line, as logs show it. */
export function secretsIn(text: string): string[] {
  if (text.includes("\u0000")) return [];
  const found: string[] = [];
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const start = assigned(lines[at] ?? "");
    if (start === undefined) continue;
    const quoted = quotedValue([start, ...lines.slice(at + 1, at + longestValue)]);
    found.push(...pieces(quoted?.value ?? unquoted(start)));
    at += quoted?.moreLines ?? 0;
  }
  return [...new Set(found)];
}

/** In one pass, longest secret first, so that one that contains another goes as a whole. */
export function blotOut(text: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return text;
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  const any = longestFirst.map((secret) => secret.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  return text.replace(new RegExp(any, "g"), "[secret]");
}

/** Lines of the longest quoted value that is looked for: a private key with room to spare. */
const longestValue = 200;

/** What stands behind the `=` of an assignment, or undefined when the line is none. */
function assigned(line: string): string | undefined {
  return /^\s*(?:export\s+)?[^\s#;=]+[ \t]*=[ \t]*(\S.*)$/u.exec(line)?.[1];
}

/** The value between quotes and how many lines after the first it takes; undefined when it is not quoted or never closed. */
function quotedValue(lines: readonly string[]): { value: string; moreLines: number } | undefined {
  const quote = lines[0]?.[0];
  if (quote !== '"' && quote !== "'") return undefined;
  const text = lines.join("\n");
  for (let at = 1; at < text.length; at += 1) {
    if (quote === '"' && text[at] === "\\") at += 1;
    else if (text[at] === quote) {
      const value = text.slice(1, at);
      return { value, moreLines: value.split("\n").length - 1 };
    }
  }
  return undefined;
}

function unquoted(rest: string): string {
  const comment = /\s#/.exec(rest);
  return (comment === null ? rest : rest.slice(0, comment.index)).trimEnd();
}

function pieces(value: string): string[] {
  const lines = value.split(/\n|\\n/).map((line) => line.trim());
  return [value, ...lines].filter((one) => one.length >= shortest);
}
