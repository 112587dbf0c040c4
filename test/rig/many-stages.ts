/** The calculator's project with a plan of so many stages: chains of ten, side by side, each stage with a file of its own. */

type Json = Record<string, unknown>;

const fileOf = (n: number): string => `parts/part-${n}.txt`;

const stageOf = (n: number): Json => ({
  stageNumber: n,
  title: `part ${n}`,
  sliceValue: `part ${n} can be read`,
  acceptance: [`${fileOf(n)} is there`],
  dependsOn: n % 10 === 1 ? [] : [n - 1],
  files: [fileOf(n)],
  steps: [{ id: `${n}.1`, action: `write part ${n}`, files: [fileOf(n)] }],
  tddExemption: "a text has no test",
  validation: { pre: [], mid: [], post: [`test -f ${fileOf(n)}`] },
  conformance: [],
  exitContract: `${fileOf(n)} is there`,
  rollback: { path: "revert the merge", trigger: "the part is wrong" },
});

const planOf = (count: number): Json => {
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const option = (id: string): Json => ({
    ...{ id, title: id, summary: id, pros: ["small"], cons: ["none"], effort: "small", risk: "low" },
  });
  return {
    requirements: numbers.map((n) => ({ id: `R-${n}`, text: `part ${n} is there`, source: "brief" })),
    options: [option("O-1"), option("O-2")],
    tradeOffs: [{ aspect: "size", options: [{ option: "O-1", note: "small" }] }],
    recommendation: { option: "O-1", why: "it is enough" },
    stageMap: { stages: numbers.map(stageOf) },
    dependencies: [],
    validationChecklist: { pre: [], mid: [], post: ["test -d parts"] },
    rollback: "revert the merges",
    requirementCoverage: numbers.map((n) => ({ requirement: `R-${n}`, stages: [n], note: "" })),
  };
};

const idsOf = (count: number): string[] => [
  ...["P-OPT-1", "P-OPT-2", "P-REC", "P-VAL-0", "P-RBK-0"],
  ...Array.from({ length: count }, (_, at) => at + 1).flatMap((n) => [
    ...[`P-STG-${n}`, `P-STP-${n}.1`, `P-VAL-${n}`, `P-RBK-${n}`, `P-COV-${n}`],
  ]),
];

/** Scripted agents that plan all of them and can build the first few. */
export const manyStages = (count: number, built: number): Json[] => [
  {
    when: { taskType: "implementation-planning", purpose: "write" },
    result: { schemaVersion: 1, summary: `${count} stages`, direction: "write", followUps: [], plan: planOf(count) },
  },
  {
    when: { purpose: "plan-check" },
    result: {
      schemaVersion: 1,
      verdicts: idsOf(count).map((item) => ({ item, verdict: "AGREE", reason: "it fits", evidence: [] })),
    },
  },
  ...Array.from({ length: built }, (_, at) => at + 1).map((n) => ({
    when: { purpose: "execute", stage: n },
    do: [{ write: { [fileOf(n)]: `part ${n}\n` } }, { commit: `feat: part ${n}\n\nOkstra-Step: ${n}.1` }],
    result: {
      ...{ schemaVersion: 1, summary: `part ${n} is there`, commits: [], files: [fileOf(n)], testsRun: [] },
      ...{ outOfPlanEdits: [], tddExemptions: [{ step: `${n}.1`, reason: "a text has no test" }], notDone: [] },
    },
  })),
];
