/**
 * The rules S1 to S10 of a Stage Map (worktrees.md). All breaks are returned, not the first; the same check runs when the plan
 * is made and when implementation starts, so a map that passes here is one that the scheduler can trust.
 */
import { pathFault, sharedFiles, stageFiles } from "./files.ts";
import { cycles, type Graph, graphOf } from "./graph.ts";
import { mapHeadingFault, type Outline, outline, sectionFault } from "./headings.ts";
import type { Stage, StageMap, Step } from "./stage-map.schema.ts";

export type Rule = "S1" | "S2" | "S3" | "S4" | "S5" | "S6" | "S7" | "S8" | "S9" | "S10";

/** `stage` is the stage to change, null where it is the map as a whole. */
export type RuleBreak = {
  readonly rule: Rule;
  readonly stage: number | null;
  readonly message: string;
  readonly remedy: string;
};

const mostEffectiveSteps = 6;
const mostSharedPairs = 100;

/** What breaks the rules, in the order of the rules and stages. With `markdown`, S1 and S3 look at the rendered plan too. */
export function checkStageMap(map: StageMap | undefined, context: { readonly markdown?: string } = {}): RuleBreak[] {
  const stages = map?.stages ?? [];
  const seen = context.markdown === undefined ? undefined : outline(context.markdown);
  if (stages.length === 0) return [noMap];
  const graph = graphOf(stages);
  return [
    ...headingOfMap(seen),
    ...numbers(stages),
    ...stages.flatMap((stage) => section(stage, seen)),
    ...stages.flatMap((stage) => dependencies(stage, graph)),
    ...cycles(graph).map(cycle),
    ...stages.flatMap(size),
    ...stages.flatMap(exit),
    ...stages.flatMap(paths),
    ...overlaps(stages, graph),
    ...stages.flatMap(slice),
  ];
}

/** The breaks as lines for people, one each. */
export const renderBreaks = (breaks: readonly RuleBreak[]): string =>
  breaks.map((found) => `${found.rule}: ${found.message}. ${found.remedy}.`).join("\n");

/** A step counts when it changes files or runs a command; a step that only says something does not. */
const isEffective = (step: Pick<Step, "files" | "command">): boolean =>
  step.files.some((file) => !blank(file)) || !blank(step.command);

const noMap: RuleBreak = {
  rule: "S1",
  stage: null,
  message: "The plan has no Stage Map",
  remedy: "Give at least one stage in stageMap.stages",
};

function headingOfMap(seen: Outline | undefined): RuleBreak[] {
  const fault = seen === undefined ? undefined : mapHeadingFault(seen);
  if (fault === undefined) return [];
  return [
    {
      rule: "S1",
      stage: null,
      message: `The Stage Map is not where it must be: ${fault}`,
      remedy: "Render the report again from its data",
    },
  ];
}

function numbers(stages: readonly Stage[]): RuleBreak[] {
  const counts = new Map<number, number>();
  for (const { stageNumber } of stages) counts.set(stageNumber, (counts.get(stageNumber) ?? 0) + 1);
  const remedy = `Number the stages 1 to ${stages.length}`;
  const repeats = [...counts].filter(([, count]) => count > 1).sort(([a], [b]) => a - b);
  const missing = stages.map((_, at) => at + 1).filter((number) => !counts.has(number));
  return [
    ...repeats.map(
      ([number, count]): RuleBreak => ({
        rule: "S2",
        stage: number,
        message: `Stage ${number} is there ${count} times`,
        remedy,
      }),
    ),
    ...missing.map(
      (number): RuleBreak => ({
        rule: "S2",
        stage: number,
        message: `There are ${stages.length} stages, but no stage ${number}`,
        remedy,
      }),
    ),
  ];
}

function section(stage: Stage, seen: Outline | undefined): RuleBreak[] {
  const n = stage.stageNumber;
  const broken = (message: string, remedy: string): RuleBreak => ({
    rule: "S3",
    stage: n,
    message: `Stage ${n}: ${message}`,
    remedy,
  });
  const found: RuleBreak[] = [];
  if (stage.steps.length === 0) found.push(broken("it has no steps", "List its steps"));
  if (blank(stage.rollback.path) || blank(stage.rollback.trigger)) {
    found.push(
      broken("its rollback lacks the path or the trigger", "Say how the stage is taken back (path) and when (trigger)"),
    );
  }
  const badIds = stage.steps.filter(
    (step, at) => !isStepId(step.id, n) || stage.steps.findIndex((other) => other.id === step.id) !== at,
  );
  for (const step of badIds) {
    found.push(
      broken(
        `the step id "${step.id}" is not ${n}.<m>, or is there twice`,
        `Number its steps ${n}.1, ${n}.2 and so on`,
      ),
    );
  }
  const fault = seen === undefined ? undefined : sectionFault(seen, stage);
  if (fault !== undefined) found.push(broken(fault, "Render the report again from its data"));
  return found;
}

const isStepId = (id: string, stage: number): boolean => new RegExp(`^${stage}\\.[1-9]\\d*$`).test(id);

