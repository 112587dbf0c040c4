/** schemas/ is what the code says, and the compiled validators say what zod says. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import { compile, discriminated } from "../scripts/schemas/compile.ts";
import { plan } from "../scripts/schemas/plan.ts";
import { document } from "../scripts/schemas/publish.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

test("schemas/ is what the code says (to write it anew: npm run generate)", async () => {
  const { published } = await plan(root);
  const there = readdirSync(join(root, "schemas")).map((name) => `schemas/${name}`);
  expect(there.sort()).toEqual(published.map(({ path }) => path).sort());
  for (const { path, text } of published) expect(readFileSync(join(root, path), "utf8"), path).toBe(text);
});

test("a schema that changes what it reads is refused", () => {
  expect(() => document("a", z.strictObject({ a: z.string().default("x") }))).toThrow("changes what it reads");
  expect(() => document("a", z.strictObject({ a: z.url() }))).toThrow("without a pattern");
  expect(() => document("a", z.strictObject({ a: z.string().refine((text) => text !== "x") }))).toThrow("a refinement");
});

test("a union is told apart by its constant key, if every member has one", () => {
  const tagged = z.union([z.strictObject({ is: z.literal("a") }), z.strictObject({ is: z.literal("b") })]);
  const untagged = z.union([z.strictObject({ is: z.literal("a") }), z.strictObject({ is: z.string() })]);
  expect(discriminated(document("a", tagged))).toHaveProperty("discriminator", { propertyName: "is" });
  expect(discriminated(document("a", untagged))).not.toHaveProperty("discriminator");
});

test("a compiled validator imports nothing and judges as zod does", async () => {
  const line = z.strictObject({ id: z.string().min(1), at: z.iso.datetime(), to: z.array(z.int().min(1)).max(2) });
  const schema = z.discriminatedUnion("is", [
    z.strictObject({ is: z.literal("one"), line }),
    z.strictObject({ is: z.literal("two"), lines: z.record(z.string(), line), note: z.string().nullable() }),
  ]);
  const good = { id: "x", at: "2026-11-01T09:00:00Z", to: [1] };
  const file = { path: "src/a/a.schema.ts", noun: "a", declared: [{ id: "a", typeName: "A", schema }] };
  const { code, types } = compile(file, new Map([["a", document("a", schema)]]));
  const { checkA } = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as {
    checkA: { (input: unknown): boolean; errors: { instancePath: string; keyword: string }[] | null };
  };
  const inputs = [
    { is: "one", line: good },
    { is: "two", lines: { k: good }, note: null },
    { is: "two", lines: { k: { ...good, to: [1, 2, 3] } }, note: "" },
    { is: "one", line: { ...good, at: "yesterday" } },
    { is: "one", line: good, more: 1 },
    { is: "three" },
    { line: good },
    "text",
    null,
  ];
  for (const input of inputs) expect(checkA(input), JSON.stringify(input)).toBe(schema.safeParse(input).success);
  expect(checkA({ is: "one", line: { ...good, id: "", to: [0] } })).toBe(false);
  expect(checkA.errors?.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`)).toEqual([
    "/line/id minLength",
    "/line/to/0 minimum",
  ]);
  expect(types).toContain("export declare const checkA: Check<A>;");
});
