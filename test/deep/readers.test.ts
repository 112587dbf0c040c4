/** A merge never moves the task's worktree under a run that reads it. */
import { expect, test } from "vitest";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import { onApprovedPlan } from "../rig/approved.ts";
import { agents, key, noFindings, scenario } from "../rig/calculator.ts";
import { puppets } from "../rig/puppet.ts";
import type { Ran, Rig } from "../rig/rig.ts";

let rig: Rig;
onApprovedPlan((made) => {
  rig = made;
});

const analysis = `${key}@error-analysis#002`;
const mergesOn = (branch: string): string[] =>
  rig
    .git("log", "--merges", "--format=%s", branch)
    .split("\n")
    .filter((line) => line !== "");
const summary = (ran: Ran): RunSummary => {
  const answer = ran.json<{ runs?: RunSummary[] } & RunSummary>();
  return answer.runs?.at(-1) ?? answer;
};
const implement = (stage: number) =>
  rig.launch(["implement", key, "--stage", String(stage), "--agents", agents(rig), "--json"]);

/** An analysis whose first agent waits for `held`. */
function analyse(held: string) {
  const waiting = { when: { purpose: "blind", worker: "claude" }, do: [{ puppet: held }], result: noFindings };
  const file = rig.write(`${rig.folder}/held.yaml`, scenario([waiting]));
  return rig.launch([
    "run",
    "--task-key",
    key,
    "--task-type",
    "error-analysis",
    "--agents",
    `scripted:${file}`,
    "--json",
  ]);
}

test("a merge waits for those who read, names them, and goes on when they are done", async () => {
  await using held = await puppets(`${rig.folder}/p.sock`);
  const reading = analyse(held.path);
  await held.arrived(1);
  const built = implement(1);
  const waits = new Promise<void>((settle) => {
    let said = "";
    built.child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      if (said.includes(`waits for ${analysis}, which reads the task's worktree`)) settle();
    });
  });
  await waits;
  expect(mergesOn("fix-add")).toEqual([]);
  held.go();
  const [read, merged] = await Promise.all([reading.done, built.done]);
  expect([summary(read).outcome, summary(merged).outcome], read.stderr).toEqual(["completed", "completed"]);
  expect(mergesOn("fix-add")).toEqual(["Merge stage 1: add is right"]);
});

test("a reader that was killed holds up no merge, and takes what was merged as it is when it goes on", async () => {
  await using held = await puppets(`${rig.folder}/p.sock`);
  const reading = analyse(held.path);
  await held.arrived(1);
  reading.child.kill("SIGKILL");
  await reading.done;
  expect(summary(await implement(1).done).outcome).toBe("completed");
  const merges = mergesOn("fix-add");
  expect(merges).toEqual(["Merge stage 1: add is right"]);
  const resumed = rig.launch(["resume", analysis, "--json"]);
  await held.arrived(2);
  held.go();
  const ran = await resumed.done;
  expect(summary(ran).outcome, ran.stderr).toBe("completed");
  expect(mergesOn("fix-add")).toEqual(merges);
});
