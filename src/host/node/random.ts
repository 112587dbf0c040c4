/** Real chance. */
import type { Random } from "../clock.ts";
import { crypto } from "./late.ts";

export const nodeRandom: Random = { id: (bytes) => crypto().randomBytes(bytes).toString("hex") };
