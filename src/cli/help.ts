/**
 * The help of every command, from its description. Rendered at build time (dist/help.json), so that main answers without
 * loading anything else; the reference page is made of the same parts.
 */
import { type Command, commonOptions, type Description, groups, type OptionSpec, type OptionTable } from "./command.ts";

const headings: Readonly<Record<Description["group"], string>> = {
  start: "Begin here",
  work: "Work",
  gates: "Gates, by a person",
  looking: "Look",
  steering: "Steer",
  installation: "Installation",
};

export type Helped = readonly Command<unknown>[];

/** What `okstra --help` prints. */
export function overview(commands: Helped): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const listed = groups.flatMap((group) => {
    const rows = commands.filter((command) => command.group === group);
    if (rows.length === 0) return [];
    return ["", headings[group], ...rows.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)];
  });
  return lines([
    "okstra runs a coding task through fixed phases with several coding agents that check each other's work.",
    "",
    "Usage",
    "  okstra COMMAND [ARGUMENTS] [FLAGS]",
    ...listed,
    "",
    "Flags of every command",
    ...optionRows(commonOptions),
    "",
    "Examples",
    "  okstra demo",
    "  okstra init",
    "  okstra run bug.md --task-key shop/checkout/wrong-total --task-type error-analysis --base-ref main",
    "  okstra run --help",
  ]);
}

/** What `okstra <name> --help` prints. */
export function helpOf(command: Description): string {
  const positionals = rowsOf(command.positionals.map(({ name, about }) => [name, about]));
  const options = optionRows(command.options);
  return lines([
    `okstra ${command.name}: ${command.summary}`,
    "",
    "Usage",
    `  ${usageOf(command)}`,
    ...(positionals.length === 0 ? [] : ["", "Arguments", ...positionals]),
    ...(options.length === 0 ? [] : ["", "Flags", ...options]),
    "",
    `Flags of every command: ${Object.keys(commonOptions)
      .map((name) => `--${name}`)
      .join(" ")} (see okstra --help)`,
    ...(command.notes ?? []).flatMap((note) => ["", ...wrapped(note, 100)]),
    "",
    command.examples.length === 1 ? "Example" : "Examples",
    ...command.examples.map((example) => `  ${example}`),
  ]);
}

export const usageOf = (command: Description): string => `okstra ${command.name} ${command.usage}`.trimEnd();

/** A flag as it is written: `-q, --quiet`, `--brief FILE`. */
export const flagOf = (name: string, spec: OptionSpec): string =>
  `${spec.short === undefined ? "" : `-${spec.short}, `}--${name}${spec.type === "boolean" ? "" : ` ${spec.value ?? "VALUE"}`}`;

export const aboutOf = (spec: OptionSpec): string =>
  `${spec.about}${spec.choices === undefined ? "" : ` (${spec.choices.join(", ")})`}${spec.multiple === true ? "; may be repeated" : ""}`;

const optionRows = (options: OptionTable): string[] =>
  rowsOf(Object.entries(options).map(([name, spec]) => [flagOf(name, spec), aboutOf(spec)]));

/** Two columns; the second one is wrapped. */
function rowsOf(rows: readonly (readonly [head: string, text: string])[]): string[] {
  const width = Math.max(0, ...rows.map(([head]) => head.length));
  return rows.flatMap(([head, text]) =>
    wrapped(text, 112 - width).map((line, index) => `  ${(index === 0 ? head : "").padEnd(width)}  ${line}`),
  );
}

function wrapped(text: string, width: number): string[] {
  const found: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      found.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...found, line];
}

const lines = (all: readonly string[]): string => `${all.map((line) => line.trimEnd()).join("\n")}\n`;
