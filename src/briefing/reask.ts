/** The message that asks again, in the same conversation, for a result that did not fit. */
import type { Host } from "../host/index.ts";
import { fillPrompt } from "./fill.ts";
import { loadPath } from "./load.ts";
import { data, own } from "./prompt.ts";

/** Makes such messages; `reask` is 1 or 2. Loaded before the dispatch, since asking again does not wait for files. */
export async function loadReask(
  host: Host,
  packageRoot: string,
): Promise<(problems: readonly string[], reask: number) => string> {
  const template = await loadPath(host, packageRoot, "shared/reask");
  return (problems, reask) =>
    fillPrompt(template, {
      reask: own(String(reask)),
      problems: data(problems.map((problem) => `- ${problem}`).join("\n"), null),
    }).text;
}
