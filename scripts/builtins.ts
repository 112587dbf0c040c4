/**
 * In the bundle a module of Node is taken by `process.getBuiltinModule` instead of an import. An import reads every export of the
 * module, and of node:fs that alone loads all of Node's streams, which a command that only looks never needs. A module that takes
 * milliseconds to load is taken by the first call of one of its functions: `okstra list` hashes nothing and starts nothing.
 */
import type { Rolldown } from "tsdown";

const declaration = /^import (?!type )(?:(?:\* as )?(\w+)(?:, )?)?(?:\{([^}]*)\})? ?from "(node:[^"]+)";$/gm;

/** Imported where it is needed. */
const atNeed = /\bawait import\("(node:[^"]+)"\)/g;

export function builtinsByNeed(files = /\/src\/.*\.ts$/): Rolldown.Plugin {
  return {
    name: "builtins-by-need",
    transform: {
      order: "pre",
      filter: { id: files },
      handler: (code) => code.replace(declaration, taken).replace(atNeed, 'process.getBuiltinModule("$1")'),
    },
  };
}

function taken(_: string, whole: string | undefined, names: string | undefined, module: string): string {
  const from = `process.getBuiltinModule("${module}")`;
  const wanted = (names ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && !name.startsWith("type "))
    .map((name) => name.replace(" as ", ": "));
  if (whole === undefined && slow.includes(module)) return wanted.map((name) => atFirstCall(name, from)).join(" ");
  const parts = [whole ?? [], wanted.length === 0 ? [] : `{ ${wanted.join(", ")} }`].flat();
  return parts.map((part) => `const ${part} = ${from};`).join(" ");
}

const slow = ["node:child_process", "node:crypto", "node:module"];

function atFirstCall(wanted: string, from: string): string {
  const [name, here] = wanted.split(": ");
  if (name === undefined || !/^[a-z]/.test(name)) throw new Error(`only functions can be taken late: ${wanted}`);
  return `const ${here ?? name} = (...given) => ${from}.${name}(...given);`;
}
