/**
 * The packet: the one file that a worker reads for what is known of a task. It lies in the task's instruction set, uncut: it is
 * where the text lies that a prompt had to cut.
 */
import type { Host } from "../host/index.ts";
import type { Stage } from "../stages/stage-map.schema.ts";
import { fillPrompt } from "./fill.ts";
import { uncut } from "./limits.ts";
import { loadPath } from "./load.ts";
import { asJson, type Known, knownText } from "./material.ts";
import { data, type PromptSubject, subjectValues } from "./prompt.ts";

export type PacketFacts = Omit<PromptSubject, "packetPath" | "language"> & {
  /** What people gave to compare with (expected results, samples, standards), or null. */
  readonly expectations: string | null;
  /** What earlier phases of the task came to, oldest first. */
  readonly known: readonly Known[];
  /** The stage to build, for implementation. */
  readonly stage: Stage | null;
};

/** The packet as Markdown. Throws `prompt-gap` when its template is missing. */
export async function buildPacket(host: Host, packageRoot: string, facts: PacketFacts): Promise<string> {
  const template = await loadPath(host, packageRoot, "shared/packet");
  const { taskKey, taskType, title, brief, directive, clarifications, reviewedCommit } = subjectValues({
    ...facts,
    packetPath: "",
    language: "en",
  });
  const values = {
    ...{ taskKey, taskType, title, brief, directive, clarifications, reviewedCommit },
    expectations: data(facts.expectations ?? "", null),
    known: data(knownText(facts.known), null),
    stage: data(facts.stage === null ? "" : asJson(facts.stage), null),
  };
  return fillPrompt(template, values, uncut).text;
}
