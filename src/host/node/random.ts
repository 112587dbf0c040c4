/** Real chance. */
import { randomBytes } from "node:crypto";
import type { Random } from "../clock.ts";

export const nodeRandom: Random = { id: (bytes) => randomBytes(bytes).toString("hex") };
