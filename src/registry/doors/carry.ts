/** Doors: carry files. */
import { door } from "../../model/index.ts";
import * as inner from "../carry.ts";
import * as forms from "../carry-forms.ts";

export const readCarry = door(inner.readCarry);
export const writeCarry = door(inner.writeCarry);
export const setOldCarriesAside = door(inner.setOldCarriesAside);
export const setUnprovenAside = door(inner.setUnprovenAside);
export const listCarries = door(forms.listCarries);
