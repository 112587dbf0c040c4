/**
 * Whole lifecycles, killed twenty times at instants by chance (others: FC_SEED=<number>): each time the next command goes on, and
 * the end is the same as without a kill. Once before effects, which can be done again; once whenever the time is up, which also
 * hits git in the middle of its work.
 */
import { expect, test } from "vitest";
import { type Clock, killedLives } from "../rig/lifecycle.ts";
import { openFresh } from "../rig/races.ts";
import { seed } from "../setup/seed-of-run.ts";

for (const clock of ["effects", "milliseconds"] as const satisfies readonly Clock[]) {
  test(`a lifecycle killed twenty times, by ${clock}, ends as one that was not`, async () => {
    await using ground = await openFresh();
    const { kills, wrong } = await killedLives(ground, 20, clock, seed);
    console.log([`seed ${seed}, killed:`, ...kills].join("\n  "));
    expect(wrong).toEqual([]);
    expect(kills).toHaveLength(20);
  });
}
