/** The simulation behind docs/verification-simulation.md: seeded, complete, and its page tells what it is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { rules } from "../bench/verification/rules.ts";
import { pageOf, simulate } from "../bench/verification/simulate.ts";
import { worlds } from "../bench/verification/worlds.ts";

const page = readFileSync(
  join(fileURLToPath(new URL("..", import.meta.url)), "docs/verification-simulation.md"),
  "utf8",
);

test("the same tasks give the same numbers, for each world and rule, between 0 and 1", () => {
  const scores = simulate(3);
  expect(pageOf(simulate(3), 3)).toBe(pageOf(scores, 3));
  expect(scores.map(({ world, rule }) => [world.name, rule])).toEqual(
    worlds.flatMap(({ name }) => rules.map((rule) => [name, rule])),
  );
  for (const { precision, recall, f1 } of scores)
    for (const value of [precision, recall, f1]) expect(value >= 0 && value <= 1).toBe(true);
});

test("what okstra confirms is never more than what anybody stated, and takes more tokens", () => {
  const scores = simulate(2);
  for (const world of worlds) {
    const of = (rule: string) => scores.find((score) => score.world === world && score.rule === rule);
    expect(of("okstra, confirmed")?.recall).toBeLessThanOrEqual(of("union")?.recall ?? 0);
    expect(of("okstra, confirmed")?.tokens).toBeGreaterThanOrEqual(of("union")?.tokens ?? 0);
  }
});

test("the page says that it is a simulation, has every world and says where okstra loses", () => {
  expect(page).toContain("**This is a simulation.**");
  for (const { name } of worlds) expect(page).toContain(`| ${name.padEnd(27)} |`);
  expect(page).toContain("### Where okstra's rules lose");
});
