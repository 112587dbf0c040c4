/** The command line as a process: stopped by a person, read by a pipe that closes, answering in the published shapes. */
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as answers from "../../src/generated/answers.check.js";
import { checkCheckList, checkDoctorAnswer } from "../../src/generated/checks.check.js";
import type { Check } from "../../src/model/index.ts";
import { agents, files, finding, initialise, key, noFindings } from "../rig/calculator.ts";
import { type Puppets, puppets } from "../rig/puppet.ts";
import { main, openRig, type Ran, type Rig } from "../rig/rig.ts";

const question = {
  question: "Is a sum of nothing 0?",
  why: "the brief does not say",
  kind: "decision",
  expectedForm: "yes or no",
  blocks: "next-phase",
};
const run = `${key}@error-analysis#001`;
let rig: Rig;
let held: Puppets;

beforeAll(async () => {
  rig = openRig(files);
  held = await puppets(`${rig.folder}/p.sock`);
  const blind = { purpose: "blind", worker: "claude" };
  const waits = { puppet: held.path };
  await initialise(rig, [
    {
      when: { ...blind, taskType: "error-analysis" },
      do: [waits],
      result: { ...noFindings, findings: [finding("C-F1")], questions: [question] },
    },
    {
      when: { ...blind, taskType: "requirements-discovery" },
      do: [{ misbehave: "fork-daemon" }, waits],
      result: noFindings,
    },
  ]);
}, 60_000);
afterAll(async () => {
  await held[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

const runArgs = (task: string, type: string): string[] => [
  ...["run", `${rig.folder}/brief.md`, "--task-key", task, "--task-type", type, "--base-ref", "main"],
  ...["--agents", agents(rig)],
];

/** Settles when the child's stderr has the text. */
const tells = (child: ChildProcess, text: string): Promise<void> =>
  new Promise((settle) => {
    let seen = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      seen += chunk.toString("utf8");
      if (seen.includes(text)) settle();
    });
  });

test("Ctrl-C once stops cleanly; resume goes on where it stopped", async () => {
  const { child, done } = rig.launch([...runArgs(key, "error-analysis"), "--json"]);
  await held.arrived(1);
  child.kill("SIGINT");
  const stopped = await done;
  const { error } = stopped.json<{ error: { reason: string; remedy: string } }>();
  expect([stopped.code, error.reason]).toEqual([130, "interrupted"]);
  expect(error.remedy).toContain(`okstra resume '${run}'`);
  expect(rig.leftRunning()).toEqual([]);
  const status = await rig.okstra(["status", key]);
  expect(status.stdout).toContain(`Interrupted\n  okstra resume '${run}'`);
  const resumed = rig.launch(["resume", run]);
  await held.arrived(2);
  held.go();
  const ended = await resumed.done;
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stderr).toContain("PROGRESS: resume reused=");
  expect(ended.stdout).toContain(`✓ ${run}: completed`);
});

test("Ctrl-C twice ends at once; what is left of the run is ended by cancel", async () => {
  const other = "calc/math/other";
  const { child, done } = rig.launch(runArgs(other, "requirements-discovery"));
  await held.arrived(3);
  const stopping = tells(child, "once more to stop at once");
  child.kill("SIGINT");
  await stopping; // its agent left something that ignores TERM: the clean stop waits for it
  child.kill("SIGINT");
  expect((await done).code).toBe(130);
  const left = rig.leftRunning();
  const cancelled = await rig.okstra(["cancel", `${other}@requirements-discovery#001`, "--json"]);
  expect(cancelled.code, cancelled.stderr).toBe(0);
  expect(cancelled.json()).toMatchObject({ outcome: "cancelled" });
  expect(left.length).toBeGreaterThan(0);
  expect(rig.leftRunning()).toEqual([]);
});

