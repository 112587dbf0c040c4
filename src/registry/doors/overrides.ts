/** Doors: what a person let pass. */
import { door } from "../../model/index.ts";
import * as inner from "../overrides.ts";

export const readOverrides = door(inner.readOverrides);
export const writeOverride = door(inner.writeOverride);
