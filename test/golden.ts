/**
 * What people see is kept word for word in test/golden; a change of it is reviewed as a change of that file.
 * UPDATE_GOLDEN=1 writes them anew.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

const folder = fileURLToPath(new URL("golden", import.meta.url));

export function assertGolden(name: string, text: string): void {
  const file = join(folder, name);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  expect(text, `test/golden/${name} (to accept: UPDATE_GOLDEN=1 npm test -- <this test>)`).toBe(read(file));
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "<no such golden yet>";
  }
}
