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
