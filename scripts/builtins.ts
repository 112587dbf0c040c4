/**
 * In the bundle a module of Node is taken by `process.getBuiltinModule` instead of an import. An import reads every export of the
 * module, and of node:fs that alone loads all of Node's streams, which a command that only looks never needs.
 */
import type { Rolldown } from "tsdown";

const declaration = /^import (?!type )(?:(?:\* as )?(\w+)(?:, )?)?(?:\{([^}]*)\})? ?from "(node:[^"]+)";$/gm;

export function builtinsByNeed(): Rolldown.Plugin {
  return {
    name: "builtins-by-need",
    transform: {
      order: "pre",
      filter: { id: /\/src\/.*\.ts$/ },
      handler: (code) => code.replace(declaration, taken),
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
  const parts = [whole ?? [], wanted.length === 0 ? [] : `{ ${wanted.join(", ")} }`].flat();
  return parts.map((part) => `const ${part} = ${from};`).join(" ");
}
