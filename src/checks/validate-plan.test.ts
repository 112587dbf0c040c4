import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { clarification } from "../../test/fixtures/report/common.ts";
import { planning } from "../../test/fixtures/report/index.ts";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { contentHash, runPaths } from "../lifecycle/index.ts";
import type { Approval } from "../lifecycle/task.schema.ts";
import { readRun, take } from "../model/index.ts";
import { saveApprovalHead } from "../registry/index.ts";
import { renderMarkdown } from "../report/index.ts";
import type { ReportImplementationPlanning } from "../report/report.schema.ts";
import type { Plan } from "../stages/stage-map.schema.ts";
import { validatePlan } from "./index.ts";

const run = readRun(planning.run);
const ready: ReportImplementationPlanning = { ...planning, clarifications: [] };
const withPlan = (change: (plan: Plan) => Partial<Plan>): ReportImplementationPlanning => {
  if (ready.plan === null) throw new Error("the fixture has no plan");
  return { ...ready, plan: { ...ready.plan, ...change(ready.plan) } };
};

function write(rig: TestRepository, data: ReportImplementationPlanning, markdown = renderMarkdown(data)): void {
  const paths = runPaths(rig.root, run);
  rig.write(paths.reportData, JSON.stringify(data));
  rig.write(paths.reportMarkdown, markdown);
}

async function look(rig: TestRepository) {
  const list = take(await validatePlan(rig.host, { home: rig.home, projectRoot: rig.root, run }));
  const bad = list.checks.filter(({ ok }) => !ok).map(({ id, severity, message }) => `${severity} ${id}: ${message}`);
  return { list, bad };
}

test("a plan that holds together: a row for each rule, none failed", async () => {
  using rig = testRepository();
  write(rig, ready);
  const { list, bad } = await look(rig);
  expect([list.ok, bad]).toEqual([true, []]);
  expect(list.checks.map(({ id }) => id)).toEqual([
    ...["plan:data", "plan:markdown", "plan:headings"],
    ...["S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10"].map((rule) => `plan:${rule}`),
    ...["plan:options", "plan:recommendation", "plan:coverage", "plan:approval"],
  ]);
  expect(list.checks.at(-1)?.message).toBe(`not approved; its content is ${contentHash(ready).slice(0, 12)}`);
});

test("options, recommendation and coverage", async () => {
  using rig = testRepository();
  write(
    rig,
    withPlan((plan) => ({
      options: plan.options.slice(0, 1),
      recommendation: { option: "O9", why: "it is the best" },
      requirementCoverage: [
        { requirement: "R1", stages: [7], note: "" },
        { requirement: "R9", stages: [1], note: "" },
      ],
    })),
  );
  const { list, bad } = await look(rig);
  expect(list.ok).toBe(false);
  expect(bad).toEqual([
    "error plan:options: only 1 of at least two options",
    "error plan:recommendation: recommends O9, which is none of its options",
    "error plan:coverage: requirement R2 is covered by no stage",
    "error plan:coverage: coverage names R9, which is no requirement",
    "error plan:coverage: coverage of R1 names stage 7, which is not in the map",
  ]);
});

test("a broken rule of the Stage Map has its own row", async () => {
  using rig = testRepository();
  write(
    rig,
    withPlan((plan) => ({
      stageMap: { stages: plan.stageMap.stages.map((stage) => ({ ...stage, exitContract: "" })) },
    })),
  );
  const { bad } = await look(rig);
  expect(bad).toHaveLength(3);
  expect(bad.every((row) => row.startsWith("error plan:S7: "))).toBe(true);
});

test("a heading that was taken out, a line that was edited", async () => {
  using rig = testRepository();
  const markdown = renderMarkdown(ready);
  write(rig, ready, markdown.replace("## 5.3 Trade-off", "## 5.3 Thoughts"));
  const { list, bad } = await look(rig);
  const line = markdown.split("\n").indexOf("## 5.3 Trade-off") + 1;
  expect(list.checks[1]).toMatchObject({ id: "plan:markdown", ok: false, where: expect.stringMatching(`:${line}$`) });
  expect(bad).toContain('error plan:headings: the heading "Trade-off" is missing');
});

test("an approval holds for the very content; questions that block stand against it", async () => {
  using rig = testRepository();
  const paths = runPaths(rig.root, run);
  const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
  const mark = { who: "Ada", via: "flag", time: "2026-01-01T00:00:00.000Z", content: contentHash(ready), note: "" };
  const approved = { ...ready, approval: mark };
  const record: Approval = {
    schemaVersion: 1,
    run: planning.run,
    decision: "approved",
    ...mark,
    before: { data: sha("a"), markdown: sha("b") },
    after: { data: sha(JSON.stringify(approved)), markdown: sha(renderMarkdown(approved)) },
  };
  write(rig, approved);
  rig.write(paths.approval, JSON.stringify(record));
  expect((await look(rig)).bad).toEqual(["error plan:approval: the approval record is none that the home knows"]);
  take(await saveApprovalHead(rig.host, rig.home, run, sha(JSON.stringify(record))));
  expect((await look(rig)).bad).toEqual([]);
  write(rig, { ...approved, title: "Something else" });
  expect((await look(rig)).bad).toEqual([expect.stringMatching(/^error plan:approval: The plan was changed after/)]);
  rig.write(paths.approval, JSON.stringify({ ...record, who: "Eve" }));
  expect((await look(rig)).bad).toEqual(["error plan:approval: the approval record was changed after it was written"]);
  rig.write(paths.approval, "{}");
  expect((await look(rig)).list.ok).toBe(false);
});

test("questions that stand against approval are told, and are no fault of the plan", async () => {
  using rig = testRepository();
  write(rig, { ...ready, clarifications: [clarification("C-009", { blocks: "approval", status: "open" })] });
  const { list, bad } = await look(rig);
  expect(list.ok).toBe(true);
  expect(bad).toEqual([expect.stringMatching(/^warning plan:approval: Questions that block approval/)]);
});

test("what cannot be read is one row", async () => {
  using rig = testRepository();
  expect((await look(rig)).bad).toEqual(["error plan:data: there is no report"]);
  write(rig, { ...ready, plan: null });
  expect((await look(rig)).bad).toContain("error plan:body: the report holds no plan");
  rig.write(runPaths(rig.root, run).reportData, "{");
  const { list, bad } = await look(rig);
  expect(list.checks).toHaveLength(1);
  expect(bad[0]).toContain("not JSON");
});
