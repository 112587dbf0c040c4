import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkStageMap, type Rule, renderBreaks } from "./rules.ts";
import { mapOf, markdownOf, stageOf } from "./stage.fixture.ts";
import type { Stage, StageMap } from "./stage-map.schema.ts";

const rulesOf = (map: StageMap | undefined, markdown?: string): Rule[] =>
  checkStageMap(map, markdown === undefined ? {} : { markdown }).map((found) => found.rule);

const whole = mapOf(stageOf(1), stageOf(2, { dependsOn: [1] }), stageOf(3, { dependsOn: [1] }));

test("a map that keeps the rules has no breaks, in data and Markdown", () => {
  expect(checkStageMap(whole, { markdown: markdownOf(whole) })).toEqual([]);
});

describe("each rule is broken by one thing, and names itself, the stage and a remedy", () => {
  const step = (at: number) => ({ id: `1.${at}`, action: at === 1 ? "RED: x" : "GREEN: x", files: ["src/a.ts"] });
  const cases: [name: string, map: StageMap | undefined, rule: Rule, stage: number | null, says: string][] = [
    ["no map", undefined, "S1", null, "no Stage Map"],
    ["an empty map", mapOf(), "S1", null, "no Stage Map"],
    ["a gap", mapOf(stageOf(1), stageOf(3)), "S2", 2, "no stage 2"],
    ["no steps", mapOf(stageOf(1, { steps: [], tddExemption: "docs" })), "S3", 1, "no steps"],
    [
      "a step id of another stage",
      mapOf(stageOf(1, { steps: [{ ...step(1), id: "2.1" }, step(2)] })),
      "S3",
      1,
      '"2.1"',
    ],
    ["a step id twice", mapOf(stageOf(1, { steps: [step(1), { ...step(2), id: "1.1" }] })), "S3", 1, '"1.1"'],
    ["no rollback", mapOf(stageOf(1, { rollback: { path: " ", trigger: "x" } })), "S3", 1, "rollback"],
    ["an unknown dependency", mapOf(stageOf(1, { dependsOn: [7] })), "S4", 1, "stage 7, which does not exist"],
    ["seven effective steps", mapOf(stageOf(1, { steps: [1, 2, 3, 4, 5, 6, 7].map(step) })), "S6", 1, "has 7 steps"],
    ["no exit contract", mapOf(stageOf(1, { exitContract: "" })), "S7", 1, "no exit contract"],
    [
      "no post validation",
      mapOf(stageOf(1, { validation: { pre: ["x"], mid: ["x"], post: [" "] } })),
      "S7",
      1,
      "no post validation",
    ],
    ["no files", mapOf(stageOf(1, { files: [] })), "S8", 1, "names no files"],
    ["no slice value", mapOf(stageOf(1, { sliceValue: "" })), "S10", 1, "no slice value"],
    ["no acceptance", mapOf(stageOf(1, { acceptance: [""] })), "S10", 1, "no acceptance"],
    ["no RED step", mapOf(stageOf(1, { steps: [step(2)] })), "S10", 1, "starts RED:"],
    ["no GREEN step", mapOf(stageOf(1, { steps: [step(1)] })), "S10", 1, "starts GREEN:"],
    [
      "GREEN before RED",
      mapOf(
        stageOf(1, {
          steps: [
            { ...step(2), id: "1.1" },
            { ...step(1), id: "1.2" },
          ],
        }),
      ),
      "S10",
      1,
      "after its first RED:",
    ],
    ["a shared file", mapOf(stageOf(1), stageOf(2, { files: ["./src//part-1.ts"] })), "S9", 2, "Stages 1 and 2"],
  ];
  test.each(cases)("%s", (_name, map, rule, stage, says) => {
    const [found, second] = checkStageMap(map);
    expect(second).toBeUndefined();
    expect(found).toMatchObject({ rule, stage, message: expect.stringContaining(says) });
    expect(found?.remedy).not.toBe("");
    expect(renderBreaks(checkStageMap(map))).toContain(`${rule}: `);
  });
});

test("S2 names a repeated number and the one that it leaves out", () => {
  const messages = checkStageMap(
    mapOf(stageOf(1), stageOf(2), stageOf(2, { files: ["b"], steps: [], tddExemption: "x" })),
  )
    .filter((found) => found.rule === "S2")
    .map((found) => found.message);
  expect(messages).toEqual(["Stage 2 is there 2 times", "There are 3 stages, but no stage 3"]);
});

test("S5 prints the cycle, once for each knot, from its lowest stage", () => {
  const map = mapOf(stageOf(1, { dependsOn: [1] }), stageOf(2, { dependsOn: [3] }), stageOf(3, { dependsOn: [2] }));
  const messages = checkStageMap(map).filter((found) => found.rule === "S5");
  expect(messages.map((found) => found.message.split(": ")[1])).toEqual(["1 -> 1", "2 -> 3 -> 2"]);
});

test("S6 counts steps that change files or run commands, not those that only say something", () => {
  const steps = Array.from({ length: 8 }, (_, at) => ({
    id: `1.${at + 1}`,
    action: at === 0 ? "RED: x" : "GREEN: x",
    files: at < 6 ? ["a"] : [],
  }));
  expect(rulesOf(mapOf(stageOf(1, { steps })))).toEqual([]);
  expect(rulesOf(mapOf(stageOf(1, { steps: steps.map((step) => ({ ...step, command: "ls" })) })))).toEqual(["S6"]);
});

