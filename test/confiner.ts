/** What confines on this machine, for tests that need it: where nothing does they are skipped, and say why. */
import { fileURLToPath } from "node:url";
import { type Confiner, findConfiner } from "../src/confinement/index.ts";
import { nodeHost } from "../src/host/node/index.ts";
import { take } from "../src/model/index.ts";

const packageRoot = fileURLToPath(new URL("..", import.meta.url));
const found = take(await findConfiner(nodeHost({ env: { PATH: process.env["PATH"] }, packageRoot })));

/** Null where tests that need it are to be skipped. */
export const confiner: Confiner | null = found.confiner;

/** For the title of a test: why it is skipped. */
export const unlessConfined = found.confiner === null ? ` (skipped: ${found.why})` : "";

const whyNotAlone = found.confiner === null ? found.why : await found.confiner.whyNotAlone();

/** Whether it gives a process a network of its own; where not, tests that need that are skipped. */
export const narrows = whyNotAlone === undefined;

/** For the title of such a test: why it is skipped. */
export const unlessNarrowed = narrows ? "" : ` (skipped: ${whyNotAlone})`;
