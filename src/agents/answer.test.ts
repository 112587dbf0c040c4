import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAnswer } from "./answer.ts";

const value = fc.jsonValue().filter((json) => JSON.stringify(json) !== undefined);
const normal = (json: unknown): unknown => JSON.parse(JSON.stringify(json)) as unknown;

describe("what is taken", () => {
  test("a message that is one JSON document, with white space around it", () => {
    fc.assert(
      fc.property(value, fc.constantFrom("", "\n", "  ", "\uFEFF"), fc.constantFrom(0, 2), (json, space, indent) => {
        const message = `${space}${JSON.stringify(json, null, indent)}\n`;
        expect(readAnswer(message)).toEqual({ ok: true, value: normal(json), note: null });
      }),
    );
  });

  test("the only json block of a message, with a note", () => {
    fc.assert(
      fc.property(value, fc.constantFrom("```", "````", "~~~"), (json, fence) => {
        const message = `Here is my result:\n\n${fence}json\n${JSON.stringify(json, null, 2)}\n${fence}\nDone.`;
        expect(readAnswer(message)).toEqual({ ok: true, value: normal(json), note: expect.stringContaining("fenced") });
      }),
    );
  });

  test("a block of another language beside it does not matter", () => {
    expect(readAnswer('```ts\nconst a = "{}";\n```\n```json\n{"a":1}\n```')).toMatchObject({
      ok: true,
      value: { a: 1 },
    });
  });
});

describe("what is refused", () => {
  test.each([
    ["", "empty"],
    [" \n", "empty"],
    ["All is fine.", "prose"],
    ['The result is {"findings": []}', "prose"],
    ['{"findings": []', "not valid JSON"],
    ['{"a":1} {"b":2}', "not valid JSON"],
    ['```json\n{"a":1}\n```\n```json\n{"a":2}\n```', "2 json blocks"],
    ['```\n{"a":1}\n```', "prose"],
    ["```json\n{a:1}\n```", "not valid JSON"],
    ['```json\n{"a":1}', "prose"],
  ])("%j", (message, says) => {
    const answer = readAnswer(message);
    expect(answer).toMatchObject({ ok: false });
    expect(answer.ok ? "" : answer.problems.join()).toContain(says);
  });
});
