/** Doors: journal heads. */
import { door } from "../../model/index.ts";
import * as inner from "../heads.ts";

export const readHead = door(inner.readHead);
export const saveApprovalHead = door(inner.saveApprovalHead);
