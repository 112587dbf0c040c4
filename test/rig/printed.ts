/** What stands on the pages of a PDF, by poppler's pdftotext. */
import { spawnSync } from "node:child_process";

/** Why pages cannot be read here; empty when they can. Stands in the names of the tests. */
export const noText =
  spawnSync("pdftotext", ["-v"]).error === undefined ? "" : " (skipped: no pdftotext: apt-get install poppler-utils)";

/** The lines of each page, without what the browser puts below them, which is the page's `number`. */
export function textOfPages(file: string): (string[] & { readonly number: string })[] {
  const { stdout, status } = spawnSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`pdftotext cannot read ${file}`);
  return stdout
    .split("\f")
    .slice(0, -1)
    .map((page) => {
      const lines = page
        .split("\n")
        .map(spaced)
        .filter((line) => line !== "");
      return Object.assign(lines.slice(0, -1), { number: (lines.at(-1) ?? "").replaceAll(" ", "") });
    });
}

export const spaced = (text: string): string => text.replace(/\s+/g, " ").trim();
