/** A run under way as others see it: its journal followed, its end waited for. */
import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkLogsAnswer, checkRunEvent } from "../../src/generated/looking.check.js";
import { agents, files, finding, initialise, key, noFindings } from "../rig/calculator.ts";
import { type Puppets, puppets } from "../rig/puppet.ts";
import { openRig, type Rig } from "../rig/rig.ts";

/** What the run told while it was executed. */
let told = "";
const first = `${key}@error-analysis#001`;
let rig: Rig;
let held: Puppets;

beforeAll(async () => {
  rig = openRig(files);
  held = await puppets(`${rig.folder}/p.sock`);
  const waiting = { when: { purpose: "blind", worker: "claude" }, do: [{ puppet: held.path }] };
  await initialise(rig, [{ ...waiting, result: { ...noFindings, findings: [finding("C-F1")] } }]);
}, 60_000);
afterAll(async () => {
  await held[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

const start = () =>
  rig.launch([
    ...["run", `${rig.folder}/brief.md`, "--task-key", key, "--task-type", "error-analysis", "--base-ref", "main"],
    ...["--agents", agents(rig), "--json", "--json-events"],
  ]);

/** Settles when the child's stdout has the text. */
const says = (child: ChildProcess, text: string): Promise<void> =>
  new Promise((settle) => {
    let seen = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      seen += chunk.toString("utf8");
      if (seen.includes(text)) settle();
    });
  });

test("logs -f shows what is written while it is written; it and wait end with the run", async () => {
  const run = start();
  await held.arrived(1);
  const waited = rig.launch(["wait", first, "--json"]);
  const otherwise = rig.launch(["wait", first, "--until", "failed"]);
  const followed = rig.launch(["logs", first, "-f"]);
  await says(followed.child, "codex-analyser");
  expect(followed.child.exitCode).toBeNull();
  held.go();
  const [ran, followedTo, summary, other] = await Promise.all([run.done, followed.done, waited.done, otherwise.done]);
  expect([ran.code, summary.code, other.code]).toEqual([0, 0, 1]);
  expect(summary.json()).toEqual(ran.json());
  told = ran.stderr;
  expect(followedTo.code).toBe(0);
  expect(followedTo.stdout).toMatch(/run\.prepared .*\n(.*\n)*.*run\.ended +completed.*\n$/);
  const plain = await rig.okstra(["logs", first]);
  expect(plain.stdout).toBe(followedTo.stdout);
});

test("logs as JSON: one document, or one line an event", async () => {
  const whole = (await rig.okstra(["logs", first, "--json"])).json<{ events: unknown[] }>();
  expect(checkLogsAnswer(whole), JSON.stringify(checkLogsAnswer.errors)).toBe(true);
  const ran = await rig.okstra(["logs", first, "--json-events"]);
  const lines = ran.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toEqual(whole.events);
  // The first event, run.prepared, is written before anybody listens.
  expect(
    told
      .trimEnd()
      .split("\n")
      .slice(-lines.length + 1),
  ).toEqual(ran.stdout.trimEnd().split("\n").slice(1));
  expect(lines.every((line) => checkRunEvent(line))).toBe(true);
});

test("logs -f of a run that nobody executes says so and ends", async () => {
  const prepared = await rig.okstra([
    "prepare",
    "--task-key",
    key,
    "--task-type",
    "error-analysis",
    "--agents",
    agents(rig),
  ]);
  expect(prepared.code).toBe(0);
  const ran = await rig.okstra(["logs", `${key}@error-analysis#002`, "-f"]);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toMatch(/run\.prepared/);
  expect(ran.stderr).toContain(`okstra resume '${key}@error-analysis#002'`);
});

test("wait for a run that nobody executes fails by name, unless that is what is waited for", async () => {
  const second = `${key}@error-analysis#002`;
  const ran = await rig.okstra(["wait", second, "--json"]);
  expect([ran.code, ran.json<{ error: { reason: string } }>().error.reason]).toEqual([1, "run-not-executed"]);
  expect((await rig.okstra(["wait", second, "--until", "prepared"])).code).toBe(0);
});

test("wait notices that the engine was killed", async () => {
  const second = `${key}@error-analysis#002`;
  const engine = rig.launch(["resume", second]);
  await held.arrived(2);
  const waited = rig.launch(["wait", second, "--json"]);
  const followed = rig.launch(["logs", second, "-f"]);
  await says(followed.child, "run.started");
  engine.child.kill("SIGKILL");
  const [ran, told] = await Promise.all([waited.done, followed.done]);
  expect([ran.code, ran.json<{ error: { reason: string } }>().error.reason]).toEqual([1, "run-not-executed"]);
  expect([told.code, told.stderr]).toEqual([0, expect.stringContaining("Nobody executes")]);
  const cancelled = await rig.okstra(["cancel", second]);
  expect(cancelled.code).toBe(0);
  expect((await rig.okstra(["wait", second])).code).toBe(130);
});
