/** Doors: okstra's home. */
import { door } from "../../model/index.ts";
import * as inner from "../home.ts";

export const openHome = door(inner.openHome);
export const readHomeVersion = door(inner.readHomeVersion);
