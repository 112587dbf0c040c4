/** Stages side by side have numbers, ports and temporary folders of their own: set-up, agents, validation and throwaway trees alike. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { attempt, configure } from "../rig/attempts.ts";
import { agents, honestActs, honestResult, key, stages } from "../rig/calculator.ts";
import { openApproved } from "../rig/races.ts";
import { registryOf } from "../rig/world.ts";

test("slot and ports reach set-up, agent and validation; each set-up has a log of its own and a limit", async () => {
  await using ground = await openApproved();
  const { rig } = ground;
  const task = join(rig.home, "worktrees", key, "task");
  configure(rig, { worktreeSetup: ['echo "slot $OKSTRA_SLOT ports $OKSTRA_PORT_BASE in $TMPDIR"'] });
  const wanted = `process.env.OKSTRA_SLOT === "1" && process.env.OKSTRA_PORT_BASE === "20020"`;
  rig.write(join(task, "test/start.test.js"), `if (!(${wanted} && process.env.TMPDIR)) process.exit(1);\n`);
  rig.gitAt(task, "commit", "--quiet", "-am", "looks at its slot");
  const [stage] = stages;
  if (stage === undefined) throw new Error("no stage");
  const acts = [{ run: 'test "$OKSTRA_SLOT/$OKSTRA_PORT_BASE" = 1/20020 && test -d "$TMPDIR"' }, ...honestActs(stage)];
  const first = [{ when: { purpose: "execute", stage: 1 }, do: acts, result: honestResult(stage) }];
  const { run, ran } = await attempt(rig, 1, first);
  expect([ran.code, run.verdict, ran.stdout]).toEqual([0, "merged", expect.any(String)]);
  expect(registryOf(rig)[`${key}#stage-1`]?.slot).toBe(1);
  const logs = join(rig.home, "scratch/setup-logs", key);
  const texts = () => readdirSync(logs).map((name) => [name, readFileSync(join(logs, name), "utf8")]);
  expect(texts()).toEqual([
    ["stage-1-1.log", expect.stringContaining(`slot 1 ports 20020 in ${rig.home}/scratch/slot-1`)],
  ]);
  configure(rig, { worktreeSetup: ["sleep 60"], timeouts: { setup: 0.005 } });
  for (const code of [1, 1]) {
    const slow = await rig.okstra(["implement", key, "--stage", "2", "--agents", agents(rig), "--json"]);
    expect([slow.code, slow.stdout]).toEqual([code, expect.stringContaining("setup-failed")]);
  }
  expect(texts().map(([name]) => name)).toEqual(["stage-1-1.log", "stage-2-1.log", "stage-2-2.log"]);
  // Each was undone, with its temporary files: the next to get the number finds a new folder.
  expect(readdirSync(join(rig.home, "scratch")).filter((name) => name.startsWith("slot-"))).toEqual([
    "slot-0",
    "slot-1",
  ]);
});
