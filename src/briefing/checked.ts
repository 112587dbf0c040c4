/** The message that hands over what a worker asked the engine to run or look up. */
import type { Host } from "../host/index.ts";
import { fillPrompt } from "./fill.ts";
import { loadPath } from "./load.ts";
import { data, own } from "./prompt.ts";

/** Makes such messages; `nth` is 1, 2 or 3. Loaded before the dispatch. */
export async function loadChecked(
  host: Host,
  packageRoot: string,
): Promise<(outcomes: readonly string[], nth: number) => string> {
  const template = await loadPath(host, packageRoot, "shared/checked");
  return (outcomes, nth) =>
    fillPrompt(template, { nth: own(String(nth)), outcomes: data(outcomes.join("\n\n"), null) }).text;
}
