import fc from "fast-check";
import { expect, test } from "vitest";
import { keysByPlace, knownKeys } from "./keys.ts";
import { dataAccessDefaults, matchesGlob, readDataPattern } from "./patterns.ts";
import { detectQaCommands } from "./qa-commands.ts";

const scripts = (table: Record<string, string>): string => JSON.stringify({ name: "x", scripts: table });

test("package.json scripts, with the package manager that the lock file tells", () => {
  const file = scripts({ test: "vitest", "type-check": "tsc", lint: "biome", start: "node ." });
  expect(detectQaCommands({ "package.json": file })).toEqual({
    test: "npm run test",
    typecheck: "npm run type-check",
    lint: "npm run lint",
  });
  expect(detectQaCommands({ "package.json": file, "pnpm-lock.yaml": "" })["test"]).toBe("pnpm run test");
  expect(detectQaCommands({ "package.json": scripts({ test: 'echo "Error: no test specified" && exit 1' }) })).toEqual(
    {},
  );
  expect(detectQaCommands({ "package.json": "{broken" })).toEqual({});
});

test("Makefile targets; assignments are none", () => {
  const text = ".PHONY: test lint\nbuild := out\ntest lint: deps\n\tgo test\nCC=gcc\n%.o: %.c\n";
  expect(detectQaCommands({ Makefile: text })).toEqual({ test: "make test", lint: "make lint" });
});

test("pyproject, Cargo.toml and go.mod", () => {
  const python = '[project]\ndependencies = ["pytest>=8"]\n[tool.ruff]\nline-length = 99\n';
  expect(detectQaCommands({ "pyproject.toml": python })).toEqual({ lint: "ruff check .", test: "pytest" });
  expect(detectQaCommands({ "pyproject.toml": "[project]\nname='x'\n" })).toEqual({});
  expect(detectQaCommands({ "Cargo.toml": "[package]\nname='x'\n" })["test"]).toBe("cargo test");
  expect(detectQaCommands({ "go.mod": "module x\n" })["test"]).toBe("go test ./...");
});

test("the first source wins", () => {
  expect(
    detectQaCommands({ "package.json": scripts({ test: "vitest" }), Makefile: "test:\n\tx\nbuild:\n\ty\n" }),
  ).toEqual({
    test: "npm run test",
    build: "make build",
  });
});

test("globs", () => {
  const cases: [string, string, boolean][] = [
    ["src/a.ts", "src/*.ts", true],
    ["src/x/a.ts", "src/*.ts", false],
    ["src/x/a.ts", "src/**/*.ts", true],
    ["src/a.ts", "src/**/*.ts", true],
    ["db/migrations/1.js", "**/migrations/**", true],
    ["migrations/1.js", "**/migrations/**", true],
    ["a/user.repository.ts", "*.repository.*", true],
    ["a/b.tsx", "*.{ts,tsx}", true],
    ["a/b.js", "*.{ts,tsx}", false],
    ["docs/a/b.md", "docs/", true],
    ["a{b", "a{b", true],
    ["a.c", "a?c", true],
    ["abc", "a.c", false],
  ];
  for (const [path, glob, fits] of cases) expect([path, glob, matchesGlob(path, glob)]).toEqual([path, glob, fits]);
  fc.assert(fc.property(fc.string(), fc.string(), (path, glob) => typeof matchesGlob(path, glob) === "boolean"));
  fc.assert(fc.property(fc.stringMatching(/^[a-z0-9.]{1,8}$/), (name) => matchesGlob(`x/${name}`, name)));
});

test("data access patterns: paths, words and expressions", () => {
  const all = dataAccessDefaults.map(readDataPattern);
  const text = (line: string) => all.some((pattern) => pattern.kind === "text" && pattern.expression.test(line));
  expect(all.filter((pattern) => pattern.kind === "invalid")).toEqual([]);
  expect(text("const rows = await db.query(`SELECT id FROM users`)")).toBe(true);
  expect(text("import { PrismaClient } from '@prisma/client'")).toBe(true);
  expect(text("select the best option from the list")).toBe(true); // prose may trip it: asking for a db run too often is the safe side
  expect(text("const total = add(a, b)")).toBe(false);
  expect(readDataPattern("text:(").kind).toBe("invalid");
});

test("known keys are looked up by place", () => {
  expect(knownKeys([])).toContain("qaCommands");
  expect(knownKeys(["agents", "claude"])).toContain("model");
  expect(knownKeys(["timeouts", "byRole", "executor"])).toEqual(["firstEvent", "idle", "soft", "hard"]);
  expect(knownKeys(["qaCommands"])).toEqual([]);
  expect(Object.keys(keysByPlace)).toHaveLength(13);
});
