/** Doors: task manifests. */
import { door } from "../../model/index.ts";
import * as inner from "../task-manifest.ts";

export const readTaskManifest = door(inner.readTaskManifest);
export const writeTaskManifest = door(inner.writeTaskManifest);
