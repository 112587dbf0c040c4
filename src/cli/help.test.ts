/** Help is the source: every command's help word for word, and the pages made of it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { helpFiles, referenceFiles } from "../../scripts/help.ts";
import { assertGolden } from "../../test/golden.ts";
import { aliases, helps } from "../generated/help.js";
import { commands } from "./commands/table.ts";
import { helpOf, overview, usageOf } from "./help.ts";

test("the overview", () => {
  assertGolden("cli/help/okstra.txt", overview(commands));
});

test.each(commands.map((command) => [command.name, command] as const))("help of %s", (name, command) => {
  assertGolden(`cli/help/${name}.txt`, helpOf(command));
});

test("no line is too wide for a terminal, every example is a command line of its command", () => {
  for (const command of commands) {
    for (const line of helpOf(command).split("\n")) expect(line.length, line).toBeLessThanOrEqual(120);
    expect(command.examples.length, command.name).toBeGreaterThan(0);
    for (const example of command.examples) expect(example).toContain(`okstra ${command.name}`);
    expect(usageOf(command)).not.toMatch(/ $/);
  }
});

test("names, aliases and flags are unique", () => {
  const names = commands.flatMap((command) => [command.name, ...(command.aliases ?? [])]);
  expect(new Set(names).size).toBe(names.length);
});

test("what main answers from is what the table says", () => {
  expect([...helps.keys()]).toEqual(["", ...commands.map(({ name }) => name)]);
  for (const command of commands) expect(helps.get(command.name)).toBe(helpOf(command));
  expect(aliases.get("setup")).toBe("init");
  expect(helpFiles().map(({ path }) => path)).toEqual(["src/generated/help.js", "src/generated/help.d.ts"]);
});

test("the reference page has every command with every flag of its own", () => {
  const page = referenceFiles().find(({ path }) => path.endsWith("cli.md"))?.text ?? "";
  for (const command of commands) {
    const part = page.split(/^## /m).find((section) => section.startsWith(`okstra ${command.name}\n`)) ?? "";
    expect(part).toContain(usageOf(command));
    for (const flag of Object.keys(command.options)) expect(part, `${command.name} --${flag}`).toContain(`--${flag}`);
    for (const example of command.examples) expect(part, command.name).toContain(example);
  }
});

test("the reference page is what --help says (to write it anew: npm run generate)", () => {
  for (const { path, text } of referenceFiles()) {
    const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
    expect(readFileSync(file, "utf8"), path).toBe(text);
  }
});
