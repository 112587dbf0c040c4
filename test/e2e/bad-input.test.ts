/**
 * Bad input of every kind, through the command line: the exit code of the table, a stable reason with message and remedy, at
 * most three lines for people (test/golden/failures), and nothing half-made.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { markName } from "../../src/agents/index.ts";
import { noPaint } from "../../src/cli/paint.ts";
import { failureLines } from "../../src/cli/text.ts";
import { checkFailureAnswer } from "../../src/generated/answers.check.js";
import { type Failure, reasons } from "../../src/model/index.ts";
import { assertGolden } from "../golden.ts";
import { normalise } from "../normalise.ts";
import { configure } from "../rig/attempts.ts";
import { type At, approveNow, badInputs, type Case, first, implement, plan } from "../rig/bad-inputs.ts";
import { files, initialise, key, scenario } from "../rig/calculator.ts";
import { inside } from "../rig/inside.ts";
import { openRig, packageRoot } from "../rig/rig.ts";
import { changes, tracesOf } from "../rig/traces.ts";

const rig = openRig(files);
const states = new Map<At, () => void>();
/** What the disk holds, untouched; null when a case has put something there. */
let at: At | null = null;

function goTo(wanted: At): void {
  if (at !== wanted) states.get(wanted)?.();
  at = wanted;
}

