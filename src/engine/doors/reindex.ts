/** Door: the run index, made anew. */
import { door } from "../../model/index.ts";
import * as inner from "../reindex.ts";

export const reindex = door(inner.reindex);
