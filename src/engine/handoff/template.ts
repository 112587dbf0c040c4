/** The text that a pull request starts from: of the flag, the project, the user, else okstra's own. Comments are for writers and go. */
import { resolve } from "node:path";
import type { HandoffChoice } from "../../lifecycle/task.schema.ts";
import { fault } from "../../model/index.ts";
import { readGiven } from "../given-file.ts";
import type { ProjectPlace, World } from "../world.ts";

const bundled = "## Summary\n\n## Changes\n\n## Test plan\n\n## Linked issues\n";
const largestTemplate = 100_000;

/** The template without comments. Throws `config-unreadable` when the named file cannot be used. */
export async function templateOf(world: World, project: ProjectPlace, choice: HandoffChoice): Promise<string> {
  const named = choice.prTemplate ?? project.settings.prTemplatePath;
  if (named === null || named === undefined) return bundled;
  const home = world.host.machine.env["HOME"] ?? "";
  const path = named.startsWith("~/") ? resolve(home, named.slice(2)) : named;
  const given = await readGiven(world, project.projectRoot, path, largestTemplate);
  if ("text" in given) return withoutComments(given.text);
  throw fault(
    "config-unreadable",
    `The pull request template ${given.path} cannot be used: ${given.why ?? "there is no such file"}`,
    "Name another with --pr-template-path, or correct prTemplatePath in the settings",
    { path: given.path },
  );
}

/** Also one that is never closed, since nothing after it would be seen, and one that is there only once another is gone. */
export function withoutComments(text: string): string {
  const left = text.replace(/<!--[\s\S]*?(?:-->|$)/g, "");
  return left === text ? text : withoutComments(left);
}

export type Filling = {
  readonly summary: string;
  readonly changes: readonly string[];
  readonly tests: readonly string[];
};

/** The template with what is known below the headings that ask for it; all of it at the end where none does. */
export function filled(template: string, { summary, changes, tests }: Filling): string {
  const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join("\n");
  const parts: readonly (readonly [RegExp, string])[] = [
    [/^#+ *(?:summary|description|what)\b.*$/im, summary],
    [/^#+ *changes?\b.*$/im, list(changes)],
    [/^#+ *test(?:s|ing| plan)?\b.*$/im, list(tests)],
  ];
  let text = template;
  const left: string[] = [];
  for (const [heading, words] of parts) {
    if (words === "") continue;
    if (heading.test(text)) text = text.replace(heading, (line) => `${line}\n\n${words}`);
    else left.push(words);
  }
  return `${[text.trim(), ...left].join("\n\n").replace(/\n{3,}/g, "\n\n")}\n`;
}
