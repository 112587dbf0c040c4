/** What the command table says, as files: the texts that main answers from, and the reference page. */
import { capabilityPage } from "../src/agents/capabilities.ts";
import { checksPage } from "../src/checks/page.ts";
import { commands } from "../src/cli/commands/table.ts";
import { helpOf, overview } from "../src/cli/help.ts";
import { referencePage } from "../src/cli/reference.ts";
import { pricePage } from "../src/usage/price-list.ts";
import type { Planned } from "./schemas/plan.ts";

/** src/generated/help.js: made anew by each build. */
export function helpFiles(): Planned[] {
  const texts = [["", overview(commands)], ...commands.map((command) => [command.name, helpOf(command)])];
  const aliases = commands.flatMap(({ name, aliases = [] }) => aliases.map((alias) => [alias, name]));
  const map = (name: string, pairs: readonly (readonly string[])[]): string =>
    `export const ${name} = new Map(${JSON.stringify(pairs, null, 1)});\n`;
  const type = (name: string): string => `export declare const ${name}: ReadonlyMap<string, string>;\n`;
  return [
    { path: "src/generated/help.js", text: map("helps", texts) + map("aliases", aliases) },
    { path: "src/generated/help.d.ts", text: type("helps") + type("aliases") },
  ];
}

/** docs/reference: committed, and held to the tables by a test. */
export const referenceFiles = (): Planned[] => [
  { path: "docs/reference/cli.md", text: referencePage(commands) },
  { path: "docs/reference/checks.md", text: checksPage() },
  { path: "docs/reference/agents.md", text: capabilityPage() },
  { path: "docs/reference/prices.md", text: pricePage() },
];
