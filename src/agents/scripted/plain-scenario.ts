/**
 * A scenario that is written as JSON, which is YAML too: read without the YAML library, which takes longer than all else of a start.
 * What is wrong is left to scenario.ts, which knows lines. Pure.
 */
import { isAbsolute, normalize } from "node:path";
import { checkScenario } from "../../generated/scenario.check.js";
import { didYouMean } from "../../model/index.ts";
import type { Scenario } from "./scenario.schema.ts";

export type Path = readonly (string | number)[];
export type Problem = { readonly path: Path; readonly says: string };

/** The scenario in a text that is JSON and right; undefined for any other. */
export function plainScenario(text: string): Scenario | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    return undefined;
  }
  return checkScenario(input) && lookThrough(input).length === 0 ? input : undefined;
}

/** What the schema cannot say: workers without a family, paths that leave the worktree. */
export function lookThrough(scenario: Scenario): Problem[] {
  const workers = Object.keys(scenario.families);
  return scenario.entries.flatMap((entry, index) => {
    const named = entry.when.worker === undefined ? [] : [entry.when.worker].flat();
    const unknown = named
      .filter((worker) => !workers.includes(worker))
      .map((worker) => ({
        path: ["entries", index, "when", "worker"],
        says: `"${worker}" has no family${didYouMean(worker, workers)}`,
      }));
    const outside = (entry.do ?? []).flatMap((act, at) =>
      pathsOf(act)
        .filter(leaves)
        .map((path) => ({
          path: ["entries", index, "do", at],
          says: `"${path}" leaves the worktree; to do so on purpose: misbehave: write-outside`,
        })),
    );
    return [...unknown, ...outside];
  });
}

type AnAct = NonNullable<Scenario["entries"][number]["do"]>[number];

function pathsOf(act: AnAct): string[] {
  if ("write" in act) return Object.keys(act.write);
  if ("replace" in act) return [act.replace.path];
  if ("copy" in act) return [act.copy.to];
  return [];
}

const leaves = (path: string): boolean => isAbsolute(path) || normalize(path).split("/")[0] === "..";
