/** Doors: clarification items. */
import { door } from "../../model/index.ts";
import * as inner from "../clarifications.ts";

export const readClarifications = door(inner.readClarifications);
export const editedClarifications = door(inner.editedClarifications);
export const writeClarification = door(inner.writeClarification);
export const restoreClarifications = door(inner.restoreClarifications);
