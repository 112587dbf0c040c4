/** Room briefing: the prompts of workers, the packet they read, and what both cost. */
import { door, doorSync } from "../model/index.ts";
import { fillPrompt as fill } from "./fill.ts";
import { loadTemplate as load } from "./load.ts";
import { loadChecked as checked, loadReask as reask } from "./next-message.ts";
import { buildPacket as packet } from "./packet.ts";
import { promptFor as prompt } from "./prompt.ts";
import { resultSchema as schemaOfResult } from "./schema.ts";

export { contextCost } from "./context-cost.ts";
export type { Cut, Filled, Value, Values } from "./fill.ts";
export type { Which } from "./load.ts";
export type { DiffRange, Inheritance, Known, OpenItem, Sourced } from "./material.ts";
export { setIn } from "./material.ts";
export type { NextMessage } from "./next-message.ts";
export type { PacketFacts } from "./packet.ts";
export type { Prompt, PromptAsk, PromptPurpose, PromptSubject, Requirement } from "./prompt.ts";
export type { Template } from "./template.ts";

/** See load.ts: the prompt file for a role and purpose, includes in it. `prompt-gap`. */
export const loadTemplate = door(load);
/** See fill.ts: the template with its values. `prompt-gap`. */
export const fillPrompt = doorSync(fill);
/** See prompt.ts: the whole prompt of a dispatch with the schema of its result. `prompt-gap`. */
export const promptFor = door(prompt);
/** See packet.ts: the text of the one file a worker reads. `prompt-gap`. */
export const buildPacket = door(packet);
/** See next-message.ts: what asks again for a result that does not fit. `prompt-gap`. */
export const loadReask = door(reask);
/** See next-message.ts: what hands over the outcome of a worker's checks. `prompt-gap`. */
export const loadChecked = door(checked);
/** See schema.ts: the schema that the result of such a dispatch must fit. `prompt-gap`. */
export const resultSchema = door(schemaOfResult);
