/** A base that is deleted once a task is registered: its commit is recorded, so work goes on; only what rests on the branch says so. */
import { expect, test } from "vitest";
import { agents, files, initialise, key } from "../rig/calculator.ts";
import { openRig } from "../rig/rig.ts";

test("the base branch is deleted between prepare and run", async () => {
  await using rig = openRig(files);
  await initialise(rig);
  const base = rig.git("commit-tree", "-m", "only on dev", "-p", "main", "main^{tree}");
  rig.git("branch", "dev", base);
  const prepared = await rig.okstra([
    ...["prepare", `${rig.folder}/brief.md`, "--task-key", key, "--task-type", "error-analysis"],
    ...["--base-ref", "dev", "--agents", agents(rig)],
  ]);
  expect(prepared.code).toBe(0);
  rig.git("branch", "-D", "dev");
  expect((await rig.okstra(["resume", `${key}@error-analysis#001`])).code).toBe(0);
  expect((await rig.okstra(["answer", key, "C-001", "No."])).code).toBe(0);
  const planning = ["run", "--task-key", key, "--task-type", "implementation-planning", "--agents", agents(rig)];
  expect((await rig.okstra(planning)).code).toBe(0);
  expect(rig.git("rev-parse", "fix-add")).toBe(base);

  const refused = await rig.okstra(["worktree", "remove", key]);
  expect(refused.code).toBe(1);
  expect(refused.stdout + refused.stderr).toContain(
    `commit ${base.slice(0, 8)} is pushed nowhere, and dev is not there`,
  );
  const doctor = await rig.okstra(["doctor"]);
  expect([doctor.code, doctor.stdout.trimEnd().split("\n").at(-1)]).toEqual([0, "result: OK"]);
  // Another task cannot start from it any more.
  const other = await rig.okstra([
    ...["prepare", `${rig.folder}/brief.md`, "--task-key", "calc/math/more", "--task-type", "error-analysis"],
    ...["--base-ref", "dev", "--agents", agents(rig), "--json"],
  ]);
  expect(other.json<{ error: object }>().error).toMatchObject({ reason: "base-ref-unknown" });
});
