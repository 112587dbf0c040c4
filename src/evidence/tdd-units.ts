/**
 * Which commits prove which steps: a failing test committed `test(...)`, then the least change that passes, committed
 * `feat|fix(...)`, each with the trailer `Okstra-Step`. A RED step and the GREEN step after it are one unit, whether the
 * commits carry both ids or one. Pure.
 */
import type { Commit } from "../host/index.ts";
import type { Stage, Step } from "../stages/stage-map.schema.ts";

export type TddUnit = {
  /** The ids of its steps, joined by ", ". */
  readonly step: string;
  readonly ids: readonly string[];
  readonly command: string | null;
  /** The first test commit. */
  readonly test: Commit | null;
  /** Each test commit with the `feat|fix` commits of the unit after it: a fix round may mend either. */
  readonly turns: readonly { readonly test: Commit; readonly changes: readonly Commit[] }[];
  /** All commits of the unit. */
  readonly commits: readonly Commit[];
};

/** The units of a stage that need evidence; `commits` are those of the stage, oldest first. */
export function tddUnits(stage: Stage, commits: readonly Commit[]): TddUnit[] {
  return groups(stage.steps)
    .map((steps) => ({ steps, unit: unitOf(steps, stage, commits) }))
    .filter(({ steps, unit }) => steps.some(isMarked) || unit.test !== null || unit.commits.some(isChange))
    .map(({ unit }) => unit);
}

/** RED and GREEN steps pair up; every other step stands alone. */
function groups(steps: readonly Step[]): Step[][] {
  const made: Step[][] = [];
  for (const step of steps) {
    const open = made.at(-1);
    const [first] = open ?? [];
    const pairs = open?.length === 1 && first !== undefined && starts(first, "RED") && starts(step, "GREEN");
    if (pairs) open.push(step);
    else made.push([step]);
  }
  return made;
}

function unitOf(steps: readonly Step[], stage: Stage, commits: readonly Commit[]): TddUnit {
  const ids = steps.map(({ id }) => id);
  const own = commits.filter((commit) => stepsOf(commit).some((id) => ids.includes(id)));
  const turns = own.flatMap((test, at) =>
    isTest(test) ? [{ test, changes: own.slice(at + 1).filter(isChange) }] : [],
  );
  const command =
    steps.map((step) => step.command?.trim() ?? "").find((text) => text !== "") ?? joined(stage.validation.post);
  return { step: ids.join(", "), ids, command, test: turns[0]?.test ?? null, turns, commits: own };
}

/** The steps that a commit names in its trailers; several may stand in one, separated by commas. */
export const stepsOf = (commit: Commit): string[] =>
  (commit.trailers["okstra-step"] ?? []).flatMap((value) => value.split(/[,\s]+/)).filter((id) => id !== "");

const isTest = ({ subject }: Commit): boolean => /^test(?:\([^)]*\))?!?:/i.test(subject);
const isChange = ({ subject }: Commit): boolean => /^(?:feat|fix)(?:\([^)]*\))?!?:/i.test(subject);
const isMarked = (step: Step): boolean => starts(step, "RED") || starts(step, "GREEN");
const starts = (step: Step, word: string): boolean => step.action.trimStart().toUpperCase().startsWith(`${word}:`);

const joined = (commands: readonly string[]): string | null =>
  commands.length === 0
    ? null
    : commands.length === 1
      ? (commands[0] ?? null)
      : commands.map((command) => `( ${command} )`).join(" && ");
