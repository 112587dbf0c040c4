/** Doors: what a person does to a clarification item. */
import { doorSync } from "../model/index.ts";
import * as inner from "./clarifications.ts";
import * as responses from "./user-response.ts";

/** The item answered, or why it cannot be. */
export const answerItem = doorSync(inner.answerItem);
/** The item withdrawn, or why it cannot be. */
export const withdrawItem = doorSync(inner.withdrawItem);
/** The answers of a file, or why they cannot be understood. */
export const readUserResponse = doorSync(responses.readUserResponse);
