/** Doors: run manifests and timelines. */
import { door } from "../../model/index.ts";
import * as inner from "../manifests.ts";

export const readRunManifest = door(inner.readRunManifest);
export const writeRunManifest = door(inner.writeRunManifest);
export const readTimeline = door(inner.readTimeline);
export const writeTimeline = door(inner.writeTimeline);
