/** What the next release will say: each changeset names the package, a bump and a change in sentences. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";

const folder = fileURLToPath(new URL("../.changeset", import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");

/** What is wrong with the text of a changeset. */
function faults(text: string): string[] {
  const [, head, body = ""] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];
  if (head === undefined) return ["has no frontmatter"];
  const bumps: unknown = parse(head);
  const [first = "", ...rest] = body.trim().split(/\n\s*\n/);
  return [
    ...(["major", "minor", "patch"].some((bump) => JSON.stringify(bumps) === JSON.stringify({ okstra: bump }))
      ? []
      : ['does not say `"okstra": minor` (or patch, major)']),
    ...(/^(New|Changed|Fixed|Removed): [^\n]+\.$/.test(first)
      ? []
      : ["does not open with one sentence after New, Changed, Fixed or Removed"]),
    ...(rest.length > 0 ? [] : ["does not tell symptom, cause and fix"]),
  ];
}

test.each(names)("%s is a changeset", (name) => {
  expect(faults(readFileSync(join(folder, name), "utf8"))).toEqual([]);
});

test("what is no changeset is named", () => {
  expect(faults("text")).toEqual(["has no frontmatter"]);
  expect(faults('---\n"other": minor\n---\n\nstuff\n')).toHaveLength(3);
  expect(faults('---\n"okstra": patch\n---\n\nFixed: a stage ran twice.\n\nThe lease was not looked at.\n')).toEqual(
    [],
  );
});
