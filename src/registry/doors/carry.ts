/** Doors: carry files. */
import { door } from "../../model/index.ts";
import * as inner from "../carry.ts";

export const readCarry = door(inner.readCarry);
export const writeCarry = door(inner.writeCarry);
export const setOldCarriesAside = door(inner.setOldCarriesAside);
