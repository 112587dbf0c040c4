/**
 * What a discovery delivers beyond its findings: where the request goes, its category, the tasks it falls into or the candidates to
 * pick from. The writer names them; what code can check of that is checked here. Pure.
 */
import type { Item } from "../convergence/convergence.schema.ts";
import { type Profile, segment, startTypes } from "../lifecycle/index.ts";
import type { DiscoveryProse, FollowUp } from "../report/report.schema.ts";

/** What the writer must mend. Items that fell support nothing; a task that cannot begin so is none. */
export function discoveryProblems(profile: Profile, prose: DiscoveryProse, items: readonly Item[]): string[] {
  const problems = followUpProblems("fanOut", prose.fanOut);
  const { taskType } = prose.routing;
  if (!profile.next.includes(taskType))
    problems.push(`routing.taskType is ${taskType}; ${profile.taskType} leads to ${profile.next.join(" or ")}`);
  for (const row of prose.fanOut) {
    for (const id of row.items ?? []) {
      const item = items.find((one) => one.id === id);
      if (item === undefined) problems.push(`fanOut "${row.suggestedId}" names ${id}, which is no item of this run`);
      else if (fallen.has(item.class))
        problems.push(`fanOut "${row.suggestedId}" rests on ${id}, which is ${item.class}`);
    }
  }
  return problems;
}

const fallen: ReadonlySet<Item["class"]> = new Set(["refuted", "unsubstantiated"]);

/** Rows that become tasks: each begins with a phase that needs nothing before it, under an id of its own. */
export function followUpProblems(name: string, rows: readonly FollowUp[]): string[] {
  const seen = new Set<string>();
  return rows.flatMap(({ suggestedId, taskType }) => {
    const problems: string[] = [];
    if (!startTypes.includes(taskType))
      problems.push(
        `${name} "${suggestedId}": a task cannot begin with ${taskType}, only with ${startTypes.join(", ")}`,
      );
    const own = segment(suggestedId);
    if (seen.has(own)) problems.push(`${name} has two rows with the id "${suggestedId}"`);
    seen.add(own);
    return problems;
  });
}

/** The verdict of a search that found nothing to improve: nothing follows from it. */
export const nothingFound = "nothing-found";

/** What a run list says of a discovery: where the request goes, or how much there is to pick from. */
export function discoveryVerdict(profile: Profile, prose: DiscoveryProse): string {
  if (profile.taskType !== "improvement-discovery") return prose.routing.taskType;
  const count = prose.fanOut.length;
  return count === 0 ? nothingFound : `${count} candidate${count === 1 ? "" : "s"}`;
}