beforeAll(async () => {
  const must = async (...args: string[]): Promise<void> => {
    const ran = await rig.okstra([...args, "--json"]);
    if (ran.code !== 0) throw new Error(`${args.join(" ")}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
  };
  await initialise(rig);
  mkdirSync(`${rig.folder}/elsewhere`);
  states.set("initialised", rig.keep());
  await must(...first()(rig));
  states.set("analysed", rig.keep());
  await must("answer", key, "C-001", "No.");
  await must(...plan(rig));
  states.set("planned", rig.keep());
  await must(...approveNow(rig));
  states.set("approved", rig.keep());
  await must(...implement("1")(rig));
  const second = first({ "--brief": null, "--base-ref": null, "--task-type": "implementation", "--stage": "2" })(rig);
  await must("prepare", ...second.slice(1));
  states.set("building", rig.keep());
}, 120_000);
afterAll(() => rig[Symbol.asyncDispose]());

describe.each(Object.entries(badInputs) as [At, readonly Case[]][])("%s", (state, cases) => {
  // Those that put nothing there come first, so that the disk is put back seldom.
  const ordered = [...cases].sort((a, b) => Number(a.given !== undefined) - Number(b.given !== undefined));
  test.each(ordered)("$name", async ({ name, reason, args, given, cwd, says }) => {
    goTo(state);
    if (given !== undefined) at = null;
    given?.(rig);
    const before = tracesOf(rig);

    const said = await inside(rig, [...args(rig), "--json"], cwd === undefined ? rig.root : join(rig.folder, cwd));

    const document = JSON.parse(said.answer) as { error: Failure };
    expect(checkFailureAnswer(document), said.answer).toBe(true);
    const { error } = document;
    expect(error.reason, said.answer).toBe(reason);
    expect(said.code).toBe(reasons[reason].exit);
    expect(error.remedy).not.toBe("");
    for (const word of says ?? []) expect(error.message + error.remedy).toContain(word);
    const lines = failureLines(error, noPaint);
    expect(lines.length).toBeLessThanOrEqual(3);
    assertGolden(`failures/${name}.txt`, shown(`${lines.join("\n")}\n`));

    const left = changes(before, tracesOf(rig));
    if (left.length > 0) at = null;
    expect(left).toEqual([]);
  });
});

/** Without what no two runs share. */
const shown = (text: string): string =>
  normalise(text.replaceAll(rig.folder, "<rig>"), {}).replaceAll(/\b[0-9a-f]{8,64}\b/g, "<hash>");

test("a task is found by its segments, however its ids are written", async () => {
  goTo("analysed");
  for (const written of ["CALC/Math/ADD", "calc:math:add"]) {
    const ran = await rig.okstra(["status", written, "--json"]);
    expect(ran.json<{ task: { key: string } }>().task.key, written).toBe(key);
  }
});

test("settings that were removed come back under the id that the project has", async () => {
  goTo("initialised");
  at = null;
  rmSync(`${rig.root}/.okstra/project.json`);
  const again = await inside(rig, ["init", "--json"]);
  expect(JSON.parse(again.answer)).toMatchObject({ projectId: "calc", already: false });
  expect((await inside(rig, ["list"])).code).toBe(0);
});

test("a plan whose check was refused cannot be approved", async () => {
  goTo("analysed");
  at = null;
  await inside(rig, ["answer", key, "C-001", "Yes."]);
  const again = await inside(rig, ["answer", key, "C-001", "No."]);
  expect(again.answer).toContain("This replaces the answer before: Yes.");
  const refusal = { verdict: "DISAGREE", reasonCode: "b", reason: "it cannot be done", evidence: [] };
  const ids = [...scenario().matchAll(/"item": "(P-[^"]+)"/g)].map(([, id]) => id);
  const verdicts = ids.map((item) =>
    item === "P-STG-1" ? { item, ...refusal } : { item, verdict: "AGREE", reason: "it fits", evidence: [] },
  );
  const refused = { when: { purpose: "plan-check" }, result: { schemaVersion: 1, verdicts } };
  rig.write(`${rig.folder}/scenario.yaml`, scenario([refused]));
  const ran = await rig.okstra([...plan(rig), "--json"]);
  expect(ran.json<{ verdict: string }>().verdict, ran.stdout).toBe("blocked-by-disagreement");
  const asked = (await rig.okstra(["approve", key, "--json"])).json<{ error: { details: { content: string } } }>();
  const before = tracesOf(rig);
  const tried = await rig.okstra(["approve", key, "--content", asked.error.details.content, "--json"]);
  expect(tried.json()).toMatchObject({
    error: { reason: "plan-gate-closed", message: expect.stringContaining("P-STG-1") },
  });
  expect(tried.code).toBe(3);
  expect(changes(before, tracesOf(rig))).toEqual([]);
});

test("a plan that was sent back is not approved, nor built where it was approved before", async () => {
  for (const state of ["planned", "approved"] as const) {
    goTo(state);
    at = null;
    const next = [...(state === "planned" ? approveNow : implement("1"))(rig), "--json"];
    const back = await inside(rig, ["reject", key, "--reason", "keep the interface", "--json"]);
    expect(back.code, back.answer).toBe(0);
    expect(JSON.parse((await inside(rig, next)).answer)).toMatchObject({
      error: {
        reason: "plan-not-approved",
        message: expect.stringContaining("was sent back (C-002)"),
        remedy: expect.stringContaining("implementation-planning"),
      },
    });
    const told = (await inside(rig, ["report", key])).answer;
    expect(told).toContain("approved: false\nsent-back: true\n");
    expect(told).toMatch(/\*\*Sent back:\*\* by .*: keep the interface\n/);
    expect(told).not.toMatch(/okstra approve|Approval:/);
    expect(
      rig.read(
        `.okstra/tasks/math/add/runs/implementation-planning/reports/final-report-implementation-planning-001.html`,
      ),
    ).toContain("keep the interface");
    const run = `${key}@implementation-planning#001`;
    for (const what of ["run", "plan", "report"]) {
      const checked = await inside(rig, ["validate", what, run, "--json"]);
      expect(checked.code, checked.answer).toBe(0);
    }
    // Twice is once; another reason is one more.
    expect(JSON.parse((await inside(rig, ["reject", key, "--reason", "keep the interface", "--json"])).answer)).toEqual(
      JSON.parse(back.answer),
    );
    expect((await inside(rig, ["reject", key, "--reason", "and the name"])).answer).toContain("C-003");
    expect((await inside(rig, ["report", key])).answer).toContain("and the name");
    expect((await inside(rig, ["validate", "run", run])).code).toBe(0);
  }
  expect((await rig.okstra([...plan(rig), "--render-only"])).code).toBe(0);
  expect(rig.read(".okstra/tasks/math/add/instruction-set/packet-implementation-planning.md")).toContain(
    "A person sent this plan back: and the name",
  );
});

test("an approved plan that is built beside a newer one is named, with the newer one", async () => {
  goTo("approved");
  at = null;
  const [older, newer] = ["001", "002"].map((seq) => `${key}@implementation-planning#${seq}`);
  const build = implement("1")(rig);
  const notesOf = async () =>
    JSON.parse((await inside(rig, [...build, "--dry-run", "--json"])).answer) as { notes: string[]; plan: object };
  expect((await notesOf()).notes.join()).not.toContain("newer");
  const planned = await rig.okstra(plan(rig));
  expect(planned.code, planned.stdout).toBe(0);
  const note = `the approved plan ${older} holds; the newer plan ${newer} is not approved`;
  expect(await notesOf()).toMatchObject({ notes: expect.arrayContaining([note]), plan: { run: older } });
  const built = await rig.okstra(build);
  expect([built.code, built.stderr]).toEqual([0, expect.stringContaining(`T${note.slice(1)}`)]);
  expect((await inside(rig, ["report", `${key}@implementation.stage-1#001`])).answer).toContain(`- ${note}`);
});

test("a plan that was changed before it was sent back is not vouched for", async () => {
  goTo("approved");
  at = null;
  const path = ".okstra/tasks/math/add/runs/implementation-planning/reports/final-report-implementation-planning-001";
  const run = `${key}@implementation-planning#001`;
  const notes = `${rig.read(`${path}.md`)}\nmy notes\n`;
  rig.write(`${path}.md`, notes);
  expect((await inside(rig, ["reject", key, "--reason", "see my notes"])).code).toBe(0);
  expect(rig.read(`${path}.md`)).toBe(notes);
  expect(rig.read(`${path}.data.json`)).toContain("see my notes");
  expect((await inside(rig, ["validate", "run", run])).code).not.toBe(0);
  expect((await inside(rig, ["validate", "report", run, "--fix"])).code).toBe(0);
  expect(rig.read(`${path}.md`)).toContain("see my notes");
  expect((await inside(rig, ["validate", "run", run])).code).toBe(0);
  const changed = rig.read(`${path}.data.json`).replace("src/add.js", "src/evil.js");
  rig.write(`${path}.data.json`, changed);
  expect((await inside(rig, ["reject", key, "--reason", "once more"])).answer).toContain("validate run");
  expect(rig.read(`${path}.data.json`)).toBe(changed);
  expect((await inside(rig, ["validate", "run", run])).code).not.toBe(0);
});

test("an agent decides nothing, whether the mark is its own or that of a process above it", async () => {
  goTo("planned");
  const decisions = [
    approveNow(rig),
    ["reject", key, "--reason", "no"],
    ["answer", key, "C-001", "yes"],
    ["integrate", key],
    ["handoff", key, "--action", "skip"],
    [...plan(rig), "--clarification-response", `${rig.folder}/scenario.yaml`],
  ];
  const before = tracesOf(rig);
  for (const args of decisions) {
    const env = { ...rig.env, [markName]: "a-mark" };
    const main = join(packageRoot, "dist/main.js");
    const command = [main, ...args, "--json"];
    const own = [process.execPath, ...command];
    const below = ["sh", "-c", `env -u ${markName} "$@"; exit $?`, "sh", ...own];
    for (const [program = "", ...rest] of args[0] === "approve" ? [own, below] : [own]) {
      const said = spawnSync(program, rest, { cwd: rig.root, env, encoding: "utf8" });
      expect(JSON.parse(said.stdout), args[0]).toMatchObject({ error: { reason: "agent-may-not-decide" } });
      expect(said.status).toBe(3);
    }
  }
  expect(changes(before, tracesOf(rig))).toEqual([]);
});

test("a roster of one checks the plan alone, and the report says so", async () => {
  goTo("analysed");
  at = null;
  await rig.okstra(["answer", key, "C-001", "No."]);
  const ran = await rig.okstra([...plan(rig), "--workers", "claude", "--allow-single", "--json"]);
  expect(ran.json<{ verdict: string }>().verdict, ran.stdout).toBe("passed");
  expect((await inside(rig, ["report", key])).answer).toContain("nobody checks its findings");
  expect((await inside(rig, approveNow(rig))).code).toBe(0);
});

test("what failed can be done right after, and nothing of the failure is in its way", async () => {
  goTo("initialised");
  at = null;
  configure(rig, { worktreeSetup: ["exit 3"] });
  expect((await rig.okstra(first()(rig))).code).toBe(1);
  configure(rig, { worktreeSetup: [] });
  expect((await rig.okstra(first()(rig))).code).toBe(0);
  expect(rig.read(`${rig.home}/worktrees/calc/math/add/task/src/add.js`)).toBe(files["src/add.js"]);
});

test("answers of a file are taken into the next run and its prompts; the same file may be given again", async () => {
  goTo("analysed");
  at = null;
  const file = `${rig.folder}/answers.md`;
  const text =
    "---\nrun: calc/math/add@error-analysis#001\n---\n## C-001\n\n> The question\n\nNever.\n\\## So it is.\n";
  rig.write(file, text);
  const prepare = ["prepare", ...plan(rig).slice(1), "--clarification-response", file, "--json"];
  const first = await inside(rig, prepare);
  const { prompts } = JSON.parse(first.answer) as { prompts: readonly string[] };
  for (const prompt of prompts) expect(rig.read(prompt)).toContain("Never.\n  ## So it is.");
  const folder = `${rig.root}/.okstra/tasks/math/add`;
  const last = JSON.parse(rig.read(`${folder}/clarifications.jsonl`).trimEnd().split("\n").at(-1) ?? "") as object;
  expect(last).toMatchObject({ id: "C-001", status: "resolved", userInput: "Never.\n## So it is." });
  expect(rig.read(`${folder}/runs/error-analysis/user-responses/user-response-error-analysis-001.md`)).toBe(text);
  expect((await inside(rig, prepare)).code).toBe(0);
  rig.write(file, text.replace("Never", "Always"));
  expect(JSON.parse((await inside(rig, prepare)).answer)).toMatchObject({
    error: { reason: "clarification-not-open" },
  });
});

test("a question stands though its file was emptied; answering writes it again", async () => {
  goTo("analysed");
  at = null;
  const path = `${rig.root}/.okstra/tasks/${key.split("/").slice(1).join("/")}/clarifications.jsonl`;
  writeFileSync(path, "");
  const refused = await inside(rig, [...plan(rig), "--json"]);
  expect(JSON.parse(refused.answer)).toMatchObject({ error: { reason: "clarifications-open" } });
  expect((await inside(rig, ["status", key])).answer).toContain("okstra answer");
  expect((await inside(rig, ["doctor"])).answer).toContain("C-001 (open): raised, and missing in the file");
  expect((await inside(rig, ["answer", key, "C-001", "No."])).code).toBe(0);
  expect(readFileSync(path, "utf8").match(/"status":"[a-z]+"/g)).toEqual(['"status":"open"', '"status":"answered"']);
});
