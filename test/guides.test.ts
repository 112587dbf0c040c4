/** Every okstra command that the README and the guides show is one that the command line takes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { commandOf } from "../src/cli/commands/table.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const guides = readdirSync(join(root, "docs/guides")).map((name) => `docs/guides/${name}`);

/** Lines of shell blocks that call okstra, also within `$(...)`. */
function shown(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n(?<lines>[\s\S]*?)^```/gm)].map(({ groups }) => groups?.["lines"] ?? "");
  return blocks
    .flatMap((block) => block.split("\n"))
    .flatMap((line) => /(?:^|\$\()okstra (?<args>[^)]*)/.exec(line)?.groups?.["args"] ?? []);
}

/** As a shell parts them: quotes hold together, a `#` after a blank begins a comment. */
const words = (line: string): string[] =>
  [...line.replace(/\s#.*$/, "").matchAll(/"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<plain>\S+)/g)].map(
    ({ groups }) => groups?.["double"] ?? groups?.["single"] ?? groups?.["plain"] ?? "",
  );

test.each(["README.md", ...guides])("%s shows commands that there are", (path) => {
  const lines = shown(readFileSync(join(root, path), "utf8"));
  for (const line of lines) {
    const [name = "", ...argv] = words(line);
    const command = commandOf(name);
    if (command === undefined) return expect.unreachable(`${path}: there is no command ${name}`);
    expect(() => command.read(argv), `${path}: okstra ${line}`).not.toThrow();
  }
  if (path.endsWith("first-task.md")) expect(lines.length).toBeGreaterThan(15);
});
