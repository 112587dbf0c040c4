/**
 * What the bundle holds beyond ASCII (arrows, ticks) is written as escapes: of a file with a single such character V8 keeps and
 * reads two bytes for each.
 */
import type { Rolldown } from "tsdown";

export function asciiOnly(): Rolldown.Plugin {
  return {
    name: "ascii-only",
    // Each code unit alone: an escape in a string, a template, a pattern or a comment means what the character meant.
    renderChunk: (code) =>
      code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  };
}
