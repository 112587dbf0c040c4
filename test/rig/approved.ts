/** The tests of one `describe` on a project whose plan is approved, each as if it were the first; and attempts at its stage 1. */
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { type Attempt, attempt, configure } from "./attempts.ts";
import { files, honestActs, honestResult, initialise, stages, untilApproved } from "./calculator.ts";
import { openRig, type Rig } from "./rig.ts";

type Json = Record<string, unknown>;

/** Gives the rig before the first test; before each, everything in it is put back. */
export function onApprovedPlan(take: (rig: Rig) => void, limits?: Readonly<Record<string, number>>): void {
  let rig: Rig;
  let putBack: () => void;
  beforeAll(async () => {
    rig = openRig(files);
    take(rig);
    await initialise(rig);
    await untilApproved(rig);
    if (limits !== undefined) configure(rig, limits);
    putBack = rig.keep();
  }, 60_000);
  beforeEach(() => putBack(), 60_000);
  afterAll(async () => await rig[Symbol.asyncDispose]());
}

export const stageOne = stages[0] ?? expect.unreachable();
/** What an honest executor of stage 1 does. */
export const honest = honestActs(stageOne) as [Json, Json, Json, Json];
export const usage = { input: 10, output: 1 };

/** One attempt at stage 1 in which the executor does this. */
export const executed = (
  rig: Rig,
  acts: readonly Json[],
  { result = honestResult(stageOne), ...more }: { readonly result?: Json } & Json = {},
): Promise<Attempt> => attempt(rig, 1, [{ when: { purpose: "execute", stage: 1 }, do: acts, result, usage, ...more }]);
