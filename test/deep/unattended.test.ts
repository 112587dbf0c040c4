/** Gates that stop a run while nobody is there. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { UnattendedRunAnswer } from "../../src/cli/steering.schema.ts";
import { checkGateNotice } from "../../src/generated/notice.check.js";
import { checkUnattendedRunAnswer } from "../../src/generated/steering.check.js";
import type { GateNotice } from "../../src/lifecycle/notice.schema.ts";
import { configure } from "../rig/attempts.ts";
import { agents, files, initialise, key } from "../rig/calculator.ts";
import { openRig, type Rig } from "../rig/rig.ts";

let rig: Rig;

beforeAll(async () => {
  rig = openRig(files);
  await initialise(rig);
  configure(rig, { notify: ["sh", "-c", `cat >> "${rig.folder}/notices"`] });
}, 60_000);
afterAll(() => rig[Symbol.asyncDispose]());

/** What `notify` was told since it was last asked. */
function notices(): GateNotice[] {
  const lines = rig.read(`${rig.folder}/notices`).split("\n");
  rig.write(`${rig.folder}/notices`, "");
  const told = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as GateNotice);
  for (const one of told) expect(checkGateNotice(one), JSON.stringify(checkGateNotice.errors)).toBe(true);
  return told;
}

test("a question stops the task: the run names the decision, notify is told", async () => {
  const ran = await rig.okstra([
    ...["run", `${rig.folder}/brief.md`, "--task-key", key, "--task-type", "error-analysis", "--base-ref", "main"],
    ...["--agents", agents(rig), "--unattended", "--json"],
  ]);
  const answer = ran.json<UnattendedRunAnswer>();
  expect(checkUnattendedRunAnswer(answer), ran.stdout).toBe(true);
  expect([ran.code, answer.outcome, answer.decision?.gate]).toEqual([0, "completed", "clarifications"]);
  expect(answer.decision?.needs[0]).toContain(`okstra answer ${key} C-001`);
  const run = `${key}@error-analysis#001`;
  expect(notices()).toEqual([
    expect.objectContaining({ gate: "clarifications", taskKey: key, run, outcome: "completed", projectRoot: rig.root }),
  ]);
});

test("what cannot start is exit 3, and told too", async () => {
  const next = ["--task-key", key, "--task-type", "implementation-planning", "--agents", agents(rig)];
  const ran = await rig.okstra(["run", ...next, "--unattended", "--json"]);
  expect([ran.code, ran.json<{ error: { reason: string } }>().error.reason]).toEqual([3, "clarifications-open"]);
  expect(notices()).toEqual([expect.objectContaining({ gate: "clarifications-open", run: null, outcome: null })]);
});

test("go stops at the approval, is exit 3, and tells once", async () => {
  expect((await rig.okstra(["answer", key, "C-001", "No."])).code).toBe(0);
  const ran = await rig.okstra(["go", key, "--agents", agents(rig), "--unattended", "--json"]);
  const { decision } = ran.json<{ decision: { gate: string } }>();
  expect([ran.code, decision.gate]).toEqual([3, "plan approval"]);
  const [told, ...others] = notices();
  expect([told?.gate, told?.taskType, others]).toEqual(["plan approval", "implementation-planning", []]);
  expect(told?.needs.join()).toContain(`okstra approve ${key} --content`);
});

test("a notify that fails is said, and the command ends as it would", async () => {
  configure(rig, { notify: ["sh", "-c", "exit 9"] });
  const ran = await rig.okstra(["go", key, "--agents", agents(rig)]);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toContain("notify (sh) ended with 9");
});
