/** Takes a brief in: it must be a text file with something in it. */
import { fault } from "../../model/index.ts";
import { readGiven } from "../given-file.ts";
import type { World } from "../world.ts";

const largestBrief = 1_000_000;

/** The brief's text. Throws `brief-missing` or `brief-unreadable`. */
export async function readBrief(world: World, cwd: string, path: string): Promise<string> {
  const given = await readGiven(world, cwd, path, largestBrief);
  if ("text" in given) return given.text.endsWith("\n") ? given.text : `${given.text}\n`;
  if (given.why !== null) throw unreadable(given.path, given.why);
  throw fault(
    "brief-missing",
    `There is no brief at ${given.path}`,
    "Write the task in a Markdown file and give its path with --brief",
    { path: given.path },
  );
}

const unreadable = (path: string, why: string) =>
  fault(
    "brief-unreadable",
    `The brief ${path} cannot be used: ${why}`,
    "Give a UTF-8 Markdown file that says what is to be done",
    {
      path,
      why,
    },
  );

/** The title a task gets when none is given: the brief's first heading or line. */
export function titleOf(brief: string): string {
  const line = brief
    .split("\n")
    .map((text) => text.replace(/^#+\s*/, "").trim())
    .find((text) => text !== "" && text !== "---");
  return (line ?? "untitled").slice(0, 120);
}

/** `ko` when a good part of the letters is Hangul, else `en`. */
export function languageOf(brief: string): "en" | "ko" {
  const hangul = (brief.match(/\p{Script=Hangul}/gu) ?? []).length;
  const letters = (brief.match(/\p{L}/gu) ?? []).length;
  return letters > 0 && hangul / letters > 0.3 ? "ko" : "en";
}
