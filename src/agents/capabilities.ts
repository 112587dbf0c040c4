/** docs/reference/agents.md: what each driver says that its agent can do. Generated; a test holds it to the drivers. Pure. */
import type { Driver } from "./contract.ts";
import { acpPrefix } from "./drivers/acp.ts";
import { allDrivers } from "./drivers/registry.ts";
import { modelsAsOf, modelsOf } from "./models.ts";

type Row = readonly [about: string, of: (driver: Driver) => string];

const rows: readonly Row[] = [
  ["named in a roster", ({ name }) => (`${name}:` === acpPrefix ? "`acp:<name>`" : `\`${name}\``)],
  ["model by default", ({ defaultModel }) => `\`${defaultModel}\``],
  ["models by name", ({ name }) => list(modelsOf(name))],
  ["access", ({ access }) => access.join(", ")],
  ["read-only by its own means", ({ abilities }) => abilities.readOnly],
  ["writing confined by its own means", ({ abilities }) => abilities.writing],
  [
    "asked again in its conversation",
    ({ canResume, abilities }) => abilities.again ?? (canResume ? "yes, in a new process" : "no"),
  ],
  ["tells when a quota is there again", ({ abilities }) => abilities.quota],
  ["id of the conversation", ({ abilities }) => (abilities.session === "chosen" ? "chosen by okstra" : "told by it")],
  ["structured result", ({ abilities }) => abilities.structured],
  ["limits that it keeps itself", ({ abilities }) => list(abilities.limits)],
  ["says its use", ({ abilities }) => abilities.usage],
  [
    "says its cost",
    ({ abilities }) => (abilities.cost === "given" ? "yes" : "no: by [prices](prices.md), else unknown"),
  ],
  ["sees of okstra's environment", ({ variables }) => list(variables)],
];

const list = (names: readonly string[]): string =>
  names.length === 0 ? "-" : names.map((name) => `\`${name}\``).join(" ");

export function capabilityPage(): string {
  const table = rows.map(([about, of]) => `| ${[about, ...allDrivers.map(of)].join(" | ")} |`);
  return `${[
    "# Agents",
    "",
    `Generated from the drivers (\`src/agents/drivers\`) by \`npm run generate\`. Models as of ${modelsAsOf}; \`--model W==ID\` passes`,
    "another id through unchecked. What okstra itself adds is the same for all: a home of its own for each dispatch, clocks, the end of the whole process tree, the comparison of worktree, branches and",
    "the repository's own files afterwards. How to add one: [adding an agent](../guides/adding-an-agent.md).",
    "",
    `| | ${allDrivers.map(({ name }) => name).join(" | ")} |`,
    `|${"---|".repeat(allDrivers.length + 1)}`,
    ...table,
  ].join("\n")}\n`;
}
