/**
 * dist/: one tiny entry, everything else in split chunks that are imported when a command needs them. Libraries written in
 * JavaScript are bundled (a start-up loads a few files, not hundreds); only koffi, which brings a native addon, stays outside.
 */
import { readFileSync } from "node:fs";
import { defineConfig } from "tsdown";
import { asciiOnly } from "./scripts/ascii.ts";
import { builtinsByNeed } from "./scripts/builtins.ts";
import { commonjs } from "./scripts/commonjs.ts";
import { helpTexts } from "./scripts/help-texts.ts";
import { licences } from "./scripts/licences.ts";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string };

/**
 * A module of its own costs each start about as much as 50 kB of code, so what a quick command always loads lies in one chunk: each
 * of these with all that it imports statically. A module named here that begins to import much drags it into every start:
 * test/e2e/demo.test.ts holds how many files and bytes a command may load.
 */
const together = [
  {
    name: "start",
    test: /\/src\/(compose|cli\/actions\/list|engine\/(doors\/list|list-tasks)|registry\/doors\/(catalog|projects))\.ts$/,
    priority: 2,
  },
  {
    name: "look",
    test: /\/src\/(cli\/actions\/(show|status)|engine\/(doors\/(look|status))|registry\/doors\/(clarifications|heads|journal|ledger|task-manifest|entries))\.ts$/,
    priority: 1,
  },
  // What works on git or starts programs, loaded at the host's first such call.
  { name: "programs", test: /\/src\/host\/node\/(git|processes)\.ts$/, priority: 0 },
];

export default defineConfig({
  entry: {
    main: "src/main.ts",
    // A file with a fixed name: main has it loaded by the keeper of compiled code (src/chunks.ts).
    compose: "src/compose.ts",
    "scripted-agent": "src/agents/scripted/main.ts",
    "acp-client": "src/agents/acp/main.ts",
    inlet: "src/confinement/inlet/main.ts",
  },
  // What V8 made of CommonJS can be kept, and Node starts it sooner (docs/adr/0013-compiled-code.md).
  format: "cjs",
  platform: "node",
  target: "es2022", // compiles `await using` down: Node 20 and 22 do not know it
  outExtensions: () => ({ js: ".js" }),
  dts: false,
  minify: false,
  // Modules only define: one that nothing is used of is left out, so that a room's index.ts pulls in what is asked for alone.
  treeshake: { moduleSideEffects: false },
  hash: true,
  define: { OKSTRA_VERSION: JSON.stringify(version) },
  deps: { neverBundle: ["koffi"], onlyBundle: false },
  plugins: [builtinsByNeed(), asciiOnly(), helpTexts(), licences(), commonjs()],
  outputOptions: { codeSplitting: { groups: together } },
  checks: { pluginTimings: false },
  logLevel: "warn",
});
