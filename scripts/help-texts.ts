/**
 * dist/help.json: the help of each command by its name and its aliases, "" for that of okstra. A text that main reads when it is asked
 * for: as a module it would cost each start the reading of all of it, or `--help` the loading of one module more.
 */
import type { Rolldown } from "tsdown";
import { aliases, helps } from "../src/generated/help.js";

export function helpTexts(): Rolldown.Plugin {
  return {
    name: "help-texts",
    generateBundle() {
      const others = [...aliases].map(([alias, name]) => [alias, helps.get(name)] as const);
      this.emitFile({
        type: "asset",
        fileName: "help.json",
        source: JSON.stringify(Object.fromEntries([...helps, ...others])),
      });
    },
  };
}
