/**
 * dist/package.json: says to Node that what lies there is CommonJS, in a package whose sources are ES modules. The program loads its
 * files itself (src/chunks.ts), so they are ASCII, and nothing in them may ask Node for a module in the way of ES modules.
 */
import type { Rolldown } from "tsdown";

export function commonjs(): Rolldown.Plugin {
  return {
    name: "says-commonjs",
    generateBundle(_, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        const at = file.type === "chunk" ? file.code.search(/(?<![\w$.])import(\(|\.)/) : -1;
        if (file.type === "chunk" && /[^\0-\x7f]/.test(file.code)) this.error(`${name} is not ASCII`);
        if (file.type === "chunk" && at >= 0) this.error(`${name} keeps an import: ${file.code.slice(at, at + 60)}`);
      }
      this.emitFile({ type: "asset", fileName: "package.json", source: `${JSON.stringify({ type: "commonjs" })}\n` });
    },
  };
}
