/** What each command makes of its command line, and what it refuses. */
import { describe, expect, test } from "vitest";
import { failureOf } from "../../../test/fixtures/failure-of.ts";
import { commandOf } from "./table.ts";

const key = { project: "shop", group: "checkout", task: "total" };
const noWishes = {
  brief: null,
  title: null,
  category: null,
  branch: null,
  baseRef: null,
  stage: null,
  workers: null,
  executor: null,
  agents: null,
  critic: null,
  directive: null,
  maxRounds: null,
  allowSingle: false,
  models: {},
};

function read(line: string): unknown {
  const [name = "", ...argv] = line.split(" ").map((word) => word.replaceAll("_", " "));
  const command = commandOf(name);
  if (command === undefined) throw new Error(`no command ${name}`);
  return command.read(argv).options;
}

const runs = (line: string) => read(line) as { ask: { task: unknown; taskType: unknown; wishes: object } };

describe("run", () => {
  test("the task by its key, in both forms, and by its parts", () => {
    const lines = [
      "run --task-key shop/checkout/total --task-type implementation-planning",
      "run --task-key shop:checkout:total --task-type implementation-planning",
      "run --project-id shop --task-group checkout --task-id total --task-type implementation-planning",
    ];
    for (const line of lines) {
      expect(read(line), line).toMatchObject({
        ask: { task: key, taskType: "implementation-planning", wishes: expect.objectContaining(noWishes) },
        renderOnly: false,
      });
    }
  });

  test("without a project the folder's is meant; a brief alone names the task", () => {
    expect(runs("run --task-group checkout --task-id total").ask.task).toEqual({ ...key, project: null });
    expect(runs("run notes/Wrong_total.md --task-type error-analysis").ask).toMatchObject({
      task: { project: null, group: "tasks", task: "Wrong total" },
      wishes: { brief: "notes/Wrong total.md" },
    });
  });

  test("agents by name are the workers", () => {
    expect(read("run --task-key shop/checkout/total --agents claude,codex")).toMatchObject({
      ask: { wishes: { agents: null, workers: ["claude", "codex"] } },
    });
  });

  test("every flag", () => {
    const line =
      "run bug.md --task-key shop/checkout/total --task-type error-analysis --title A_title --category ops --branch b --base-ref main" +
      " --stage 3 --workers a,_b, --executor a --agents scripted:x.yaml --critic c --directive Be_quick --max-rounds 2 --allow-single" +
      " --model a=m1 --model b==m2 --render-only";
    expect(read(line)).toMatchObject({
      ask: {
        task: key,
        taskType: "error-analysis",
        wishes: expect.objectContaining({
          brief: "bug.md",
          title: "A title",
          category: "ops",
          branch: "b",
          baseRef: "main",
          stage: 3,
          workers: ["a", "b"],
          executor: "a",
          critic: "c",
          agents: "scripted:x.yaml",
          directive: "Be quick",
          maxRounds: 2,
          allowSingle: true,
          models: { a: "m1", b: "=m2" },
        }),
      },
      renderOnly: true,
    });
  });

  test("the predecessor's spellings", () => {
    expect(
      runs("run --task-brief bug.md --task-key shop/checkout/total --task-type error-analysis").ask.wishes,
    ).toMatchObject({
      brief: "bug.md",
    });
    expect(commandOf("render-bundle")?.name).toBe("prepare");
    expect(["setup", "task-list", "task-show"].map((name) => commandOf(name)?.name)).toEqual(["init", "list", "show"]);
  });
});

test("implement: the next ready stage unless said otherwise", () => {
  expect(read("implement shop/checkout/total")).toMatchObject({ task: key, stage: "auto", parallel: 2 });
  expect(read("implement shop/checkout/total --stage 12")).toMatchObject({ stage: 12 });
  expect(read("implement --task-key shop/checkout/total --stage all --parallel 4")).toMatchObject({
    stage: "all",
    parallel: 4,
  });
});

test("gates", () => {
  expect(read("answer shop/checkout/total C-001 per_line")).toEqual({ task: key, id: "C-001", text: "per line" });
  expect(read("approve shop/checkout/total --content 3f9c01ab77de --note fine")).toEqual({
    task: key,
    content: "3f9c01ab77de",
    note: "fine",
  });
  expect(read("approve shop/checkout/total")).toEqual({ task: key, content: null, note: "" });
  expect(read("reject shop/checkout/total --reason smaller")).toEqual({ task: key, reason: "smaller" });
  expect(read("go shop/checkout/total --parallel 3")).toMatchObject({ task: key, agents: null, parallel: 3 });
});

