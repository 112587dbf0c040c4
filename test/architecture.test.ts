/**
 * The rooms of src/ and who may import whom. This table is the only place where that is written; ARCHITECTURE.md tells the
 * same story in words. A change of it needs a sentence why, beside the line.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Table, violations } from "./architecture/rules.ts";

const table: Table = {
  tiers: [
    ["model"],
    ["lifecycle", "stages", "convergence", "report", "settings", "host"],
    ["briefing", "worktrees", "registry", "agents", "evidence", "usage", "install", "wizard", "confinement"],
    ["engine", "cluster", "checks"],
    ["cli", "dashboard", "mcp"],
    ["main", "compose", "chunks"],
  ],
  within: {
    // A report shows what the pure rooms decided; its documents hold their nouns (clarifications, usage, workers).
    report: ["stages", "convergence", "lifecycle"],
    // The plan-body gate votes on the items of a plan.
    convergence: ["stages"],
    worktrees: ["registry"],
    evidence: ["worktrees"],
    usage: ["agents"],
    checks: ["engine"],
    cluster: ["engine"],
    main: ["compose", "chunks"],
  },
  nouns: {
    // What is approved is a report's content, and a refused part of a plan becomes a question.
    lifecycle: ["convergence", "report"],
  },
  inner: {
    "host/node": ["main", "compose"],
    // The driver and the program share the scenario and the stream, so that they cannot part.
    "agents/scripted": ["agents"],
    // The same for the client program of the Agent Client Protocol.
    "agents/acp": ["agents"],
    // Started by what the room says, and imported by nobody.
    "confinement/inlet": ["confinement"],
  },
  // The inlet runs inside a confined process' network, so it can be no verb of the host.
  effects: [
    "host/node",
    "agents/scripted",
    "agents/acp",
    "confinement/inlet",
    "cli",
    "dashboard",
    "mcp",
    "main",
    "compose",
    // Before anything else of okstra is loaded.
    "chunks",
  ],
  programs: ["agents/scripted", "agents/acp", "confinement/inlet"],
  freeBuiltins: ["node:path", "node:util", "node:buffer", "node:crypto"],
  chance: ["randomBytes", "randomInt", "randomUUID", "randomFill", "randomFillSync", "getRandomValues", "webcrypto"],
  packages: {
    zod: ["*.schema.ts"],
    koffi: ["host/node"],
    yaml: ["*"],
    canonicalize: ["*"],
  },
  fileLines: 420,
  functionLines: 80,
};

const root = fileURLToPath(new URL("..", import.meta.url));

test("src/ holds the table", () => {
  const paths = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.tsx?$/.test(path),
  );
  const sources = new Map(paths.map((path) => [`src/${path}`, readFileSync(join(root, "src", path), "utf8")]));
  expect(violations(table, sources)).toEqual([]);
});

const lines = (count: number): string => "  void 0;\n".repeat(count);

describe("a violation is named", () => {
  const cases: Record<string, [path: string, text: string, problem: string]> = {
    "up a tier": [
      "src/stages/a.ts",
      `import { a } from "../engine/index.ts";`,
      "room stages may not import room engine",
    ],
    "across a tier": [
      "src/usage/a.ts",
      `import { a } from "../briefing/index.ts";`,
      "usage may not import room briefing",
    ],
    "a type, across": [
      "src/usage/a.ts",
      `import type { A } from "../briefing/index.ts";`,
      "may not import room briefing",
    ],
    "re-export upwards": [
      "src/model/a.ts",
      `export * from "../stages/index.ts";`,
      "room model may not import room stages",
    ],
    "dynamic import": ["src/stages/a.ts", `await import("../cli/index.ts");`, "room stages may not import room cli"],
    "computed import": ["src/stages/a.ts", `await import(name);`, "the path is not written out"],
    "import type node": [
      "src/stages/a.ts",
      `type A = import("../cli/index.ts").A;`,
      "room stages may not import room cli",
    ],
    "past the index": ["src/engine/a.ts", `import { a } from "../agents/inner.ts";`, "entered through its index.ts"],
    "the real host": ["src/engine/a.ts", `import { a } from "../host/node/index.ts";`, "may not import room host/node"],
    "a host that knows": ["src/host/a.ts", `import { a } from "./node/index.ts";`, "may not import room host/node"],
    "the scripted agent": [
      "src/engine/a.ts",
      `import { a } from "../agents/scripted/play.ts";`,
      "may not import room agents/scripted",
    ],
    "a schema's value": ["src/stages/a.ts", `import { a } from "./a.schema.ts";`, "only types are imported"],
    "zod at run time": ["src/stages/a.ts", `import { z } from "zod";`, "only *.schema.ts may import zod"],
    "an unknown package": [
      "src/cli/a.ts",
      `import a from "@x/left-pad/deep";`,
      "package @x/left-pad is not in the table",
    ],
    "a package, elsewhere": ["src/engine/a.ts", `import koffi from "koffi";`, "only host/node may import koffi"],
    files: [
      "src/engine/a.ts",
      `import { readFile } from "node:fs/promises";`,
      "room engine may not use node:fs/promises",
    ],
    "a path in model": ["src/model/a.ts", `import { join } from "node:path";`, "room model may not use node:path"],
    chance: ["src/engine/a.ts", `import { randomUUID } from "node:crypto";`, "chance comes from the host"],
    "validators in model": ["src/model/a.ts", `import { c } from "../generated/a.check.js";`, "uses no validators"],
    environment: ["src/engine/a.ts", "const home = process.env.HOME;", "src/engine/a.ts:1 uses process"],
    "the clock": ["src/stages/a.ts", "\nconst a = { at: Date.now() };", "src/stages/a.ts:2 uses Date.now"],
    today: ["src/stages/a.ts", "const a = new Date();", "uses new Date()"],
    "a timer": ["src/agents/a.ts", "setTimeout(() => 1, 5);", "uses setTimeout"],
    console: ["src/report/a.ts", "const a = { console };", "uses console"],
    "a long file": ["src/cli/a.ts", lines(421), "has 421 lines, more than 420"],
    "a long function": ["src/cli/a.ts", `const f = () => {\n${lines(79)}};`, "src/cli/a.ts:1 f has 81 lines"],
    "an import of itself": ["src/cli/a.ts", `import "./a.ts";`, "import cycle: src/cli/a.ts -> src/cli/a.ts"],
  };
  test.each(Object.entries(cases))("%s", (_, [path, text, problem]) => {
    expect(violations(table, new Map([[path, text]])).join("\n")).toContain(problem);
  });

  test("a cycle of files", () => {
    const sources = new Map([
      ["src/cli/a.ts", `import { b } from "./b.ts";`],
      ["src/cli/b.ts", `import { c } from "./c.ts";\nimport "../engine/index.ts";`],
      ["src/cli/c.ts", `import { a } from "./a.ts";`],
      ["src/engine/index.ts", ""],
    ]);
    expect(violations(table, sources)).toEqual([
      "import cycle: src/cli/a.ts -> src/cli/b.ts -> src/cli/c.ts -> src/cli/a.ts",
    ]);
  });
});

test("a program's effects do not leak to who shares files with it", () => {
  const sources = new Map([
    ["src/agents/driver.ts", `import { a } from "./scripted/play.ts";`],
    ["src/agents/scripted/play.ts", `import { b } from "./files.ts";`],
    ["src/agents/scripted/files.ts", `import { readFileSync } from "node:fs";`],
  ]);
  expect(violations(table, sources)).toEqual([
    "src/agents/driver.ts reaches src/agents/scripted/files.ts, which touches the world for a process of its own",
  ]);
});

describe("what the table allows", () => {
  const cases: Record<string, [path: string, text: string]> = {
    "down through the index": ["src/engine/a.ts", `import { a } from "../agents/index.ts";`],
    "down more than one tier": ["src/cli/a.ts", `export { a } from "../model/index.ts";`],
    "within a room": ["src/engine/steps/a.ts", `import { a } from "../b.ts";`],
    "a listed arrow": ["src/worktrees/a.ts", `import { a } from "../registry/index.ts";`],
    "types of a schema file": ["src/engine/a.ts", `import type { A } from "../report/report.schema.ts";`],
    "schemas from schemas": [
      "src/report/a.schema.ts",
      `import { a } from "../stages/a.schema.ts";\nimport { z } from "zod";`,
    ],
    validators: ["src/registry/a.ts", `import { checkA } from "../generated/a.check.js";`],
    "host/node and the interfaces": ["src/host/node/a.ts", `import type { A } from "../files.ts";\nimport "node:fs";`],
    "the scripted program": [
      "src/agents/scripted/main.ts",
      `process.exit(1);\nimport { a } from "../../model/index.ts";`,
    ],
    "main and compose": ["src/main.ts", `await import("./compose.ts");`],
    "compose and the real host": ["src/compose.ts", `import { host } from "./host/node/index.ts";`],
    hashes: ["src/registry/a.ts", `import { createHash } from "node:crypto";`],
    "words that only look like effects": [
      "src/stages/a.ts",
      "type P = { process: number; fetch(): void };\nconst f = (process: P) => process.process;\nconst d = new Date(0);\nworker.process.end();",
    ],
    tests: ["src/stages/a.test.ts", `import { a } from "../engine/b.ts";`],
  };
  test.each(Object.entries(cases))("%s", (_, [path, text]) => {
    expect(violations(table, new Map([[path, text]]))).toEqual([]);
  });
});
