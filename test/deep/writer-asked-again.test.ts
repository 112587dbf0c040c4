/** A report writer that gives nothing ends its run, and `resume` asks it again: nobody else, and nothing is done twice. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import { agents, contentOf, files, initialise, key, scenario } from "../rig/calculator.ts";
import { openRig, type Ran } from "../rig/rig.ts";

const rig = openRig(files);
const withAgents = (...args: string[]): string[] => [...args, "--agents", agents(rig), "--json"];
const silent = { when: { purpose: "write" }, do: [{ misbehave: "exit-0-silent" }] };
const play = (...first: Record<string, unknown>[]): string => rig.write(`${rig.folder}/scenario.yaml`, scenario(first));

beforeAll(() => initialise(rig));
afterAll(() => rig[Symbol.asyncDispose]());

const dispatches = (run: RunSummary): string[] =>
  rig
    .read(`${run.runDir}/state/events-${String(run.seq).padStart(3, "0")}.jsonl`)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; data: { name: string } })
    .flatMap(({ type, data }) => (type === "dispatch.intended" ? [data.name] : []));

/** The run fails, twice the same way; then its writer speaks. */
async function askedAgain(start: readonly string[]): Promise<{ failed: RunSummary; ended: RunSummary; ran: Ran }> {
  play(silent);
  const answer = (await rig.okstra(start)).json<RunSummary & { runs?: RunSummary[] }>();
  const failed = answer.runs?.[0] ?? answer;
  expect(failed).toMatchObject({ outcome: "failed", reason: "agent-failed", report: null });
  expect(failed.failure?.remedy).toContain(`ask only the writer again: okstra resume '${failed.id}'`);
  expect((await rig.okstra(["resume", failed.id, "--json"])).json()).toMatchObject({ outcome: "failed" });
  play();
  const ran = await rig.okstra(["resume", failed.id, "--json"]);
  const ended = ran.json<RunSummary>();
  expect(ended.outcome, ran.stdout).toBe("completed");
  expect((await rig.okstra(["validate", "run", failed.id])).stdout).toContain("result: OK");
  const status = (await rig.okstra(["status", key, "--json"])).json<{ runs: RunSummary[] }>();
  expect(status.runs.find(({ id }) => id === failed.id)?.outcome).toBe("completed");
  return { failed, ended, ran };
}

test("of an analysis: its workers are not asked again, and its answer counts", async () => {
  const first = ["run", `${rig.folder}/brief.md`, "--task-key", key, "--task-type", "error-analysis"];
  const { failed, ended, ran } = await askedAgain(withAgents(...first, "--base-ref", "main"));
  const writer = "report-writer-report-writer";
  expect(dispatches(ended)).toEqual([...dispatches(failed).slice(0, -3), writer, writer, writer]);
  expect(ran.stderr).toMatch(new RegExp(`resume reused=.*claude-\\S+.* again=${writer}`));
  expect((await rig.okstra(["resume", ended.id, "--json"])).json()).toMatchObject({ error: { reason: "run-ended" } });
});

test("of a stage: its commits stand, its hold is taken back, it is merged", async () => {
  play();
  await rig.okstra(["answer", key, "C-001", "No."]);
  await rig.okstra(withAgents("run", "--task-key", key, "--task-type", "implementation-planning"));
  await rig.okstra(["approve", key, "--content", contentOf(rig)]);
  const { ended } = await askedAgain(withAgents("implement", key, "--stage", "1"));
  expect(ended.verdict).toBe("merged");
  expect(dispatches(ended).filter((name) => name.includes("executor"))).toHaveLength(1);
  const rows = (await rig.okstra(["status", key, "--json"])).json<{ task: { stages: { state: string }[] } }>();
  expect(rows.task.stages[0]?.state).toBe("done");
});
