import { describe, expect, test } from "vitest";
import { checkWorkerResult } from "../generated/finding.check.js";
import { checkClarification } from "../generated/task.check.js";
import { didYouMean, explain, parse, parseJson } from "./check.ts";
import { Fault } from "./failure.ts";

const failureOf = (body: () => unknown) => {
  try {
    body();
  } catch (error) {
    if (error instanceof Fault) return error.failure;
    throw error;
  }
  throw new Error("nothing was thrown");
};

const result = { schemaVersion: 1, findings: [], answers: [], proposal: "", questions: [], notExamined: [] };

test("what fits its schema is given back as it is", () => {
  expect(parse(checkWorkerResult, result, "worker result")).toBe(result);
  expect(parseJson(checkWorkerResult, JSON.stringify(result), "worker result")).toEqual(result);
});

describe("what does not fit names what and where", () => {
  test.each<[string, unknown, string]>([
    ["a missing key", { ...result, answers: undefined }, "answers"],
    ["an unknown key", { ...result, findigns: [] }, 'unknown key "findigns"'],
    ["a wrong type", { ...result, proposal: 5 }, "proposal: must be string"],
    ["a value out of a set", { ...result, verdict: "good" }, "verdict: must be one of pass, fail"],
    ["another constant", { ...result, schemaVersion: 0 }, "schemaVersion: must be 1"],
    ["a place inside", { ...result, notExamined: ["a", ""] }, "notExamined.1"],
    ["no object", null, "top level"],
  ])("%s", (_name, input, says) => {
    const failure = failureOf(() => parse(checkWorkerResult, input, "worker result", "r.json"));
    expect(failure.reason).toBe("malformed");
    expect(failure.message).toContain("r.json is not a valid worker result: ");
    expect(failure.message).toContain(says);
    expect(failure.remedy).toContain("r.json");
  });
  test("text that is no JSON", () => {
    expect(failureOf(() => parseJson(checkWorkerResult, "{", "worker result", "r.json"))).toMatchObject({
      reason: "malformed",
      message: expect.stringContaining("not JSON"),
    });
  });
  test("at most eight problems are told", () => {
    const errors = Array.from({ length: 11 }, (_, at) => ({
      instancePath: `/a/${at}`,
      keyword: "type",
      message: "must be string",
      params: {},
    }));
    expect(explain(errors)).toHaveLength(9);
    expect(explain(errors)[8]).toBe("and 3 more");
    expect(explain([...errors.slice(0, 1), ...errors.slice(0, 1)])).toEqual(["a.0: must be string"]);
  });
  test("the parts of a choice are told only when there is nothing else", () => {
    const slash = { instancePath: "/entries/a~1b/~0c", keyword: "type", message: "must be string", params: {} };
    expect(explain([slash])).toEqual(["entries.a/b.~c: must be string"]);
    const choice = { instancePath: "", keyword: "anyOf", message: "must match a schema in anyOf", params: {} };
    expect(explain([choice])).toEqual(["top level: must match a schema in anyOf"]);
    expect(explain([choice, { instancePath: "/a", keyword: "type", message: "must be string", params: {} }])).toEqual([
      "a: must be string",
    ]);
  });
});

test("a file of a newer okstra is refused by name", () => {
  const failure = failureOf(() => parse(checkClarification, { schemaVersion: 2 }, "clarification", "c.jsonl"));
  expect(failure).toMatchObject({
    reason: "newer-version",
    message: "c.jsonl has schemaVersion 2; this okstra knows 1",
    details: { schemaVersion: 2, known: 1 },
  });
  expect(failureOf(() => parse(checkWorkerResult, { schemaVersion: 3 }, "x", "x", 3)).reason).toBe("malformed");
});

test("an unknown word suggests the nearest", () => {
  expect(didYouMean("langage", ["language", "models"])).toBe('; did you mean "language"?');
  expect(didYouMean("zzzzz", ["language"])).toBe("");
});