test("looking and steering", () => {
  const run = { key, taskType: "implementation", stage: 2, seq: 7 };
  const id = "shop/checkout/total@implementation.stage-2#007";
  expect(read("status")).toEqual({ task: null });
  expect(read("status shop/checkout/total")).toEqual({ task: key });
  expect(read(`show ${id}`)).toEqual({ subject: { is: "run", run } });
  expect(read("report shop/checkout/total --open")).toEqual({ subject: { is: "task", task: key }, open: true });
  expect(read(`inspect ${id} --item F-001 --item P-REC`)).toEqual({
    is: "items",
    subject: { is: "run", run },
    items: ["F-001", "P-REC"],
  });
  expect(read("inspect shop/checkout/total")).toEqual({
    is: "items",
    subject: { is: "task", task: key },
    items: [],
  });
  expect(read("inspect --yield")).toEqual({ is: "yield", subject: null });
  expect(read("inspect --yield shop/checkout/total")).toEqual({ is: "yield", subject: { is: "task", task: key } });
  expect(() => read("inspect --yield --item F-001")).toThrow("do not go together");
  expect(read(`resume ${id}`)).toMatchObject({ run });
  expect(read(`cancel ${id}`)).toEqual({ run });
});

test("installation", () => {
  expect(read("init")).toEqual({ projectId: null, syncDirs: null, copyFiles: null });
  expect(read("init --project-id shop --sync-dirs lib,vendor --copy-files=")).toEqual({
    projectId: "shop",
    syncDirs: ["lib", "vendor"],
    copyFiles: [],
  });
  expect(read("demo --dir x --keep")).toEqual({ dir: "x", keep: true, agents: "scripted" });
});

test.each([
  ["run", "usage", "No task is named"],
  ["run bug.md", "usage", "--task-type is missing"],
  ["run brief.md --task-type error-analysis", "usage", 'The brief\'s name "brief.md" cannot name the task'],
  ["run ../.. --task-type error-analysis", "usage", "cannot name the task"],
  ["run a.md --brief b.md --task-key a/b/c --task-type error-analysis", "usage", "Two briefs are named"],
  ["run --task-key a/b/c --task-id d", "usage", "Two tasks are named"],
  ["run --project-id a", "usage", "--project-id alone names no task"],
  ["run --task-group a", "usage", "--task-id is missing"],
  ["run --task-group a --task-id=", "usage", "--task-id is empty"],
  ["run --task-key a/b", "bad-task-key", '"a/b" is not a task key'],
  ["run --task-key a/b/c --task-type implement", "unknown-task-type", 'did you mean "implementation"?'],
  ["run --task-key a/b/c --stage 0", "usage", '--stage cannot be "0"'],
  ["run --task-key a/b/c --stage all", "usage", '--stage cannot be "all"'],
  ["run --task-key a/b/c --max-rounds 4", "usage", '--max-rounds cannot be "4"'],
  ["run --task-key a/b/c --agents scripted:", "usage", '--agents cannot be "scripted:"'],
  ["run --task-key a/b/c --agents claude --workers codex", "usage", "both name the workers"],
  ["run --task-key a/b/c --model opus", "usage", '--model cannot be "opus"'],
  ["run --task-key a/b/c --workers ,", "usage", "--workers names nobody"],
  ["implement", "usage", "TASK is missing"],
  ["implement a/b/c --parallel 0", "usage", '--parallel cannot be "0"'],
  ["implement a/b/c --task-key a/b/d", "usage", "Two tasks are named"],
  ["answer a/b/c C-001", "usage", "TEXT is missing"],
  ["reject a/b/c", "usage", "--reason is missing"],
  ["handoff a/b/c --action skip --message=", "usage", "--message is empty"],
  ["run --task-key a/b/c --cwd=", "usage", "--cwd is empty"],
  ["approve a/b/c --content=", "usage", "--content is empty"],
  ["show", "usage", "TASK or RUN is missing"],
  ["show a/b/c@nothing#1", "bad-run-id", "is not a run id"],
  ["resume", "usage", "RUN is missing"],
  ["resume a/b/c", "bad-run-id", '"a/b/c" is not a run id'],
  ["list more", "usage", "Unexpected argument: more"],
])("%s: %s", (line, reason, message) => {
  const failure = failureOf(() => read(line));
  expect(failure.reason).toBe(reason);
  expect(failure.message).toContain(message);
  expect(failure.remedy).not.toBe("");
});
