/** Reports that nobody wrote: put together from what the run knows, valid, and no writer was asked. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Report } from "../../src/report/report.schema.ts";
import { agents, contentOf, files, initialise, key } from "../rig/calculator.ts";
import { openRig, type Rig } from "../rig/rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = openRig(files);
  await initialise(rig);
});
afterAll(async () => await rig[Symbol.asyncDispose]());

async function must(...args: readonly string[]): Promise<{ id: string; report: { data: string } }> {
  const ran = await rig.okstra([...args, "--json"]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return ran.json();
}

const start = (taskType: string, ...more: readonly string[]): readonly string[] => [
  ...["run", "--task-key", key, "--task-type", taskType, "--agents", agents(rig), ...more],
];

function reportOf(run: { report: { data: string } }): Report {
  const report = JSON.parse(readFileSync(run.report.data, "utf8")) as Report;
  expect(report.author).toBe("okstra");
  expect(report.roster.some(({ role }) => role === "report-writer")).toBe(false);
  expect(report.summary).not.toBe("");
  return report;
}

test("every phase but planning, which says why not", async () => {
  const first = ["--brief", `${rig.folder}/brief.md`, "--base-ref", "main", "--no-prose"];
  const analysis = reportOf(await must(...start("error-analysis", ...first)));
  expect(analysis).toMatchObject({ analysis: { hypotheses: [{ items: ["F-001"] }] } });
  await must("answer", key, "C-001", "No.");
  const refused = await rig.okstra([...start("implementation-planning", "--no-prose"), "--json"]);
  expect(refused.json()).toMatchObject({ error: { reason: "usage", message: expect.stringContaining("--no-prose") } });
  await must(...start("implementation-planning"));
  await must("approve", key, "--content", contentOf(rig));
  const built = await rig.okstra(["implement", key, "--stage", "all", "--agents", agents(rig), "--no-prose", "--json"]);
  const { runs } = built.json<{ runs: { report: { data: string } }[] }>();
  expect(runs.length).toBeGreaterThan(1);
  for (const run of runs) reportOf(run);
  const verified = reportOf(await must(...start("final-verification", "--no-prose")));
  expect(verified).toMatchObject({ verdict: "accepted" });
  const handoff = ["handoff", key, "--action", "commit-only", "--squash", "--no-prose", "--agents", agents(rig)];
  expect(reportOf(await must(...handoff))).toMatchObject({ taskType: "release-handoff" });
  const valid = await rig.okstra(["validate", "run", key, "--json"]);
  expect(valid.json<{ ok: boolean }>().ok, valid.stdout).toBe(true);
}, 300_000);
