/** docs/reference/cli.md: the command table and the catalogue of failures as a page. Generated; a test holds it to the table. */
import { reasons } from "../model/index.ts";
import { commonOptions, groups, type OptionTable } from "./command.ts";
import { aboutOf, flagOf, type Helped, usageOf } from "./help.ts";

export function referencePage(commands: Helped): string {
  return `${[
    "# Commands",
    "",
    "Generated from the command table (`src/cli/commands`) and the catalogue of failures (`src/model/reasons.ts`) by",
    "`npm run generate`; `okstra COMMAND --help` says the same.",
    "",
    "## Flags of every command",
    "",
    ...flagTable(commonOptions),
    ...groups.flatMap((group) => commands.filter((command) => command.group === group).flatMap(commandPart)),
    "",
    "## Exit codes",
    "",
    "| code | means |",
    "|---|---|",
    ...exitCodes.map(([code, means]) => `| ${code} | ${means} |`),
    "",
    "## Outcomes of a run",
    "",
    "| outcome | exit code |",
    "|---|---|",
    ...outcomeCodes.map(([outcome, code]) => `| ${outcome} | ${code} |`),
    "",
    "## Failures",
    "",
    "Under `--json` a failure is `{schemaVersion, error: {reason, message, remedy, details}}` on stdout; `reason` is one of these.",
    "",
    "| reason | exit code | means |",
    "|---|---|---|",
    ...Object.entries(reasons).map(([reason, { exit, means }]) => `| \`${reason}\` | ${exit} | ${cell(means)} |`),
  ].join("\n")}\n`;
}

function commandPart(command: Helped[number]): string[] {
  const { positionals, options, notes, examples } = command;
  return [
    "",
    `## okstra ${command.name}`,
    "",
    `${capital(command.summary)}.`,
    "",
    "```",
    usageOf(command),
    "```",
    ...(positionals.length === 0
      ? []
      : ["", "| argument | |", "|---|---|", ...positionals.map((one) => `| ${code(one.name)} | ${cell(one.about)} |`)]),
    ...(Object.keys(options).length === 0 ? [] : ["", ...flagTable(options)]),
    ...(notes ?? []).flatMap((note) => ["", note]),
    "",
    examples.length === 1 ? "Example:" : "Examples:",
    "",
    "```sh",
    ...examples,
    "```",
  ];
}

const flagTable = (options: OptionTable): string[] => [
  "| flag | |",
  "|---|---|",
  ...Object.entries(options).map(([name, spec]) => `| ${code(flagOf(name, spec))} | ${cell(aboutOf(spec))} |`),
];

/** A cell ends at a bar, also within code. */
const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;

const exitCodes = [
  [0, "done"],
  [1, "failed"],
  [2, "wrong usage or bad input"],
  [3, "a gate needs a person"],
  [4, "an agent failed or timed out"],
  [5, "budget or quota"],
  [6, "contract violation"],
  [130, "interrupted"],
] as const;

const outcomeCodes = [
  ["completed", "0; 3 where the verdict is `blocked` or `conditional-accept`, or the stage is in `merge-conflict`"],
  ["prepared", "0"],
  ["blocked", "3"],
  ["failed", "1; 4 when an agent failed or timed out"],
  ["no-work", "4"],
  ["budget-exceeded, quota-paused", "5"],
  ["contract-violation", "6"],
  ["cancelled", "130"],
] as const;

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