function dependencies(stage: Stage, graph: Graph): RuleBreak[] {
  const n = stage.stageNumber;
  const broken = (message: string): RuleBreak => ({
    rule: "S4",
    stage: n,
    message: `Stage ${n} depends on ${message}`,
    remedy: "Let it depend only on stages with lower numbers that exist, or number the stages anew",
  });
  return [...new Set(stage.dependsOn)].flatMap((other) => {
    if (!graph.positions.has(other)) return [broken(`stage ${other}, which does not exist`)];
    if (other === n) return [broken("itself")];
    return other > n ? [broken(`stage ${other}, which is not earlier`)] : [];
  });
}

const cycle = (numbersOf: readonly number[]): RuleBreak => ({
  rule: "S5",
  stage: numbersOf[0] ?? null,
  message: `The stages depend on each other in a cycle: ${numbersOf.join(" -> ")}`,
  remedy: "Take one of these dependencies out",
});

function size(stage: Stage): RuleBreak[] {
  const effective = stage.steps.filter(isEffective).length;
  if (effective <= mostEffectiveSteps) return [];
  return [
    {
      rule: "S6",
      stage: stage.stageNumber,
      message: `Stage ${stage.stageNumber} has ${effective} steps that change files or run commands; at most ${mostEffectiveSteps} are allowed`,
      remedy: "Cut it into two stages",
    },
  ];
}

function exit(stage: Stage): RuleBreak[] {
  const n = stage.stageNumber;
  const found: RuleBreak[] = [];
  if (blank(stage.exitContract)) {
    found.push({
      rule: "S7",
      stage: n,
      message: `Stage ${n} has no exit contract`,
      remedy: "Say in exitContract what later stages may rely on",
    });
  }
  if (stage.validation.post.every(blank)) {
    found.push({
      rule: "S7",
      stage: n,
      message: `Stage ${n} has no post validation command`,
      remedy: "Give at least one command in validation.post",
    });
  }
  return found;
}

function paths(stage: Stage): RuleBreak[] {
  const n = stage.stageNumber;
  const found: RuleBreak[] = [];
  if (stage.files.length === 0) {
    found.push({
      rule: "S8",
      stage: n,
      message: `Stage ${n} names no files`,
      remedy: "List every file that it changes in files",
    });
  }
  for (const path of new Set([...stage.files, ...stage.steps.flatMap((step) => step.files)])) {
    const fault = pathFault(path);
    if (fault === undefined) continue;
    found.push({
      rule: "S8",
      stage: n,
      message: `Stage ${n}: the path "${path}" ${fault}`,
      remedy: "Name a file inside the project, relative to its root",
    });
  }
  return found;
}

function overlaps(stages: readonly Stage[], graph: Graph): RuleBreak[] {
  const files = stages.map((stage) => stageFiles(stage).filter((path) => pathFault(path) === undefined));
  const { pairs, more } = sharedFiles(graph, files, mostSharedPairs);
  const found = pairs.map(({ a, b, files: shared }): RuleBreak => {
    const [first, second] = [graph.numbers[a] ?? 0, graph.numbers[b] ?? 0].sort((x, y) => x - y);
    const names =
      shared.length > 3 ? `${shared.slice(0, 3).join(", ")} and ${shared.length - 3} more` : shared.join(", ");
    return {
      rule: "S9",
      stage: second ?? null,
      message: `Stages ${first} and ${second} could run at the same time and both change ${names}`,
      remedy: `Let stage ${second} depend on stage ${first}, or give the file to one of them`,
    };
  });
  if (!more) return found;
  return [
    ...found,
    {
      rule: "S9",
      stage: null,
      message: "More pairs of stages share files; they are not listed",
      remedy: "Settle these first, then check again",
    },
  ];
}

function slice(stage: Stage): RuleBreak[] {
  const n = stage.stageNumber;
  const broken = (message: string, remedy: string): RuleBreak => ({
    rule: "S10",
    stage: n,
    message: `Stage ${n} ${message}`,
    remedy,
  });
  const found: RuleBreak[] = [];
  if (blank(stage.sliceValue))
    found.push(broken("says no slice value", "Say in sliceValue what a user has once it is done"));
  if (stage.acceptance.every(blank))
    found.push(broken("has no acceptance criterion", "Give at least one in acceptance"));
  if (!blank(stage.tddExemption)) return found;
  const red = stage.steps.findIndex((step) => starts(step, "RED:"));
  const green = stage.steps.findLastIndex((step) => starts(step, "GREEN:"));
  if (red === -1) found.push(broken("has no step whose action starts RED:", redRemedy));
  if (green === -1) found.push(broken("has no step whose action starts GREEN:", redRemedy));
  if (red !== -1 && green !== -1 && green < red)
    found.push(broken("has no GREEN: step after its first RED: step", redRemedy));
  return found;
}

const redRemedy =
  "Begin with a step RED: (a failing test), then GREEN: (the least change that passes), or give tddExemption with its reason";

const starts = (step: Step, word: string): boolean => step.action.trimStart().startsWith(word);

const blank = (text: string | undefined): boolean => text === undefined || text.trim() === "";
