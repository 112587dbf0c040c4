import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checkIds } from "./ids.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const listed = Object.values(checkIds).flatMap((kind) => Object.keys(kind));

/** Ids as the validators write them; a hole is what a capital word stands for in the list. */
const written = readdirSync(here)
  .filter((name) => /^(?:validate-[a-z]+|questions|fix-cycles|run-facts|doctor)\.ts$/.test(name))
  .flatMap((name) =>
    [
      ...readFileSync(`${here}/${name}`, "utf8").matchAll(
        /\bid: ["`]([^"`]+)["`]|\bsame\("([^"]+)"|\babout\("([^"]+)"\)/g,
      ),
    ].map(([, id, same, about]) => id ?? same ?? `session:${about}:DISPATCH`),
  )
  .filter((id) => id !== `session:\${id}:\${dispatch.name}`);

test("every id that a check has is in the list, and the other way round", () => {
  expect(written.length).toBeGreaterThan(40);
  const matches = (one: string, of: string): boolean =>
    one === of || one.replace(/\$\{[^}]+\}/g, "X") === of.replace(/:[A-Z]+$/, ":X");
  expect(written.filter((id) => !listed.some((one) => matches(id, one)))).toEqual([]);
  expect(listed.filter((one) => !written.some((id) => matches(id, one)))).toEqual([]);
});
