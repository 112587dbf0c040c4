/**
 * Where a text stops being JSON. `JSON.parse` words its complaint differently in each Node version and often without a
 * place; people who edit a settings file by hand need line and column. Accepts exactly what `JSON.parse` accepts.
 */
export type JsonFault = { readonly line: number; readonly column: number; readonly message: string };

/** The first fault of the text (line and column from 1), or undefined when it is JSON. */
export function findJsonFault(text: string): JsonFault | undefined {
  const scan = new Scan(text);
  const stopped = scan.document();
  if (stopped === undefined) return undefined;
  const before = text.slice(0, stopped.at);
  const line = before.split("\n").length;
  return { line, column: stopped.at - before.lastIndexOf("\n"), message: stopped.message };
}

type Stopped = { readonly at: number; readonly message: string };

const literal = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids just these inside a string
const textual = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const white = /[ \t\n\r]*/y;

class Scan {
  private at = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  document(): Stopped | undefined {
    this.space();
    const stopped = this.value();
    if (stopped !== undefined) return stopped;
    this.space();
    return this.at < this.text.length ? this.stop("nothing may follow the closing bracket") : undefined;
  }

  /** An explicit stack of open brackets, so that no depth of nesting can overflow the call stack. */
  private value(): Stopped | undefined {
    const open: ("{" | "[")[] = [];
    for (;;) {
      this.space();
      const next = this.text[this.at];
      if (next === "{" || next === "[") {
        this.at += 1;
        this.space();
        const empty = this.text[this.at] === (next === "{" ? "}" : "]");
        if (!empty) {
          open.push(next);
          const stopped = next === "{" ? this.key() : undefined;
          if (stopped !== undefined) return stopped;
          continue;
        }
        this.at += 1;
      } else if (!this.take(next === '"' ? textual : literal)) {
        return this.stop(next === '"' ? "a string that is not closed or has a bad escape" : this.wanted("a value"));
      }
      const after = this.close(open);
      if (after !== "more") return after;
    }
  }

  /** After a value: closes brackets until a comma asks for more, or the outermost is closed. */
  private close(open: ("{" | "[")[]): Stopped | undefined | "more" {
    for (;;) {
      const inside = open.at(-1);
      if (inside === undefined) return undefined;
      this.space();
      const end = inside === "{" ? "}" : "]";
      if (this.text[this.at] === end) {
        this.at += 1;
        open.pop();
        continue;
      }
      if (this.text[this.at] !== ",") return this.stop(this.wanted(`"," or "${end}"`));
      this.at += 1;
      this.space();
      if (this.text[this.at] === end) return this.stop(`a comma before "${end}"`);
      return inside === "{" ? (this.key() ?? "more") : "more";
    }
  }

  private key(): Stopped | undefined {
    this.space();
    if (!this.take(textual)) return this.stop(this.wanted("a key in double quotes"));
    this.space();
    if (this.text[this.at] !== ":") return this.stop(this.wanted('":"'));
    this.at += 1;
    return undefined;
  }

  private take(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return false;
    this.at += found[0].length;
    return true;
  }

  private space(): void {
    this.take(white);
  }

  private wanted(what: string): string {
    const found = this.text[this.at];
    return `${what} was expected, ${found === undefined ? "the text ends" : `"${found}" was found`}`;
  }

  private stop(message: string): Stopped {
    return { at: this.at, message };
  }
}
