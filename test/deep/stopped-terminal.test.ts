/** A terminal that somebody stopped (Ctrl-S) stops no run; what was said meanwhile is shown once it goes on (Ctrl-Q). */
import { expect, test } from "vitest";
import { agents, files, finding, initialise, key, noFindings } from "../rig/calculator.ts";
import { puppets } from "../rig/puppet.ts";
import { openRig } from "../rig/rig.ts";
import { inTerminal, noTerminal } from "../rig/terminal.ts";

const where = noTerminal === undefined ? "" : ` (skipped: ${noTerminal})`;

test.skipIf(noTerminal !== undefined).each([
  { how: "drawn", flags: [] },
  { how: "plain", flags: ["--plain"] },
])(`$how${where}`, async ({ flags }) => {
  await using rig = openRig(files);
  await using held = await puppets(`${rig.folder}/p.sock`);
  const waits = { when: { purpose: "blind" }, do: [{ puppet: held.path }] };
  await initialise(rig, [{ ...waits, result: { ...noFindings, findings: [finding("F")] } }]);
  const first = ["run", `${rig.folder}/brief.md`, "--task-key", key, "--task-type", "error-analysis"];
  const args = [...first, "--base-ref", "main", "--agents", agents(rig), ...flags];
  const run = inTerminal(rig, args, { columns: 100, rows: 20 });
  await held.arrived(2);
  run.type("\u0013");
  held.go();
  const ended = await rig.okstra(["wait", `${key}@error-analysis#001`, "--json"]);
  expect(ended.json()).toMatchObject({ outcome: "completed" });
  expect(run.output()).not.toContain("completed");
  run.type("\u0011");
  await run.shows(/error-analysis#001.*: completed/);
  expect(await run.done).toBe(0);
});
