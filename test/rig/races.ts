/** Commands that begin at the same moment, each a process of its own, on a task whose plan is approved. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import {
  agents,
  contentOf,
  files,
  finding,
  initialise,
  key,
  noFindings,
  scenario,
  untilApproved,
} from "./calculator.ts";
import type { Played } from "./histories.ts";
import { openRig, type Ran, type Rig } from "./rig.ts";
import { wrongs } from "./world.ts";

/** Starts all before it waits for any. */
export const together = (rig: Rig, ...commands: readonly (readonly string[])[]): Promise<Ran[]> =>
  Promise.all(commands.map((command) => rig.launch(command)).map(({ done }) => done));

export const prepareStage = (rig: Rig, stage = "auto"): readonly string[] => [
  ...[
    "prepare",
    "--task-key",
    key,
    "--task-type",
    "implementation",
    "--stage",
    stage,
    "--agents",
    agents(rig),
    "--json",
  ],
];

/** A rig as several tests begin with it, and what puts it back. */
export type Ground = AsyncDisposable & { readonly rig: Rig; readonly restore: () => void };

/** The project is known, nothing else was done. */
export const openFresh = (): Promise<Ground> => openGround(async () => undefined);

/** The plan is approved, and two of its stages are ready. */
export const openApproved = (): Promise<Ground> => openGround(untilApproved);

/** The task of `openApproved`, another of its project, and one of another project in the same home: their plans are approved. */
export async function approvedTasks(rig: Rig): Promise<readonly [Played, Played, Played]> {
  const root = join(rig.folder, "another project");
  execFileSync("git", ["clone", "--quiet", rig.root, root], { env: rig.env });
  const other = { ...rig, root, git: (...args: readonly string[]) => rig.gitAt(root, ...args) };
  const more = { rig, key: "calc/math/more" };
  const elsewhere = { rig: other, key: "other/math/add" };
  await sure(rig, ["init", "--project-id", "other"], root);
  await Promise.all([more, elsewhere].map(approved));
  return [{ rig, key }, more, elsewhere];
}

/** Nobody asks anything on the way. */
async function approved({ rig, key: wanted }: Played): Promise<void> {
  const quiet = {
    when: { taskType: "error-analysis", purpose: "blind" },
    result: { ...noFindings, findings: [finding("F1")] },
  };
  const file = rig.write(`${rig.folder}/quiet.yaml`, cheap(scenario([quiet])));
  const run = async (taskType: string, ...more: readonly string[]): Promise<void> =>
    sure(
      rig,
      ["run", ...more, "--task-key", wanted, "--task-type", taskType, "--agents", `scripted:${file}`],
      rig.root,
    );
  await run("error-analysis", `${rig.folder}/brief.md`, "--base-ref", "main");
  await run("implementation-planning");
  await sure(rig, ["approve", wanted, "--content", contentOf(rig, rig.root, wanted)], rig.root);
}

async function sure(rig: Rig, args: readonly string[], cwd: string): Promise<void> {
  const ran = await rig.okstra(args, { cwd });
  if (ran.code !== 0) throw new Error(`${args.join(" ")}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
}

/** With commands that cost little: what begins here is done dozens of times. */
async function openGround(go: (rig: Rig) => Promise<void>): Promise<Ground> {
  const rig = openRig(files);
  try {
    await initialise(rig);
    const file = `${rig.folder}/scenario.yaml`;
    rig.write(file, cheap(rig.read(file)));
    await go(rig);
    return { rig, restore: rig.keep(), [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
  } catch (thrown) {
    await rig[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** A scenario whose tests start one process each, not two. */
export const cheap = (text: string): string =>
  text.replaceAll("node --test test/", "node test/").replaceAll('"node --test"', '"node test/start.test.js"');

/** Rounds of two prepares that want any stage of an approved plan; gives the sentences about what was wrong in any of them. */
export async function stageRaces({ rig, restore }: Ground, rounds: number): Promise<string[]> {
  const wrong: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    restore();
    const ran = await together(rig, prepareStage(rig), prepareStage(rig));
    const stages = ran.map((one) =>
      one.code === 0 ? one.json<{ stage: number }>().stage : `exit ${one.code}: ${one.stderr}`,
    );
    if (stages.toSorted().join() !== "1,2") wrong.push(`round ${round}: ${stages.join(" and ")}`);
    wrong.push(...(await wrongs(rig, key)).map((line) => `round ${round}: ${line}`));
  }
  return wrong;
}
