/** A task that was handed over is reopened for a fix, planned, built, verified and handed over anew, and closed. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StatusAnswer } from "../../src/cli/answers.schema.ts";
import type { FixCycleRow } from "../../src/registry/registry.schema.ts";
import { agents, files, initialise, key, scenario, testOf, untilApproved } from "../rig/calculator.ts";
import { openRig, type Ran, type Rig } from "../rig/rig.ts";

const folder = ".okstra/tasks/math/add";
let rig: Rig;

beforeAll(async () => {
  rig = openRig(files);
  await initialise(rig);
  await untilApproved(rig);
  await must(["implement", key, "--stage", "all", "--agents", agents(rig), "--no-prose"]);
}, 300_000);
afterAll(async () => await rig[Symbol.asyncDispose]());

async function must(args: readonly string[]): Promise<Ran> {
  const ran = await rig.okstra([...args, "--json"]);
  expect(ran.code, args.join(" ") + ran.stdout + ran.stderr).toBe(0);
  return ran;
}

const verify = () => must(["run", "--task-key", key, "--task-type", "final-verification", "--agents", agents(rig)]);
const status = async (): Promise<StatusAnswer> => (await must(["status", key])).json<StatusAnswer>();
const refused = async (...args: string[]) => {
  const ran = await rig.okstra(["fixcycle", ...args, "--json"]);
  return { code: ran.code, ...ran.json<{ error: { reason: string; message: string; remedy: string } }>().error };
};
const rows = (): FixCycleRow[] =>
  rig
    .read(`${folder}/history/fix-cycles.jsonl`)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as FixCycleRow);
const manifest = () =>
  JSON.parse(rig.read(`${folder}/task-manifest.json`)) as { cycle: number; runs: { id: string }[] };

const approved = () =>
  (JSON.parse(rig.read(`${folder}/runs/implementation-planning/reports/approval-001.json`)) as { content: string })
    .content;

test("a cycle from the hand-off to the next, with nothing taken for granted that was decided before", async () => {
  const open = ["open", key, "--reason", "minus is missing"];
  expect(await refused(...open)).toMatchObject({ code: 3, reason: "fix-cycle-refused", remedy: /okstra go/ });
  await verify();
  await must(["handoff", key, "--action", "commit-only", "--no-prose"]);
  const first = manifest().runs.at(-1)?.id ?? "";
  const handed = rig.git("rev-parse", "fix-add-handoff");

  expect((await must(["fixcycle", ...open])).json()).toMatchObject({
    ...{ as: null, fixCycle: { cycle: 1, state: "open", reason: "minus is missing", reopens: first } },
  });
  expect(await refused(...open)).toMatchObject({ code: 3, message: /is open since/ });
  const opened = await status();
  expect(opened.task.next).toEqual({
    taskType: "implementation-planning",
    why: "fix cycle 1 is open: minus is missing",
  });
  expect(opened.task.stages).toEqual([]);
  expect(opened.task.gates.filter((gate) => gate.open).map(({ name }) => name)).toEqual(["clarifications", "budget"]);
  // The plan, the verification and the hand-off of before count no more.
  const [old, again] = [approved(), ["handoff", key, "--action", "commit-only", "--no-prose"]];
  for (const [args, reason] of [
    [["approve", key, "--content", old], "plan-not-approved"],
    [["implement", key, "--agents", agents(rig)], "plan-not-approved"],
    [again, "not-accepted"],
  ] as const)
    expect((await rig.okstra([...args, "--json"])).json()).toMatchObject({ error: { reason } });

  const code = "export const minus = (a, b) => a - b;\n";
  const minus = { n: 1, name: "minus", test: testOf("minus", "assert.equal(minus(3, 1), 2)"), code, dependsOn: [] };
  rig.write(`${rig.folder}/scenario.yaml`, scenario([], [minus]));
  const planned = await rig.okstra(["go", key, "--agents", agents(rig), "--json"]);
  expect([planned.code, planned.stdout + planned.stderr]).toEqual([3, expect.stringMatching(/--content [0-9a-f]{12}/)]);
  const content = /--content ([0-9a-f]{12})/.exec(planned.stdout)?.[1] ?? "";
  expect(old).not.toContain(content);
  const name = `${folder}/runs/implementation-planning/prompts/claude-analyser-implementation-planning-002.md`;
  expect(rig.read(name)).toContain(`Fix cycle 1, which reopens ${first}: minus is missing`);
  // What the earlier cycle came to is in the packet, which every worker reads.
  expect(rig.read(`${folder}/instruction-set/packet-implementation-planning.md`)).toContain("final-verification#001");
  await must(["approve", key, "--content", content]);
  const gone = await rig.okstra(["go", key, "--agents", agents(rig), "--json"]);
  expect(gone.code, gone.stdout).toBe(3);
  expect((await status()).task).toMatchObject({ next: { taskType: "release-handoff" }, stages: [{ state: "done" }] });
  expect(await refused("close", key)).toMatchObject({ message: /Nothing was handed over in fix cycle 1/ });

  await must(again);
  expect(rig.git("show", "fix-add-handoff:src/minus.js")).toBe(code.trim());
  rig.git("merge-base", "--is-ancestor", handed, "fix-add-handoff");
  expect((await status()).task).toMatchObject({ next: null, fixCycle: { state: "open", handedOver: true } });
  expect((await rig.okstra(["go", key])).stdout).toContain(`okstra fixcycle close ${key}`);
  await must(["fixcycle", "close", key, "--note", "shipped"]);
  const own = manifest().runs.slice(-4);
  expect(rows()).toMatchObject([
    { status: "opened", cycle: 1, reopens: first, who: expect.stringMatching(/./) },
    ...own.map(({ id }) => ({ status: "run", cycle: 1, run: id })),
    { status: "closed", cycle: 1, as: "handed-over", note: "shipped" },
  ]);
  expect((await status()).task.next).toBeNull();
  expect((await rig.okstra(["validate", "run", own.at(-1)?.id ?? "", "--json"])).code).toBe(0);
}, 400_000);

test("a cycle that is dropped leaves the task as it was; one whose opening was killed is finished by the next command", async () => {
  const before = await status();
  expect(await refused("close", key)).toMatchObject({ message: /no open fix cycle; 1 is closed/ });
  await must(["fixcycle", "open", key, "--reason", "once more"]);
  expect(manifest().cycle).toBe(2);
  // As a kill after the row leaves it.
  rig.write(`${folder}/task-manifest.json`, JSON.stringify({ ...manifest(), cycle: 1 }));
  expect(await refused("close", key)).toMatchObject({ message: /Nothing was handed over in fix cycle 2/ });
  expect(manifest().cycle).toBe(2);
  await must(["fixcycle", "close", key, "--drop"]);
  expect(manifest().cycle).toBe(1);
  const { fixCycle: _, ...after } = (await status()).task;
  expect(before.task).toMatchObject(after);
}, 100_000);

test("what does not fit is refused", async () => {
  for (const args of [
    ["open", key],
    ["open", key, "--reason", " "],
    ["open", key, "--reason", "x", "--drop"],
    ["close", key, "--reason", "x"],
    ["reopen", key],
    ["open"],
  ])
    expect(await refused(...args), args.join(" ")).toMatchObject({ code: 2, reason: "usage" });
});
