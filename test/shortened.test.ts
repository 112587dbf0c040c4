/** The shortened validators judge and say, word for word, what ajv's own do. */
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { discriminated } from "../scripts/schemas/compile.ts";
import { checkReportErrorAnalysis, checkReportImplementationPlanning } from "../src/generated/report.check.js";
import type { Check, CheckError } from "../src/model/index.ts";
import { reports } from "./fixtures/report/index.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const said = (errors: readonly CheckError[] | null | undefined): string[] =>
  (errors ?? [])
    .map(({ instancePath, keyword, params, message }) => JSON.stringify([instancePath, keyword, params, message]))
    .sort();

/** The value with one place of it changed: another value there, nothing there, or one name more. */
function changed(value: Json, choices: readonly number[], other: Json): Json {
  const [first = 0, ...rest] = choices;
  if (typeof value !== "object" || value === null || rest.length === 0) return other;
  const names = Object.keys(value);
  const name = names[first % Math.max(1, names.length)];
  if (name === undefined) return other;
  const inner = (value as { [name: string]: Json })[name] ?? null;
  if (Array.isArray(value)) return value.map((one, at) => (String(at) === name ? changed(one, rest, other) : one));
  if (first % 7 === 0) return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
  if (first % 7 === 1) return { ...value, toString: other };
  return { ...value, [name]: changed(inner, rest, other) };
}

test.each([
  ["error-analysis", checkReportErrorAnalysis as Check<unknown>],
  ["implementation-planning", checkReportImplementationPlanning as Check<unknown>],
] as const)("a changed report of %s", (type, check) => {
  const ajv = new Ajv2020({
    ...{ allErrors: true, discriminator: true, strict: false, inlineRefs: false, logger: false },
    ...{ unicode: false, validateFormats: false },
  });
  const published = JSON.parse(
    readFileSync(new URL(`../schemas/report-${type}.json`, import.meta.url), "utf8"),
  ) as Json;
  const own = ajv.compile(discriminated(published) as object);
  const report = JSON.parse(JSON.stringify(reports[type])) as Json;
  expect([own(report), check(report)]).toEqual([true, true]);
  const other = fc.oneof(
    fc.constantFrom<Json>(null, true, -1, 1.5, "", "x".repeat(3000), [], {}, [null], { kind: "x" }),
    fc.string(),
  );
  let refused = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(60), { minLength: 1, maxLength: 8 }), other, (choices, value) => {
      const input = changed(report, choices, value);
      expect(check(input)).toBe(own(input));
      refused += check(input) ? 0 : 1;
      expect(said(check.errors)).toEqual(said(own.errors as readonly CheckError[] | null));
    }),
    { numRuns: 300 },
  );
  expect(refused).toBeGreaterThan(100);
});
