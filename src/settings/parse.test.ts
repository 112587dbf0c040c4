import fc from "fast-check";
import { expect, test } from "vitest";
import { Fault } from "../model/index.ts";
import { findJsonFault } from "./json-place.ts";
import { parseConfig, parseProject } from "./parse.ts";
import { expandVariables } from "./secrets.ts";

const where = "/p/.okstra/project.json";
const project = (extra: object): string =>
  JSON.stringify({ schemaVersion: 1, projectId: "p", projectRoot: "/p", ...extra });

function failureOf(body: () => unknown) {
  try {
    body();
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.failure;
    throw thrown;
  }
  throw new Error("nothing was thrown");
}

test("a valid project file is read, with or without a byte order mark", () => {
  const text = project({ qaCommands: { test: "npm test" }, timeouts: { idle: 3 } });
  expect(parseProject(text, where).qaCommands).toEqual({ test: "npm test" });
  expect(parseProject(`\uFEFF${text}`, where).projectId).toBe("p");
});

test("text that is not JSON is refused with line and column", () => {
  const failure = failureOf(() => parseProject('{\n  "schemaVersion": 1,\n  "projectId": p\n}', where));
  expect(failure.reason).toBe("config-unreadable");
  expect(failure.message).toContain(`${where}: line 3, column 16:`);
  expect(failureOf(() => parseConfig('{\n "schemaVersion": 1,\n}', "c")).message).toContain(
    'line 3, column 1: a comma before "}"',
  );
});

test("an unknown key is refused with its place and the nearest key", () => {
  const top = failureOf(() => parseProject(project({ qaComands: {} }), where));
  expect(top.reason).toBe("unknown-key");
  expect(top.message).toContain('unknown key "qaComands"; did you mean "qaCommands"?');
  expect(failureOf(() => parseProject(project({ timeouts: { idel: 1 } }), where)).message).toContain(
    '"timeouts.idel"; did you mean "idle"?',
  );
  expect(failureOf(() => parseProject(project({ agents: { claude: { modle: "x" } } }), where)).message).toContain(
    '"agents.claude.modle"; did you mean "model"?',
  );
  expect(
    failureOf(() => parseProject(project({ timeouts: { byRole: { executor: { hrd: 1 } } } }), where)).message,
  ).toContain('did you mean "hard"?');
  const roster = failureOf(() => parseProject(project({ roster: { "error-analisys": ["claude"] } }), where));
  expect(roster.reason).toBe("unknown-key");
  expect(roster.message).toContain('did you mean "error-analysis"?');
});

test("a wrong value is refused by the name of its key, a newer file by its version", () => {
  const wrong = failureOf(() => parseProject(project({ maxFixRounds: "two" }), where));
  expect(wrong.reason).toBe("config-unreadable");
  expect(wrong.message).toContain("maxFixRounds");
  expect(failureOf(() => parseConfig('{"schemaVersion": 7, "whatever": 1}', "c")).reason).toBe("newer-version");
  expect(failureOf(() => parseProject(project({ dataAccessPatterns: ["text:("] }), where)).message).toContain(
    'dataAccessPatterns: "text:("',
  );
});

test("a relative template is fine in a project and refused globally", () => {
  expect(parseProject(project({ prTemplatePath: "docs/pr.md" }), where).prTemplatePath).toBe("docs/pr.md");
  expect(failureOf(() => parseConfig('{"schemaVersion":1,"prTemplatePath":"docs/pr.md"}', "c")).reason).toBe(
    "config-unreadable",
  );
  expect(parseConfig('{"schemaVersion":1,"prTemplatePath":"~/pr.md"}', "c").prTemplatePath).toBe("~/pr.md");
});

test("secrets are refused and never repeated; references are fine", () => {
  const secret = "hunter2hunter2";
  const failure = failureOf(() =>
    parseProject(project({ agents: { claude: { env: { ANTHROPIC_API_KEY: secret } } } }), where),
  );
  expect(failure.message).toContain("agents.claude.env.ANTHROPIC_API_KEY");
  expect(JSON.stringify(failure)).not.toContain(secret);
  expect(() => parseProject(project({ cluster: { databaseUrl: "postgres://me:pw@host/db" } }), where)).toThrow(
    "cluster.databaseUrl",
  );
  expect(() => parseProject(project({ agents: { a: { args: ["--key", `ghp_${"a".repeat(30)}`] } } }), where)).toThrow(
    "agents.a.args.1",
  );
  parseProject(project({ agents: { claude: { env: { MY_TOKEN: "$MY_TOKEN", KEYBOARD: "us" } } } }), where);
  expect(expandVariables({ A: "$B", C: "$NONE", D: "plain" }, { B: "1" })).toEqual({ A: "1", D: "plain" });
});

test("the locator accepts exactly what JSON.parse accepts", () => {
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const alphabet = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "a",
    "\\",
    "1",
    "-",
    ".",
    "e",
    "0",
    "true",
    "null",
    " ",
    "\n",
    "\t",
    "\\u00e9",
    "\u0001",
  );
  const soup = fc.array(alphabet, { maxLength: 12 }).map((parts) => parts.join(""));
  const damaged = fc
    .tuple(fc.json(), fc.nat(), alphabet)
    .map(
      ([json, at, piece]) => json.slice(0, at % (json.length + 1)) + piece + json.slice((at % (json.length + 1)) + 1),
    );
  fc.assert(
    fc.property(fc.oneof(soup, damaged, fc.json()), (text) => (findJsonFault(text) === undefined) === isJson(text)),
    { numRuns: 3_000 },
  );
  expect(findJsonFault("[".repeat(200_000))).toBeDefined();
});
