/**
 * The two discoveries with what they deliver: a request is sorted, sent on or cut into tasks; a scope is searched for what a person
 * then picks. What the writer claims is held against the run's items.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkFollowupsAnswer, checkStatusAnswer } from "../../src/generated/answers.check.js";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import type { Report } from "../../src/report/report.schema.ts";
import { agents, files, finding, initialise, noFindings } from "../rig/calculator.ts";
import { englishLeft } from "../rig/korean.ts";
import { openRig, type Ran, type Rig } from "../rig/rig.ts";

type Json = Record<string, unknown>;

const question = {
  question: "Is an empty list summed to 0?",
  why: "it decides what sum gives",
  kind: "decision",
  expectedForm: "yes or no",
  blocks: "next-phase",
};
const twice = {
  ...finding("X-F2"),
  title: "twice adds one",
  claim: "the function twice adds one instead of doubling",
  evidence: [
    { kind: "file", path: "src/twice.js", lines: { start: 1, end: 1 }, quote: "export const twice = (a) => a + 1;" },
  ],
};
const lie = {
  ...finding("X-F3"),
  title: "the tests are skipped",
  claim: "the test file skips every test",
  evidence: [{ kind: "file", path: "test/start.test.js", lines: { start: 1, end: 1 }, quote: "test.skip(" }],
};
const part = (suggestedId: string, taskType: string, items: readonly string[]): Json => ({
  title: `Part ${suggestedId}`,
  taskType,
  why: `${suggestedId} can be shipped by itself`,
  suggestedId,
  items,
});
const prose = (more: Json): Json => ({
  schemaVersion: 1,
  summary: "Two faults and a wish.",
  direction: "Cut it in two.",
  followUps: [],
  category: "bugfix",
  routing: { taskType: "error-analysis", why: "nobody knows yet why add subtracts" },
  missingInputs: ["an order that shows the fault"],
  fanOut: [],
  ...more,
});
const at = (taskType: string, purpose: string, more: Json = {}): Json => ({ taskType, purpose, ...more });
const blind = (taskType: string): Json[] => [
  {
    when: at(taskType, "blind", { worker: "claude" }),
    result: {
      ...noFindings,
      findings: [finding("C-F1")],
      questions: taskType === "requirements-discovery" ? [question] : [],
    },
  },
  {
    when: at(taskType, "blind", { worker: "codex" }),
    result: { ...noFindings, findings: [finding("X-F1"), twice, lie] },
  },
  // Only what claude did not say is asked of it: whichever items those are, it agrees that twice is wrong.
  {
    when: at(taskType, "round"),
    result: {
      schemaVersion: 1,
      verdicts: [{ item: "F-002", verdict: "AGREE", reason: "it is so", evidence: twice.evidence }],
    },
  },
];

const entries: Json[] = [
  ...blind("requirements-discovery"),
  // What does not hold is sent back to the writer: a phase that does not come next, an item that fell, one that is none.
  {
    when: at("requirements-discovery", "write", { reask: 0 }),
    result: prose({ routing: { taskType: "final-verification", why: "it is nearly done" } }),
  },
  {
    when: at("requirements-discovery", "write", { reask: 1 }),
    result: prose({
      fanOut: [part("right-add", "implementation", ["F-003", "F-009"]), part("Right Add", "error-analysis", [])],
    }),
  },
  {
    when: at("requirements-discovery", "write"),
    result: prose({
      fanOut: [
        part("right-add", "error-analysis", ["F-001"]),
        part("right-twice", "implementation-planning", ["F-002"]),
      ],
      followUps: [
        { title: "Document it", taskType: "implementation-planning", why: "nobody knows", suggestedId: "docs" },
      ],
    }),
  },
  ...blind("improvement-discovery"),
  {
    when: at("improvement-discovery", "write"),
    result: prose({
      category: "improvement",
      routing: { taskType: "implementation-planning", why: "both are clear" },
      fanOut: [
        part("one-operator", "implementation-planning", ["F-001"]),
        part("look", "implementation-planning", ["F-002"]),
      ],
    }),
  },
];

let rig: Rig;
const request = "calc/math/request";
const look = "calc/math/look";

beforeAll(async () => {
  rig = openRig(files);
  await initialise(rig, entries);
});
afterAll(async () => await rig[Symbol.asyncDispose]());

async function typed(code: number, ...args: string[]): Promise<Ran> {
  const ran = await rig.okstra(args);
  expect(ran.code, `okstra ${args.join(" ")}\n${ran.stdout}${ran.stderr}`).toBe(code);
  return ran;
}

const start = (key: string, taskType: string, brief = "brief.md"): Promise<Ran> =>
  typed(
    0,
    "run",
    `${rig.folder}/${brief}`,
    "--task-key",
    key,
    "--task-type",
    taskType,
    "--base-ref",
    "main",
    "--agents",
    agents(rig),
    "--json",
  );

type Status = {
  task: { category: string; next: { taskType: string; why: string } | null; origin: Json | null };
  left: { id: string; kind: string; key: string | null }[];
};
async function statusOf(key: string): Promise<Status> {
  const document = (await typed(0, "status", key, "--json")).json<Status>();
  expect(checkStatusAnswer(document), JSON.stringify(checkStatusAnswer.errors)).toBe(true);
  return document;
}
type Rows = { rows: { id: string; key: string | null; made: string | null }[] };
async function rowsOf(code: number, ...args: string[]): Promise<Rows["rows"]> {
  const document = (await typed(code, "followups", ...args, "--json")).json<Rows>();
  expect(checkFollowupsAnswer(document), JSON.stringify(checkFollowupsAnswer.errors)).toBe(true);
  return document.rows;
}

test("a request is sorted, cut into tasks, and each goes on with what was found and the brief", {
  timeout: 180_000,
}, async () => {
  const brief = "# 합계가 틀립니다\n\n`add(1, 2)` gives -1: 더하기가 두 번째 수를 뺍니다. 고쳐 주세요.\n";
  rig.write(`${rig.folder}/brief-ko.md`, brief);
  const run = (await start(request, "requirements-discovery", "brief-ko.md")).json<RunSummary>();
  expect(run).toMatchObject({ outcome: "completed", verdict: "error-analysis" });
  const report = JSON.parse(readFileSync(run.report?.data ?? "", "utf8")) as Report;
  if (report.taskType !== "requirements-discovery") return expect.unreachable();
  expect(report.items.map((item) => [item.id, item.title, item.class])).toEqual([
    ["F-001", "add subtracts", "full-consensus"],
    ["F-002", "twice adds one", "full-consensus"],
    ["F-003", "the tests are skipped", "unsubstantiated"],
  ]);
  expect(report.discovery).toMatchObject({ category: "bugfix", missingInputs: ["an order that shows the fault"] });
  expect(report.discovery?.fanOut.map(({ suggestedId }) => suggestedId)).toEqual(["right-add", "right-twice"]);
  // A brief in Korean has a report in Korean; what okstra itself says in it is in Korean too.
  expect([report.language, englishLeft(report)]).toEqual(["ko", []]);
  expect(readFileSync(run.report?.markdown ?? "", "utf8")).toContain("## 5.1 Category and Routing (분류와 다음 경로)");
  expect(readFileSync(run.report?.html ?? "", "utf8")).toContain('<html lang="ko">');
  // What was wrong with the two texts before was told to the writer.
  const asked = readFileSync(
    join(run.runDir, "prompts", "report-writer-report-writer-requirements-discovery-001.log"),
    "utf8",
  );
  expect(asked).toContain("final-verification");

  // The category is the one that sorting came to; the branch keeps its name.
  expect((await statusOf(request)).task.category).toBe("bugfix");
  expect(rig.git("branch", "--list", "feat-request")).toContain("feat-request");

  expect((await typed(3, "go", request)).stdout).toContain("Answer C-001");
  await typed(0, "answer", request, "C-001", "Yes.");
  const stopped = await typed(3, "go", request, "--agents", agents(rig));
  expect(stopped.stdout).toContain(
    `The request falls into 2 tasks (right-add,right-twice); make them: okstra followups spawn ${request}`,
  );

  const made = await rowsOf(0, "spawn", request);
  expect(made.map(({ id, key, made: when }) => [id, key, when])).toEqual([
    ["right-add", "calc/math/right-add", "now"],
    ["right-twice", "calc/math/right-twice", "now"],
    ["docs", "calc/math/docs", "now"],
  ]);
  expect((await rowsOf(0, "spawn", request)).map((row) => row.made)).toEqual(["before", "before", "before"]);
  expect(await statusOf(request)).toMatchObject({
    task: { next: null },
    left: [
      { id: "right-add", kind: "part", key: "calc/math/right-add" },
      { id: "right-twice", kind: "part", key: "calc/math/right-twice" },
    ],
  });
  expect((await typed(3, "go", request)).stdout).toContain("okstra go calc/math/right-add");
  expect((await typed(0, "list")).stdout).toMatch(/^calc\/math\/right-add +error-analysis +not started /m);

  const child = "calc/math/right-add";
  expect((await statusOf(child)).task).toMatchObject({
    category: "bugfix",
    next: { taskType: "error-analysis" },
    origin: { task: request },
  });
  expect((await typed(3, "go", child, "--agents", agents(rig))).stdout).toContain(
    `okstra run --task-key ${child} --task-type error-analysis --base-ref main`,
  );
  const prepared = (
    await typed(0, "prepare", "--task-key", child, "--base-ref", "main", "--agents", agents(rig), "--json")
  ).json<RunSummary>();
  expect(prepared).toMatchObject({ taskType: "error-analysis", worktree: { branch: "fix-right-add" } });
  const prompt = readFileSync(join(prepared.runDir, "prompts", "claude-analyser-error-analysis-001.md"), "utf8");
  expect(prompt).toContain(
    "- F-001 (major) add subtracts, src/add.js:1-1: the function add subtracts its second argument",
  );
  expect(prompt).toContain("`add(1, 2)` gives -1");
});

test("candidates wait for a person who picks; what is picked is a task that can be planned", {
  timeout: 180_000,
}, async () => {
  const run = (await start(look, "improvement-discovery")).json<RunSummary>();
  expect(run).toMatchObject({ outcome: "completed", verdict: "2 candidates", worktree: { branch: "improve-look" } });
  expect(englishLeft(JSON.parse(readFileSync(run.report?.data ?? "", "utf8")) as Report)).toEqual([]);
  const markdown = readFileSync(run.report?.markdown ?? "", "utf8");
  expect(markdown).toContain(
    "| 1 | Part one-operator | `implementation-planning` | one-operator can be shipped by itself | F-001 | `one-operator` |",
  );
  expect(markdown).toContain(`**Next step:** \`okstra followups list ${look}\``);
  expect(markdown).toContain(`okstra followups spawn ${look} --only one-operator,look`);

  const stopped = await typed(3, "go", look, "--agents", agents(rig));
  expect(stopped.stdout).toContain(
    `Pick among 2 candidates (okstra report ${look}): okstra followups spawn ${look} --only one-operator,look`,
  );
  expect((await typed(2, "followups", "spawn", look)).stderr).toContain("Pick: --only one-operator,look");
  expect((await typed(2, "followups", "spawn", look, "--only", "one-operater")).stderr).toContain(
    'did you mean "one-operator"',
  );
  // A key that another task has is refused before anything is made; another group is a way out.
  const taken = await typed(2, "followups", "spawn", look, "--only", "one-operator,look");
  expect(taken.stderr).toMatch(/There is a task calc\/math\/look already[\s\S]*--group NAME/);
  expect((await rowsOf(0, "list", look)).map((row) => row.key)).toEqual([null, null]);
  const later = ["followups", "spawn", look, "--only", "look", "--group", "later"];
  // Killed before the brief, the manifest, the lock of the catalog, the catalog, and the note at the task it comes from.
  for (const stopBefore of [2, 4, 5, 3, 3]) expect((await rig.okstra(later, { stopBefore })).signal).toBe("SIGKILL");
  expect((await rowsOf(0, "list", look)).map((row) => row.key)).toEqual([null, null]);
  expect((await typed(0, ...later)).stdout).toContain("calc/later/look was there already");
  expect((await typed(0, "list")).stdout).toMatch(/^calc\/later\/look +implementation-planning +not started /m);
  expect((await rowsOf(0, "spawn", look, "--only", "one-operator")).map((row) => row.key)).toEqual([
    "calc/math/one-operator",
  ]);
  expect((await rowsOf(0, "list", look)).map(({ id, key }) => [id, key])).toEqual([
    ["one-operator", "calc/math/one-operator"],
    ["look", "calc/later/look"],
  ]);

  const planned = await rig.okstra([
    "run",
    "--task-key",
    "calc/math/one-operator",
    "--base-ref",
    "main",
    "--agents",
    agents(rig),
    "--json",
  ]);
  expect(planned.json<RunSummary>()).toMatchObject({
    taskType: "implementation-planning",
    outcome: "completed",
    verdict: "passed",
    worktree: { branch: "improve-one-operator" },
  });
  // A plan that is sent back is planned again by go, which takes the reason in.
  await typed(0, "reject", "calc/math/one-operator", "--reason", "Name the operator.");
  expect((await statusOf("calc/math/one-operator")).task.next).toEqual({
    taskType: "implementation-planning",
    why: expect.stringMatching(/^the plan has to take the answer to C-\d+ in$/),
  });
});
