/** Commands that begin at the same moment, each a process of its own, on a task whose plan is approved. */
import { agents, files, initialise, key, untilApproved } from "./calculator.ts";
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
