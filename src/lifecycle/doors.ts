/** Doors: what a person does to a clarification item. */
import { doorSync } from "../model/index.ts";
import * as inner from "./clarifications.ts";

/** The item answered, or why it cannot be. */
export const answerItem = doorSync(inner.answerItem);
/** The item withdrawn, or why it cannot be. */
export const withdrawItem = doorSync(inner.withdrawItem);
