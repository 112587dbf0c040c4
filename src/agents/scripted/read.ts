/**
 * A scenario is asked for with every worker and played by every process, and to read YAML takes longer than to play it. So a
 * process keeps the one that it read last, and hands it to the agents that it starts as JSON in their home, together with the text
 * that it was read from: an agent takes it only while the file still says the same.
 */
import type { Scenario } from "./scenario.schema.ts";

type Read = { readonly path: string; readonly text: string; readonly scenario: Scenario };

let last: Read | undefined;

/** The scenario in a text; throws `scenario-invalid`. */
export async function scenarioIn(text: string, path: string): Promise<Scenario> {
  if (last?.text !== text || last.path !== path) {
    const { plainScenario } = await import("./plain-scenario.ts");
    last = { path, text, scenario: plainScenario(text) ?? (await fromYaml(text, path)) };
  }
  return last.scenario;
}

async function fromYaml(text: string, path: string): Promise<Scenario> {
  const { readScenario } = await import("./scenario.ts");
  return readScenario(text, path);
}

/** Of an agent's home. */
export const handedFile = ".okstra-scenario.json";

/** What an agent that plays the file is given; undefined when this process has not read it. */
export const handedOver = (path: string): string | undefined =>
  last?.path === path ? JSON.stringify({ text: last.text, scenario: last.scenario }) : undefined;

/** The scenario out of what was handed over, or undefined when it is of another text. */
export function fromHanded(handed: string, text: string): Scenario | undefined {
  const read = JSON.parse(handed) as Pick<Read, "text" | "scenario">;
  return read.text === text ? read.scenario : undefined;
}
