/** `go` takes stages up again that were stopped in the middle: side by side, as they were built. */
import { expect, test } from "vitest";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import {
  agents,
  files,
  honestActs,
  honestResult,
  initialise,
  key,
  scenario,
  stages,
  untilApproved,
} from "../rig/calculator.ts";
import { puppets } from "../rig/puppet.ts";
import { openRig } from "../rig/rig.ts";

test("two stages whose process was killed", async () => {
  await using rig = openRig(files);
  await using held = await puppets(`${rig.folder}/p.sock`);
  await initialise(rig);
  await untilApproved(rig);
  const waiting = stages.slice(0, 2).map((stage) => ({
    when: { purpose: "execute", stage: stage.n },
    do: [{ puppet: held.path }, ...honestActs(stage)],
    result: honestResult(stage),
  }));
  rig.write(`${rig.folder}/scenario.yaml`, scenario(waiting));
  const built = rig.launch(["implement", key, "--stage", "all", "--parallel", "2", "--agents", agents(rig)]);
  await held.arrived(2);
  built.child.kill("SIGKILL");
  await built.done;
  expect((await rig.okstra(["status", key])).stdout.match(/implementation\.stage-\d#001 +interrupted/g)).toHaveLength(
    2,
  );
  const gone = rig.launch(["go", key, "--agents", agents(rig), "--json"]);
  await held.arrived(4); // both wait now, each in its worktree
  held.go();
  const { runs } = (await gone.done).json<{ runs: RunSummary[] }>();
  expect(
    runs
      .slice(0, 2)
      .map(({ stage }) => stage)
      .toSorted(),
  ).toEqual([1, 2]);
  expect(runs.map(({ outcome }) => outcome)).toEqual(runs.map(() => "completed"));
});
