/** What must be true of what okstra says of an attempt at stage 1: it is what git says, and nothing of a lie went on. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { ReportImplementation } from "../../src/report/report.schema.ts";
import { type Attempt, factsOf } from "./attempts.ts";
import { key } from "./calculator.ts";
import type { Rig } from "./rig.ts";

/** Lines of the report for people that hold the text. */
export const linesWith = (told: { readonly markdown: string }, text: string): string[] =>
  told.markdown.split("\n").filter((line) => line.includes(text));

/** Ids of the mechanical checks that failed; advisory ones in parentheses. */
export const failing = (report: ReportImplementation | null): string[] =>
  (report?.checks ?? []).filter(({ ok }) => !ok).map(({ id, blocking }) => (blocking ? id : `(${id})`));

/** The report, whose commits, files and head are those that git knows. */
export function expectFacts(rig: Rig, { report, run }: Attempt): ReportImplementation {
  if (report === null) return expect.unreachable("the run has no report");
  const facts = factsOf(rig, report.base, run.worktree?.branch ?? "");
  expect(report.head).toBe(facts.head);
  expect(report.commits.map(({ sha }) => sha)).toEqual(facts.commits);
  expect(report.files.map(({ path }) => path)).toEqual(facts.files);
  expect(report.scripted).toBe(true);
  return report;
}

/** No carry, no merge, and the stage is free again. */
export async function expectNothingTaken(rig: Rig, { report }: Attempt): Promise<void> {
  expect(report?.carry ?? null).toBeNull();
  expect(report?.integration.state ?? "not-tried").toBe("not-tried");
  expect(existsSync(join(rig.root, ".okstra/tasks/math/add/runs/implementation/carry/stage-1.json"))).toBe(false);
  const status = (await rig.okstra(["status", key, "--json"])).json<{ task: { stages: { state: string }[] } }>();
  expect(status.task.stages[0]?.state).toBe("ready");
}

/** The task branch is where the base is. */
export const expectUnmerged = (rig: Rig): void =>
  expect(rig.git("rev-parse", "fix-add")).toBe(rig.git("rev-parse", "main"));
