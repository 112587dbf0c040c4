/** A small project with a fault, and the scenario of a whole lifecycle on it: two independent stages and one on both. */
import type { Rig } from "./rig.ts";

/** `add` subtracts, `twice` adds one, `sum` is not there yet; the tests miss it. */
export const files: Readonly<Record<string, string>> = {
  "package.json": `${JSON.stringify({ name: "calc", type: "module", scripts: { test: "node --test" } }, null, 2)}\n`,
  "src/add.js": "export const add = (a, b) => a - b;\n",
  "src/twice.js": "export const twice = (a) => a + 1;\n",
  "test/start.test.js": 'import { test } from "node:test";\ntest("there is something", () => {});\n',
  "README.md": "# calc\n",
};

const brief =
  "# add is wrong\n\n`add(1, 2)` gives -1, `twice(2)` gives 3. Both should be right, and a `sum(list)` is wanted.\n";
export const key = "calc/math/add";

type Json = Record<string, unknown>;

export const noFindings = {
  schemaVersion: 1,
  findings: [],
  answers: [],
  proposal: "none",
  questions: [],
  notExamined: [],
};

export const testOf = (name: string, body: string): string =>
  `import { test } from "node:test";\nimport assert from "node:assert/strict";\nimport { ${name} } from "../src/${name}.js";\ntest("${name}", () => ${body});\n`;

export type StageSpec = {
  readonly n: number;
  readonly name: string;
  readonly test: string;
  readonly code: string;
  readonly dependsOn: readonly number[];
};

export const stages: readonly StageSpec[] = [
  {
    n: 1,
    name: "add",
    test: testOf("add", "assert.equal(add(1, 2), 3)"),
    code: "export const add = (a, b) => a + b;\n",
    dependsOn: [],
  },
  {
    n: 2,
    name: "twice",
    test: testOf("twice", "assert.equal(twice(2), 4)"),
    code: "export const twice = (a) => a * 2;\n",
    dependsOn: [],
  },
  {
    n: 3,
    name: "sum",
    test: testOf("sum", "assert.equal(sum([1, 2, 3]), 6)"),
    code: 'import { add } from "./add.js";\nexport const sum = (list) => list.reduce(add, 0);\n',
    dependsOn: [1, 2],
  },
];

const planStage = ({ n, name, dependsOn }: StageSpec): Json => ({
  stageNumber: n,
  title: `${name} is right`,
  sliceValue: `callers of ${name} get the right number`,
  acceptance: [`the test of ${name} passes`],
  dependsOn,
  files: [`src/${name}.js`, `test/${name}.test.js`],
  steps: [
    {
      id: `${n}.1`,
      action: `RED: a test of ${name}`,
      files: [`test/${name}.test.js`],
      command: `node --test test/${name}.test.js`,
      expected: "fails",
    },
    {
      id: `${n}.2`,
      action: `GREEN: mend ${name}`,
      files: [`src/${name}.js`],
      command: `node --test test/${name}.test.js`,
      expected: "passes",
    },
  ],
  validation: { pre: [], mid: [], post: ["node --test"] },
  conformance: [],
  exitContract: `${name} is right`,
  rollback: { path: "revert the merge", trigger: "a wrong sum" },
});

const plan = (of: readonly StageSpec[]): Json => ({
  requirements: of.map(({ n, name }) => ({ id: `R-${n}`, text: `${name} is right`, source: "brief" })),
  options: [
    {
      id: "O-1",
      title: "mend the operators",
      summary: "change two lines",
      pros: ["small"],
      cons: ["none"],
      effort: "small",
      risk: "low",
    },
    {
      id: "O-2",
      title: "take a library",
      summary: "use one",
      pros: ["less code"],
      cons: ["a dependency"],
      effort: "more",
      risk: "some",
    },
  ],
  tradeOffs: [{ aspect: "size", options: [{ option: "O-1", note: "two lines" }] }],
  recommendation: { option: "O-1", why: "it is enough" },
  stageMap: { stages: of.map(planStage) },
  dependencies: [],
  validationChecklist: { pre: [], mid: [], post: ["node --test"] },
  rollback: "revert the merges",
  requirementCoverage: of.map(({ n }) => ({ requirement: `R-${n}`, stages: [n], note: "" })),
});

/** The ids of the plan's parts, as the plan check asks for them. */
const planIds = (of: readonly StageSpec[]): string[] => [
  "P-OPT-1",
  "P-OPT-2",
  "P-REC",
  ...of.flatMap(({ n }) => [`P-STG-${n}`, `P-STP-${n}.1`, `P-STP-${n}.2`, `P-VAL-${n}`, `P-RBK-${n}`, `P-COV-${n}`]),
  "P-VAL-0",
  "P-RBK-0",
];

export const honestActs = ({ n, name, test, code }: StageSpec): Json[] => [
  { write: { [`test/${name}.test.js`]: test } },
  { commit: `test(${name}): it is wrong\n\nOkstra-Step: ${n}.1` },
  { write: { [`src/${name}.js`]: code } },
  { commit: `fix(${name}): make it right\n\nOkstra-Step: ${n}.2` },
];

export const honestResult = ({ name }: StageSpec): Json => ({
  schemaVersion: 1,
  summary: `${name} is right now`,
  commits: [],
  files: [`src/${name}.js`, `test/${name}.test.js`],
  testsRun: [{ command: "node --test", exitCode: 0 }],
  outOfPlanEdits: [],
  tddExemptions: [],
  notDone: [],
});

