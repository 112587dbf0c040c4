/** The live view in a real terminal: what is drawn while stages are built side by side, and what remains. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fakeTerminal } from "../../src/cli/live/terminal.fixture.ts";
import { widthOf } from "../../src/cli/text.ts";
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
import { type Puppets, puppets } from "../rig/puppet.ts";
import { openRig, type Rig } from "../rig/rig.ts";
import { type InTerminal, inTerminal, noTerminal, type Size } from "../rig/terminal.ts";

let rig: Rig;
let held: Puppets;

/** What a terminal of this size shows of all that was written, the scrolled lines too; and as it is after it got smaller. */
function screenOf(
  { columns, rows }: Size,
  output: string,
  smaller?: { readonly to: Size; readonly after: number; readonly shows: string },
) {
  const terminal = fakeTerminal(columns, rows, widthOf);
  if (smaller === undefined) terminal.put(output);
  else {
    // The first frame in the new size, whose words say which it is: before it the view took away what it had drawn.
    const taken = output.lastIndexOf("\r\u001b[", output.indexOf(smaller.shows, smaller.after));
    terminal.put(output.slice(0, taken));
    terminal.resize(smaller.to.columns, smaller.to.rows);
    terminal.put(output.slice(taken));
  }
  return terminal.lines();
}

/** Nothing that a write switches on stays on, and the cursor is never hidden. */
function expectNothingTaken({ output }: InTerminal): void {
  const modes = new Map([...output().matchAll(/\[\?(\d+)([hl])/g)].map(([, mode, state]) => [mode, state]));
  expect(Object.fromEntries(modes)).toEqual({ "7": "h", "2026": "l" });
}

describe.skipIf(noTerminal !== undefined)(
  `in a terminal${noTerminal === undefined ? "" : ` (skipped: ${noTerminal})`}`,
  () => {
    beforeAll(async () => {
      rig = openRig(files);
      held = await puppets(`${rig.folder}/p.sock`);
      await initialise(rig);
      await untilApproved(rig);
      const waiting = stages.slice(0, 2).map((stage) => ({
        when: { purpose: "execute", stage: stage.n },
        do: [{ puppet: held.path }, ...honestActs(stage)],
        result: honestResult(stage),
        usage: { input: 1_000, output: 100 },
      }));
      rig.write(`${rig.folder}/scenario.yaml`, scenario(waiting));
    }, 60_000);
    afterAll(async () => {
      await held?.[Symbol.asyncDispose]();
      await rig?.[Symbol.asyncDispose]();
    });

    test("Ctrl-C in the middle: a clean stop, the state it had and how to go on", async () => {
      const size = { columns: 100, rows: 20 };
      const run = inTerminal(rig, ["implement", key, "--stage", "1", "--agents", agents(rig)], size);
      await held.arrived(1);
      await run.shows(/claude executor +writing code/);
      run.type("\u0003");
      expect(await run.done).toBe(130);
      expectNothingTaken(run);
      expect(screenOf(size, run.output()).map((line) => line.replace(/\d+:\d\d/, "0:00"))).toEqual([
        "Stopping; once more to stop at once",
        `implement ${key}  stopped · 0:00`,
        "    ! claude executor  stopped  0:00",
        `✗ ${key}@implementation.stage-1#001 was stopped on request; nothing is lost`,
        `↳ To go on: okstra resume '${key}@implementation.stage-1#001'`,
      ]);
    });

    test("--plain in a terminal: lines, and nothing drawn", async () => {
      const again = ["resume", `${key}@implementation.stage-1#001`, "--plain"];
      const run = inTerminal(rig, again, { columns: 100, rows: 20 });
      await run.shows(/^PROGRESS: resume reused=none again=claude-executor/);
      await held.arrived(2);
      run.type("\u0003");
      expect(await run.done).toBe(130);
      expect(run.output()).not.toMatch(/\[\?|\[\d*[ABKJ]/);
    });

    test("two stages side by side, each in its worktree, in a terminal that gets smaller", async () => {
      const cancelled = await rig.okstra(["cancel", `${key}@implementation.stage-1#001`]);
      expect(cancelled.code, cancelled.stderr).toBe(0);
      const [wide, small] = [
        { columns: 90, rows: 24 },
        { columns: 44, rows: 24 },
      ];
      const run = inTerminal(
        rig,
        ["implement", key, "--stage", "all", "--parallel", "2", "--agents", agents(rig)],
        wide,
      );
      await held.arrived(4);
      await run.shows(/ 2 twice is right +claude writing code/);
      await run.shows(/2026l/); // all of that frame
      const before = run.output().length;
      // Both wait at this moment, in two worktrees.
      expect(rig.git("worktree", "list").match(/stage-\d/g)).toEqual(expect.arrayContaining(["stage-1", "stage-2"]));
      const drawn = screenOf(wide, run.output()).map((line) => line.replaceAll(/\d+:\d\d/g, "0:00"));
      const head = drawn.findIndex((line) => line.startsWith("implement "));
      // What is said meanwhile stands above, and stays.
      expect(drawn.slice(0, head).join("")).toMatch(/^Stage 1 goes on in the worktree of its earlier attempt/);
      expect(drawn.slice(head, head + 6)).toEqual([
        `implement ${key}  0 of 3 stages done · 0:00`,
        "  ● 1 add is right     claude writing code  0:00",
        "    ● claude executor  writing code         0:00",
        "  ● 2 twice is right   claude writing code  0:00",
        "    ● claude executor  writing code         0:00",
        "  · 3 sum is right     waits for 1, 2",
      ]);
      run.resize(small);
      await run.shows(/0\/3 done/);
      held.go();
      expect(await run.done, run.output()).toBe(0);
      expectNothingTaken(run);
      const shown = screenOf(wide, run.output(), { to: small, after: before, shows: "0/3 done" });
      expect(run.output().match(/its earlier attempt/g)).toHaveLength(1);
      expect(shown.join("\n")).not.toMatch(/writing code|waits for/);
      const state = shown.findIndex((line) => line.includes("3/3 done"));
      expect(shown.slice(state + 1, state + 4)).toEqual([
        expect.stringMatching(/^ {2}✓ 1 add is right +merged +\d:\d\d/),
        expect.stringMatching(/^ {2}✓ 2 twice is right +merged +\d:\d\d/),
        expect.stringMatching(/^ {2}✓ 3 sum is right +merged +\d:\d\d/),
      ]);
      expect(shown[state + 4]).toMatch(/^✓ calc\/math\/add@implementation/);
    });
  },
);
