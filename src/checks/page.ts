/** docs/reference/checks.md. Made before the checks themselves can be loaded: what they import is generated too. Pure. */
import { checkIds } from "./ids.ts";

/** What `doctor` and the validators look at; a test holds the list to the code. */
export const checksPage = (): string =>
  `${[
    "# Checks",
    "",
    "Generated from `src/checks/ids.ts` by `npm run generate`. Each check of `okstra validate` and `okstra doctor` has an id that stays; with",
    "`--json` it is `{id, severity, ok, where, message, remedy}`. A word in capitals stands for what was looked at. What `doctor` and",
    "`reconcile` find among records that disagree: [when records disagree](../guides/when-records-disagree.md).",
    ...Object.entries(checkIds).flatMap(([kind, ids]) => [
      "",
      `## okstra ${kind === "doctor" ? kind : `validate ${kind}`}`,
      "",
      "| id | says whether |",
      "|---|---|",
      ...Object.entries(ids).map(([id, means]) => `| \`${id}\` | ${cell(means)} |`),
    ]),
  ].join("\n")}\n`;

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
