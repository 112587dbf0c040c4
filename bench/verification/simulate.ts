/**
 * The simulation of cross-verification: many tasks of each world, each judged by each rule. It informs defaults; it proves nothing
 * about any model, since what goes in is assumed.
 */
import { outcomesOf, type Rule, rules } from "./rules.ts";
import { sampleTask } from "./sample.ts";
import { type World, worlds } from "./worlds.ts";

export type Score = {
  readonly world: World;
  readonly rule: Rule;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** A task. */
  readonly tokens: number;
};

/** The same numbers for the same number of tasks. */
export const simulate = (tasks: number): Score[] => worlds.flatMap((world) => scoresOf(world, tasks));

function scoresOf(world: World, tasks: number): Score[] {
  const sums = new Map(rules.map((rule) => [rule, { right: 0, reported: 0, tokens: 0 }]));
  for (let seed = 1; seed <= tasks; seed += 1) {
    const task = sampleTask(world, seed * 7919);
    const outcomes = outcomesOf(task);
    for (const rule of rules) {
      const { reported, tokens } = outcomes[rule];
      const sum = sums.get(rule);
      if (sum === undefined) continue;
      sum.right += [...reported].filter((at) => task.claims[at]?.isFault === true).length;
      sum.reported += reported.size;
      sum.tokens += tokens;
    }
  }
  return [...sums].map(([rule, { right, reported, tokens }]) => {
    const precision = reported === 0 ? 0 : right / reported;
    const recall = right / (tasks * world.faults);
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    return { world, rule, precision, recall, f1, tokens: tokens / tasks };
  });
}

/** The tables of the page. */
export function pageOf(scores: readonly Score[], tasks: number): string {
  const rows = scores.map(({ world, rule, precision, recall, f1, tokens }) => [
    world.name,
    rule,
    ...[precision, recall, f1].map((value) => value.toFixed(2)),
    `${Math.round(tokens / 1_000)}k`,
  ]);
  return [
    `${tasks} tasks in each world, seeded: the same table each time.`,
    "",
    ...worlds.map(({ name, what }) => `- **${name}**: ${what}`),
    "",
    ...tableOf(["world", "rule", "precision", "recall", "F1", "tokens a task"], rows),
    "",
    "### Where okstra's rules lose",
    "",
    ...losses(scores),
  ].join("\n");
}

function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = heads.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const print = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [print(heads), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.map(print)];
}

/** Each rule that has the better F1 than what okstra confirms, world by world; then recall and tokens, where it always loses. */
function losses(scores: readonly Score[]): string[] {
  const of = (world: World, rule: Rule): Score | undefined =>
    scores.find((score) => score.world === world && score.rule === rule);
  const better = worlds.flatMap((world) => {
    const ours = of(world, "okstra, confirmed");
    if (ours === undefined) return [];
    return scores
      .filter((score) => score.world === world && !score.rule.startsWith("okstra") && score.f1 > ours.f1 + 0.005)
      .map(
        ({ rule, f1, precision, recall }) =>
          `- ${world.name}: ${rule} has the better F1, ${f1.toFixed(2)} against ${ours.f1.toFixed(2)} ` +
          `(precision ${precision.toFixed(2)} against ${ours.precision.toFixed(2)}, recall ${recall.toFixed(2)} against ${ours.recall.toFixed(2)})`,
      );
  });
  const ratios = (rule: Rule, value: (score: Score) => number): string => {
    const all = worlds.flatMap((world) => {
      const [ours, other] = [of(world, "okstra, confirmed"), of(world, rule)];
      return ours === undefined || other === undefined ? [] : [value(ours) / value(other)];
    });
    return `${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)} times`;
  };
  return [
    ...better,
    `- in every world: what okstra confirms is ${ratios("union", ({ recall }) => recall)} the recall of the union`,
    `- in every world: okstra takes ${ratios("majority vote", ({ tokens }) => tokens)} the tokens of one majority vote`,
  ];
}
