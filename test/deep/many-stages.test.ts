/** A plan of a thousand stages, from the brief to built stages, with what people look at meanwhile. */
import { expect, test } from "vitest";
import { agents, files, initialise, key, untilApproved } from "../rig/calculator.ts";
import { manyStages } from "../rig/many-stages.ts";
import { openRig } from "../rig/rig.ts";

type Stages = { task: { stages: { stageNumber: number; state: string }[] } };

test("a Stage Map of 1,000 stages is planned, approved, looked at, and its first stages are built", async () => {
  await using rig = openRig(files);
  await initialise(rig, manyStages(1_000, 2));
  await untilApproved(rig);
  const states = async (): Promise<Map<number, string>> => {
    const { task } = (await rig.okstra(["status", key, "--json"])).json<Stages>();
    return new Map(task.stages.map(({ stageNumber, state }) => [stageNumber, state]));
  };
  const before = await states();
  expect(before.size).toBe(1_000);
  expect([...before.values()].filter((state) => state === "ready")).toHaveLength(100);
  for (const args of [["status", key], ["list"], ["show", key], ["report", key]]) {
    const ran = await rig.okstra(args);
    expect([args[0], ran.code, ran.stderr]).toEqual([args[0], 0, ""]);
  }
  expect((await rig.okstra(["status", key])).stdout.split("\n").length).toBeLessThan(80);
  const built = await rig.okstra(["implement", key, "--stage", "1", "--agents", agents(rig), "--json"]);
  expect([built.code, built.stderr]).toEqual([0, expect.not.stringContaining("✗")]);
  expect((await rig.okstra(["implement", key, "--stage", "2", "--agents", agents(rig), "--json"])).code).toBe(0);
  const after = await states();
  expect([after.get(1), after.get(2), after.get(3), after.get(11)]).toEqual(["done", "done", "ready", "ready"]);
  expect(rig.git("show", "fix-add:parts/part-2.txt")).toBe("part 2");
});
