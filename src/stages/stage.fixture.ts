/** For tests: a stage that keeps every rule, and the Markdown of a map as reports show it. */
import type { Stage, StageMap } from "./stage-map.schema.ts";

export function stageOf(stageNumber: number, change: Partial<Stage> = {}): Stage {
  const file = `src/part-${stageNumber}.ts`;
  return {
    stageNumber,
    title: `Part ${stageNumber}`,
    sliceValue: "A user can do one thing more",
    acceptance: ["The thing works"],
    dependsOn: [],
    files: [file],
    steps: [
      { id: `${stageNumber}.1`, action: "RED: a test that fails", files: [file], command: "npm test" },
      { id: `${stageNumber}.2`, action: "GREEN: the least change", files: [file], command: "npm test" },
    ],
    validation: { pre: [], mid: [], post: ["npm test"] },
    conformance: [],
    exitContract: "The function exists",
    rollback: { path: "revert the merge", trigger: "the test fails" },
    ...change,
  };
}

export const mapOf = (...stages: readonly Stage[]): StageMap => ({ stages: [...stages] });

export const markdownOf = (map: StageMap): string =>
  [
    "# Plan",
    "## 5.5 Stage Map",
    "| Stage | Title |\n| --- | --- |\n| 1 | Part |",
    ...map.stages.map((stage) =>
      [
        `## 5.5.${stage.stageNumber} Stage ${stage.stageNumber}: ${stage.title}`,
        "### Steps",
        "### Stage Validation",
        "### Stage Exit Contract",
        "### Rollback",
      ].join("\n\n"),
    ),
    "## 5.6 Plan Body Verification",
  ].join("\n\n");
