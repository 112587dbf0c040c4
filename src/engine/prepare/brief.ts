/** Takes a brief in: it must be a text file with something in it. */
import { resolve } from "node:path";
import { fault } from "../../model/index.ts";
import type { World } from "../world.ts";

const largestBrief = 1_000_000;

/** The brief's text. Throws `brief-missing` or `brief-unreadable`. */
export async function readBrief(world: World, cwd: string, path: string): Promise<string> {
  const full = resolve(cwd, path);
  const seen = await world.host.files.look((await world.host.files.realPath(full)) ?? full);
  if (seen === undefined) {
    throw fault(
      "brief-missing",
      `There is no brief at ${full}`,
      "Write the task in a Markdown file and give its path with --brief",
      {
        path: full,
      },
    );
  }
  if (seen.kind !== "file") throw unreadable(full, "it is not a file");
  if (seen.size > largestBrief) throw unreadable(full, `it has ${seen.size} bytes; at most ${largestBrief} are taken`);
  const bytes = await world.host.files.readBytes(full);
  if (bytes === undefined) throw unreadable(full, "it vanished while being read");
  const text = decode(bytes);
  if (text === undefined) throw unreadable(full, "it is not UTF-8 text");
  if (text.trim() === "") throw unreadable(full, "it is empty");
  return text.endsWith("\n") ? text : `${text}\n`;
}

function decode(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (thrown) {
    if (thrown instanceof TypeError) return undefined;
    throw thrown;
  }
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