const usage = { input: 1_000, output: 100 };

/** A finding at the fault, with a quote that stands there. */
export const finding = (id: string): Json => ({
  id,
  title: "add subtracts",
  claim: "the function add subtracts its second argument",
  severity: "major",
  category: "logic",
  evidence: [
    { kind: "file", path: "src/add.js", lines: { start: 1, end: 1 }, quote: "export const add = (a, b) => a - b;" },
  ],
});

const question = {
  question: "May the arguments be strings?",
  why: "it changes the tests",
  kind: "fact",
  expectedForm: "yes or no",
  blocks: "next-phase",
};

/** Entries of an honest lifecycle. Entries given before them win, since the first that fits plays. */
export function scenario(first: readonly Json[] = [], of: readonly StageSpec[] = stages): string {
  const entries: Json[] = [
    ...first,
    {
      when: { taskType: "error-analysis", purpose: "blind", worker: "claude" },
      result: { ...noFindings, findings: [finding("C-F1")], questions: [question] },
      usage,
    },
    {
      when: { taskType: "error-analysis", purpose: "blind" },
      result: { ...noFindings, findings: [finding("X-F1")] },
      usage,
    },
    {
      when: { taskType: "error-analysis", purpose: "write" },
      result: {
        schemaVersion: 1,
        summary: "add subtracts",
        direction: "mend the operator",
        followUps: [],
        symptoms: ["wrong sums"],
        triggers: ["any call"],
        hypotheses: [{ text: "a typing fault", items: ["F-001"], likelihood: "high" }],
        reproduction: "add(1, 2)",
        validationPath: "node --test",
      },
      usage,
    },
    { when: { taskType: "implementation-planning", purpose: "blind" }, result: noFindings, usage },
    {
      when: { taskType: "implementation-planning", purpose: "write" },
      result: { schemaVersion: 1, summary: "three stages", direction: "mend", followUps: [], plan: plan(of) },
      usage,
    },
    {
      when: { purpose: "plan-check" },
      result: {
        schemaVersion: 1,
        verdicts: planIds(of).map((item) => ({ item, verdict: "AGREE", reason: "it fits", evidence: [] })),
      },
      usage,
    },
    ...of.map((stage) => ({
      when: { purpose: "execute", stage: stage.n },
      do: honestActs(stage),
      result: honestResult(stage),
      usage,
    })),
    { when: { purpose: "verify" }, result: { ...noFindings, verdict: "pass" }, usage },
    {
      when: { taskType: "implementation", purpose: "write" },
      result: { schemaVersion: 1, summary: "done", direction: "go on", followUps: [] },
      usage,
    },
    {
      when: { taskType: "final-verification", purpose: "blind" },
      result: {
        ...noFindings,
        verdict: "accepted",
        coverage: of.map(({ n, name }) => ({
          requirement: `R-${n}`,
          covered: true,
          artefact: `test/${name}.test.js`,
        })),
      },
      usage,
    },
    {
      when: { taskType: "final-verification", purpose: "write" },
      result: {
        schemaVersion: 1,
        summary: "all is right",
        direction: "hand it over",
        followUps: [],
        residualRisks: [],
      },
      usage,
    },
  ];
  return JSON.stringify(
    {
      schemaVersion: 1,
      families: { claude: "anthropic", codex: "openai", gemini: "google", "report-writer": "anthropic" },
      entries,
    },
    null,
    1,
  );
}

/** Registers the project and writes brief and scenario. */
export async function initialise(rig: Rig, first: readonly Json[] = []): Promise<void> {
  rig.write(`${rig.folder}/brief.md`, brief);
  rig.write(`${rig.folder}/scenario.yaml`, scenario(first));
  const ran = await rig.okstra(["init", "--project-id", "calc", "--json"]);
  if (ran.code !== 0) throw new Error(`init: ${ran.stdout}${ran.stderr}`);
}

export const agents = (rig: Rig): string => `scripted:${rig.folder}/scenario.yaml`;

/** From nothing to an approved plan, in the project's folder or in another of the rig's. */
export async function untilApproved(rig: Rig, cwd = rig.root): Promise<void> {
  const must = async (...args: string[]): Promise<Json> => {
    const ran = await rig.okstra([...args, "--json"], { cwd });
    if (ran.code !== 0) throw new Error(`${args.join(" ")}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
    return ran.json<Json>();
  };
  await must(
    "run",
    `${rig.folder}/brief.md`,
    "--task-key",
    key,
    "--task-type",
    "error-analysis",
    "--base-ref",
    "main",
    "--agents",
    agents(rig),
  );
  await must("answer", key, "C-001", "No.");
  await must("run", "--task-key", key, "--task-type", "implementation-planning", "--agents", agents(rig));
  await must("approve", key, "--content", contentOf(rig, cwd));
}

/** The content hash as the newest plan's report prints it. */
export function contentOf(rig: Rig, root = rig.root, of = key): string {
  const task = of.split("/").slice(1).join("/");
  const report = rig.read(
    `${root}/.okstra/tasks/${task}/runs/implementation-planning/reports/final-report-implementation-planning-001.md`,
  );
  const found = /okstra approve \S+ --content ([0-9a-f]{12})/.exec(report)?.[1];
  if (found === undefined) throw new Error("the report names no content hash");
  return found;
}
