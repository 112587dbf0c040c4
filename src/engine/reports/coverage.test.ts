/** What workers claim to cover a requirement counts only where its artefact is there. */
import { expect, test } from "vitest";
import type { Plan } from "../../stages/stage-map.schema.ts";
import type { Voice } from "../steps/blind.ts";
import { coverageOf } from "./verification-report.ts";

const work = {
  plan: {
    plan: {
      requirements: [{ id: "R-1", text: "right", source: "brief" }],
      requirementCoverage: [{ requirement: "R-1", stages: [1], note: "" }],
    } as unknown as Plan,
    content: "",
    run: "",
    number: 1,
    cycle: 0,
  },
  stage: null,
};
const files = new Set(["src/a.js", "test/a.test.js"]);
const voice = (artefact: string, covered = true): Voice =>
  ({ answer: { value: { coverage: [{ requirement: "R-1", covered, artefact }] } } }) as unknown as Voice;
const covers = (...voices: Voice[]) => coverageOf(work, voices, files)[0];

test.each([
  "test/a.test.js",
  "test/a.test.js:12",
  "see `src/a.js`, line 3",
  "src/a.js: the operator",
  "it is in src/a.js.",
])("%s is an artefact", (artefact) => {
  expect(covers(voice(artefact))).toMatchObject({ covered: true, artefact });
});

test.each(["", "implemented", "test/none.test.js", "all the tests", "/etc/passwd", "../src/a.js"])(
  "%s is none",
  (artefact) => {
    expect(covers(voice(artefact))).toMatchObject({ covered: false, artefact: "" });
  },
);

test("what one worker denies is not covered, and an artefact that is not there does not show beside one that is", () => {
  expect(covers(voice("src/a.js"), voice("nothing does", false))).toMatchObject({ covered: false });
  expect(covers(voice("src/a.js"), voice("test/none.test.js"))).toMatchObject({ covered: true, artefact: "src/a.js" });
});
