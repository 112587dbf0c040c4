/** `npm run generate` makes what most of the code imports, so it must itself load none of that: a fresh clone has nothing made. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const imported = /^(?:import|export)\s(?!type\b)(?<names>[^;]*?)\sfrom\s"(?<path>\.[^"]+)"/gm;
const areTypes = (names: string): boolean =>
  names.startsWith("{") &&
  names
    .replaceAll(/[{}\s]+/g, " ")
    .split(",")
    .every((one) => /^\s*(?:type\s.*)?$/.test(one));

test("what generates loads nothing that is generated", () => {
  const from = new Map<string, string>([[join(root, "scripts/generate.ts"), ""]]);
  for (const [file] of from) {
    if (!existsSync(file)) continue;
    for (const { groups } of readFileSync(file, "utf8").matchAll(imported)) {
      const path = join(dirname(file), groups?.["path"] ?? "");
      if (!areTypes((groups?.["names"] ?? "").trim()) && !from.has(path)) from.set(path, file);
    }
  }
  expect(from.size).toBeGreaterThan(50);
  expect([...from].filter(([path]) => path.includes("/src/generated/"))).toEqual([]);
});
