/** A list of checks for people: one line each, with the remedy below what failed, and the result. Pure. */
import { relative } from "node:path";
import { type Check, type CheckList, type DoctorAnswer, type Fix, resultLine } from "../checks/index.ts";
import type { Answer } from "./command.ts";
import type { Paint } from "./paint.ts";
import { oneLine, padded } from "./text.ts";

type Listed = Pick<CheckList, "ok" | "checks">;

/** Exit code 1 when a check of severity `error` failed. Paths are shown from `cwd`. */
export const checkListAnswer = (list: Listed, cwd: string): Answer => ({
  json: { ok: list.ok, checks: list.checks },
  text: (paint) => checksText(list, cwd, paint),
  exit: list.ok ? 0 : 1,
});

/** The checks of several runs, each under the name of its run. */
export const runsAnswer = (runs: readonly RunChecks[], cwd: string): Answer => {
  const checks = runs.flatMap((run) => run.checks);
  const ok = runs.every((run) => run.ok);
  return {
    json: { ok, checks },
    text: (paint) => {
      const width = idWidth(checks);
      const parts = runs.flatMap((run) => [
        paint.strong(oneLine(run.run)),
        ...run.checks.flatMap((check) => checkLines(check, { cwd, width, paint })),
        "",
      ]);
      return [...parts, resultLine({ checks })].join("\n");
    },
    exit: ok ? 0 : 1,
  };
};

export type RunChecks = Listed & { readonly run: string };

/** The same, with what was mended above it. */
export function doctorAnswer(answer: DoctorAnswer, cwd: string): Answer {
  const { fixes } = answer;
  const list = checkListAnswer(answer, cwd);
  if (fixes === undefined) return list;
  return {
    ...list,
    json: { ...list.json, fixes },
    text: (paint) => [...fixesText(fixes, paint), "", list.text(paint)].join("\n"),
  };
}

function fixesText(fixes: readonly Fix[], paint: Paint): string[] {
  if (fixes.length === 0) return ["Nothing to mend"];
  return fixes.flatMap(({ id, found, mended, did, left }) => [
    `${mended ? paint.good("MENDED") : paint.warn("LEFT  ")}  ${oneLine(id)}  ${oneLine(found)}`,
    `        ${paint.faint("↳")} ${oneLine(mended ? did : left)}`,
  ]);
}

function checksText({ checks }: Listed, cwd: string, paint: Paint): string {
  const width = idWidth(checks);
  return [...checks.flatMap((check) => checkLines(check, { cwd, width, paint })), resultLine({ checks })].join("\n");
}

const idWidth = (checks: readonly Check[]): number => Math.max(0, ...checks.map(({ id }) => id.length));

type Shown = { readonly cwd: string; readonly width: number; readonly paint: Paint };

function checkLines(check: Check, { cwd, width, paint }: Shown): string[] {
  const { id, ok, severity, message, remedy } = check;
  const mark = ok ? paint.good("OK  ") : severity === "error" ? paint.bad("FAIL") : paint.warn("WARN");
  const text = ok ? message : `${message} (${placeOf(check.where, cwd)})`;
  return [
    `${mark}  ${padded(oneLine(id), width)}  ${oneLine(text)}`.trimEnd(),
    ...(ok || remedy === "" ? [] : [`      ${paint.faint("↳")} ${oneLine(remedy)}`]),
  ];
}

function placeOf(where: string, cwd: string): string {
  const near = where.startsWith("/") ? relative(cwd, where) : where;
  return near === "" || near.startsWith("../../..") ? where : near;
}
