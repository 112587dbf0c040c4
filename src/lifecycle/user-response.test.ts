import fc from "fast-check";
import { expect, test } from "vitest";
import { take } from "../model/index.ts";
import { readUserResponse, userResponseHead } from "./index.ts";

const read = (text: string) => take(readUserResponse(text, "answers.md"));
const about = { taskKey: "shop/checkout/wrong-total", run: "shop/checkout/wrong-total@error-analysis#001" };

test("a file that a person wrote by hand", () => {
  const text =
    "\ufeffSome notes\r\n\r\n## c-001 [open]\r\n\r\n> May it?\r\n> Yes?\r\n\r\nYes.\r\n\r\n### Why\r\n> because\r\n# C-0123: more\nNo\n## C-004\n";
  expect(read(text)).toEqual({
    taskKey: null,
    run: null,
    answers: [
      { id: "C-001", text: "Yes.\n\n### Why\n> because" },
      { id: "C-0123", text: "No" },
    ],
  });
});

test("the front says whose answers they are; a rule further down is text", () => {
  expect(read(`${userResponseHead(about)}\n## C-001\n\n---\nx\n`)).toEqual({
    ...about,
    answers: [{ id: "C-001", text: "---\nx" }],
  });
  expect(read("---\n## C-001\nno end of the front\n").taskKey).toBeNull();
});

/** As the page writes it (src/report/html/script.ts); the browser test holds the two together. */
const written = (answers: readonly { id: string; text: string }[]): string =>
  userResponseHead(about) +
  answers.map(({ id, text }) => `\n## ${id}\n\n> asked\n\n${text.replace(/^[\\#>]/gm, "\\$&")}\n`).join("");

test("any answer is read as it was written", () => {
  const line = fc.oneof(fc.constantFrom("## C-002", "> q", "\\# x", "\\\\", "", "---"), fc.string({ maxLength: 8 }));
  const text = fc
    .array(line, { minLength: 1, maxLength: 5 })
    .map((lines) => lines.join("\n").replace(/\r/g, "").trim())
    .filter((said) => said !== "");
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (texts) => {
      const answers = texts.map((said, at) => ({ id: `C-00${at + 1}`, text: said }));
      expect(read(written(answers))).toEqual({ ...about, answers });
    }),
  );
});

test("a file without an answer, or with two to one question, is refused", () => {
  expect(readUserResponse("## C-001\n> q\n", "a.md")).toMatchObject({
    ok: false,
    error: { reason: "answers-unreadable" },
  });
  expect(readUserResponse("## C-001\na\n## C-001\nb\n", "a.md")).toMatchObject({
    ok: false,
    error: { message: "a.md answers C-001 twice" },
  });
});
