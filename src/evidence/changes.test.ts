import { expect, test } from "vitest";
import { dataAccessDefaults } from "../settings/index.ts";
import type { Stage } from "../stages/stage-map.schema.ts";
import { filesAgainstPlan } from "./changed-files.ts";
import { dataTouched } from "./data-access.ts";
import { addedLines } from "./line-changes.ts";
import { realIoInTests } from "./real-io.ts";

const stage = (stageNumber: number, files: string[], stepFiles: string[] = []): Stage => ({
  stageNumber,
  title: `stage ${stageNumber}`,
  sliceValue: "",
  acceptance: [],
  dependsOn: [],
  files,
  steps: [{ id: `${stageNumber}.1`, action: "RED: x", files: stepFiles }],
  validation: { pre: [], mid: [], post: ["true"] },
  conformance: [],
  exitContract: "",
  rollback: { path: "", trigger: "" },
});

test("files of the plan, of its steps, of its folders and globs are planned", () => {
  const { files, problems } = filesAgainstPlan({
    changed: ["src/a.ts", "test/a.test.ts", "docs/x/y.md", "locales/en.json", "src/b.ts"],
    stage: stage(1, ["./src/a.ts", "docs/", "locales/*.json"], ["test/a.test.ts"]),
    reasons: [{ path: "src/b.ts", reason: "the type had to be exported" }],
    others: new Map(),
  });
  expect(files.filter(({ planned }) => !planned)).toEqual([
    { path: "src/b.ts", planned: false, reason: "the type had to be exported" },
  ]);
  expect(problems).toEqual([]);
});

test("an out-of-plan edit without a reason, or of another unfinished stage's file, may not stand", () => {
  const ask = {
    stage: stage(1, ["a"]),
    reasons: [
      { path: "b", reason: "  " },
      { path: "c", reason: "needed" },
    ],
    others: new Map([["c", 2]]),
  };
  const { problems, outOfPlan } = filesAgainstPlan({ ...ask, changed: ["c", "b", "a"] });
  expect(problems.map(({ path }) => path)).toEqual(["b", "c"]);
  expect(problems[1]?.why).toContain("stage 2");
  expect(outOfPlan).toEqual([
    { path: "b", reason: "" },
    { path: "c", reason: "needed" },
  ]);
  expect(filesAgainstPlan({ ...ask, others: new Map(), changed: ["c"] }).problems).toEqual([]);
});

test("added lines count as often as they are more", () => {
  expect(addedLines("a\nb\na", "a\na\na\nc")).toEqual([
    { line: 3, text: "a" },
    { line: 4, text: "c" },
  ]);
  expect(addedLines(null, "x")).toEqual([{ line: 1, text: "x" }]);
  expect(addedLines("x", null)).toEqual([]);
});

const touched = (path: string, before: string | null, after: string | null) =>
  dataTouched([{ path, before, after }], dataAccessDefaults).length > 0;

test("data access: by path, by query, by library, also where a line was removed", () => {
  expect(touched("src/user.repository.ts", "a", "b")).toBe(true);
  expect(touched("db/migrations/001.js", null, "x")).toBe(true);
  expect(touched("src/a.ts", "x", 'x\nawait db.query("SELECT id FROM users")')).toBe(true);
  expect(touched("src/a.ts", 'run("DELETE FROM users")', "")).toBe(true);
  expect(touched("src/a.py", "", 'q = """\nSELECT id\n  FROM users\n"""')).toBe(true);
  expect(
    touched(
      "src/a.ts",
      'import { PrismaClient } from "@prisma/client";\nlet a = 1;',
      'import { PrismaClient } from "@prisma/client";\nlet a = 2;',
    ),
  ).toBe(true);
  expect(touched("src/a.ts", "let a = 1", "let a = 2")).toBe(false);
  expect(touched("README.md", "", "Select a plan from the list; knex is nice.")).toBe(false);
});

const io = (after: string, before: string | null = null, path = "test/a.test.ts") =>
  realIoInTests([{ path, before, after }]).map(({ what }) => what);

test("real IO in tests: sockets, network, databases, containers", () => {
  expect(io("server.listen(0)")).toEqual(["listens on a port"]);
  expect(io('const r = await fetch("http://localhost:3000")')).toEqual(["asks the network"]);
  expect(io('import { Client } from "pg";')).toEqual(["uses the client library pg"]);
  expect(io("const c = net.connect(80)")).toEqual(["opens a socket"]);
  expect(io('execSync("docker run postgres")')).toEqual(["starts a container"]);
  expect(io("import psycopg2\n", null, "tests/test_a.py")).toEqual(["uses the client library psycopg2"]);
  expect(io('ln, _ := net.Listen("tcp", ":0")', null, "a_test.go")).toEqual(["opens a socket"]);
});

test("replaced collaborators, comments, old lines and other files are no real IO", () => {
  expect(io('vi.mock("pg");\nimport { Client } from "pg";')).toEqual([]);
  expect(io('vi.stubGlobal("fetch", fake);\nawait fetch("/x")')).toEqual([]);
  expect(io("// server.listen(0)")).toEqual([]);
  expect(io("journal.listen(listener); client.fetch(1); const listen = 3;")).toEqual([]);
  expect(io("server.listen(0)\nexpect(1)", "server.listen(0)")).toEqual([]);
  expect(io("server.listen(0)", null, "src/server.ts")).toEqual([]);
});