test.each([
  "/etc/passwd",
  "../x",
  "a/../../x",
  ".git/config",
  "sub/.git",
  ".okstra/x",
  "C:/x",
  "~/x",
  "a\\b",
  "",
  ".",
  "src/*.ts",
  "a\nb",
])("S8 refuses the path %j", (path) =>
  expect(rulesOf(mapOf(stageOf(1, { files: [path], steps: stageOf(1).steps })))).toEqual(["S8"]),
);

test.each(["a", ".gitignore", "src/a b.ts", "pages/[id].tsx", "..a", "migrations/"])(
  "S8 allows the path %j",
  (path) => {
    expect(rulesOf(mapOf(stageOf(1, { files: [path] })))).toEqual([]);
  },
);

describe("S9", () => {
  const shares = (a: Partial<Stage>, b: Partial<Stage>, c: Partial<Stage> = {}) =>
    checkStageMap(mapOf(stageOf(1, a), stageOf(2, b), stageOf(3, c))).map((found) => `${found.rule} ${found.message}`);
  test("names the file and both stages", () => {
    expect(shares({ files: ["x.ts"] }, {}, { files: ["x.ts"] })).toEqual([
      "S9 Stages 1 and 3 could run at the same time and both change x.ts",
    ]);
  });
  test("is not broken where a path of dependencies orders the two", () => {
    expect(shares({ files: ["x.ts"] }, { dependsOn: [1] }, { dependsOn: [2], files: ["x.ts"] })).toEqual([]);
  });
  test("sees the file of a step, and a folder that holds a file", () => {
    expect(
      shares(
        { steps: [...stageOf(1).steps, { id: "1.3", action: "x", files: ["lib/deep/y.ts"] }] },
        { files: ["lib/"] },
      ),
    ).toEqual(["S9 Stages 1 and 2 could run at the same time and both change lib/deep/y.ts"]);
  });
  test("a thousand stages that all share a file are answered with the first hundred pairs", () => {
    const map = mapOf(...Array.from({ length: 1_000 }, (_, at) => stageOf(at + 1, { files: ["x.ts"] })));
    expect(checkStageMap(map)).toHaveLength(101);
  });
});

test("S9 finds exactly the unordered pairs that share a file", () => {
  const maps = fc.array(fc.record({ needs: fc.array(fc.nat(20), { maxLength: 3 }), file: fc.nat(4) }), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(maps, (rows) => {
      const stages = rows.map(({ needs, file }, at) =>
        stageOf(at + 1, {
          dependsOn: needs.filter((n) => n < at).map((n) => n + 1),
          files: [`f${file}`],
          steps: [],
          tddExemption: "none",
        }),
      );
      const above = stages.map((stage) => new Set(stage.dependsOn));
      for (const own of above) for (const one of [...own]) for (const more of above[one - 1] ?? []) own.add(more);
      const wanted = stages.flatMap((a, i) =>
        stages
          .slice(i + 1)
          .flatMap((b) =>
            a.files[0] === b.files[0] && above[b.stageNumber - 1]?.has(a.stageNumber) !== true
              ? [`${a.stageNumber} and ${b.stageNumber}`]
              : [],
          ),
      );
      const found = checkStageMap({ stages })
        .filter((one) => one.rule === "S9")
        .map((one) => /\d+ and \d+/.exec(one.message)?.[0]);
      expect(found).toEqual(wanted.slice(0, 100).concat(wanted.length > 100 ? ["x"] : []));
    }),
  );
});

describe("the rendered plan", () => {
  const rendered = markdownOf(whole);
  test.each([
    ["no heading", rendered.replace("## 5.5 Stage Map", "## 5.5 Stages"), ["S1"]],
    ["another depth", rendered.replace("## 5.5 Stage Map", "### 5.5 Stage Map"), ["S1"]],
    ["the heading twice", `${rendered}\n\n## 5.5 Stage Map\n\n| x |`, ["S1"]],
    ["only in a code block", rendered.replace("## 5.5 Stage Map", "```\n## 5.5 Stage Map\n```"), ["S1"]],
    ["no table", rendered.replaceAll("|", ""), ["S1"]],
    ["no section", rendered.replace("## 5.5.2 Stage 2: Part 2", "text"), ["S3"]],
    ["another title", rendered.replace("Stage 2: Part 2", "Stage 2: Party"), ["S3"]],
    ["a missing part", rendered.replace("### Rollback", ""), ["S3"]],
    [
      "a translation after the keyword",
      rendered.replace("## 5.5 Stage Map", "## 5.5 Stage Map (단계 지도)").replaceAll("### Steps", "### Steps (절차)"),
      [],
    ],
    ["an escaped title", rendered.replace("Stage 2: Part 2", "Stage 2: \\Part\\_ 2 &lt;"), []],
  ])("%s", (_name, markdown, rules) => {
    expect(rulesOf(whole, markdown)).toEqual(rules);
  });
});