test("init reads the project's own checks, with the package manager that its lock file tells", async () => {
  await using fresh = openRig({ "package.json": '{"scripts": {"test": "node --test"}}', "pnpm-lock.yaml": "" });
  fresh.git("switch", "--quiet", "-c", "trunk");
  const ran = await fresh.okstra(["init"]);
  expect(ran.stdout).toMatch(/^ +test +pnpm run test$/m);
  expect(ran.stdout).toMatch(/git add \.okstra/);
  expect(ran.stdout).toMatch(/--base-ref trunk$/m);
  // What it says is so: git would take these two files, and nothing else of okstra's.
  expect(fresh.git("status", "--porcelain", "--untracked-files=all").split("\n")).toEqual([
    "?? .okstra/.gitignore",
    "?? .okstra/project.json",
  ]);
});

const documented: readonly { readonly args: readonly string[]; readonly check: Check<unknown> }[] = [
  { args: ["init"], check: answers.checkInitAnswer },
  { args: ["paths"], check: answers.checkPathsAnswer },
  { args: ["list"], check: answers.checkListAnswer },
  { args: ["status", key], check: answers.checkStatusAnswer },
  { args: ["show", key], check: answers.checkStatusAnswer },
  { args: ["show", run], check: answers.checkShowRunAnswer },
  { args: ["report", key], check: answers.checkReportAnswer },
  { args: ["answer", key, "C-001", "No."], check: answers.checkClarificationAnswer },
  { args: ["doctor"], check: checkCheckList },
  { args: ["doctor", "--fix"], check: checkDoctorAnswer },
  { args: ["reconcile"], check: answers.checkReconcileAnswer },
  { args: ["version"], check: answers.checkVersionAnswer },
];

test.each(documented)("$args answers in its published shape", async ({ args, check }) => {
  const ran = await rig.okstra([...args, "--json"]);
  expect(check(ran.json()), JSON.stringify(check.errors)).toBe(true);
  expect(ran.code, ran.stderr).toBe(0);
});

test("a plan is not approved unread: without a terminal the hash must be given", async () => {
  const planned = await rig.okstra([
    ...["run", "--task-key", key, "--task-type", "implementation-planning", "--agents", agents(rig)],
  ]);
  expect(planned.code, planned.stderr).toBe(0);
  const ran = await rig.okstra(["approve", key]);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toMatch(
    /^✗ --content is missing: .*\n↳ Read it \(okstra report .*\), then: okstra approve \S+ --content [0-9a-f]{12}\n$/,
  );
  const content = /--content ([0-9a-f]{12})/.exec(ran.stderr)?.[1] ?? "";
  const wrong = await rig.okstra(["approve", key, "--content", "000000000000", "--json"]);
  expect([wrong.code, wrong.json<{ error: { reason: string } }>().error.reason]).toEqual([3, "content-mismatch"]);
  const approved = await rig.okstra(["approve", key, "--content", content, "--json"]);
  expect(answers.checkApproveAnswer(approved.json()), JSON.stringify(answers.checkApproveAnswer.errors)).toBe(true);
  const prepared: Ran = await rig.okstra([
    ...[
      "prepare",
      "--task-key",
      key,
      "--task-type",
      "implementation",
      "--stage",
      "2",
      "--agents",
      agents(rig),
      "--json",
    ],
  ]);
  expect(answers.checkPrepareAnswer(prepared.json()), JSON.stringify(answers.checkPrepareAnswer.errors)).toBe(true);
}, 60_000);

test("a reader that goes away is no failure", async () => {
  for (const args of [["list"], ["--help"], ["--version"], ["report", key]]) {
    const { child } = rig.launch(args);
    child.stdout?.destroy();
    let story = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      story += chunk.toString("utf8");
    });
    const [code] = (await once(child, "close")) as [number];
    expect([code, story], args.join(" ")).toEqual([0, ""]);
  }
});

test.skipIf(!existsSync("/dev/full"))("an answer that stdout does not take is a failure, of ready answers too", () => {
  for (const args of [["--version"], ["--help"], ["paths"]]) {
    const full = openSync("/dev/full", "w");
    const ran = spawnSync(process.execPath, [main, ...args], { env: rig.env, stdio: ["ignore", full, "pipe"] });
    closeSync(full);
    expect([args, ran.status, String(ran.stderr)]).toEqual([
      args,
      1,
      expect.stringContaining("cannot be written to stdout"),
    ]);
  }
});
