/** What okstra says in a conversation that goes on. Loaded before the dispatch, since an answer does not wait for files. */
import type { Host } from "../host/index.ts";
import { fillPrompt, type Values } from "./fill.ts";
import { loadPath } from "./load.ts";
import { data, own } from "./prompt.ts";

/** The message about these lines; `nth` counts from 1. */
export type NextMessage = (lines: readonly string[], nth: number) => string;

/** Asks again for a result that did not fit: what is wrong with it, a line each. */
export const loadReask = (host: Host, packageRoot: string): Promise<NextMessage> =>
  load(host, packageRoot, "shared/reask", (problems, nth) => ({
    reask: own(String(nth)),
    problems: data(problems.map((problem) => `- ${problem}`).join("\n"), null),
  }));

/** Hands over what came of each thing that a worker asked the engine to run or look up. */
export const loadChecked = (host: Host, packageRoot: string): Promise<NextMessage> =>
  load(host, packageRoot, "shared/checked", (outcomes, nth) => ({
    nth: own(String(nth)),
    outcomes: data(outcomes.join("\n\n"), null),
  }));

async function load(
  host: Host,
  packageRoot: string,
  path: string,
  values: (lines: readonly string[], nth: number) => Values,
): Promise<NextMessage> {
  const template = await loadPath(host, packageRoot, path);
  return (lines, nth) => fillPrompt(template, values(lines, nth)).text;
}
