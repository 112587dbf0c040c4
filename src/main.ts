#!/usr/bin/env node
/**
 * The process: argv in, exit code out. `--version` is answered from a constant of the build, before anything else is
 * imported; all the rest lies behind one lazy import.
 */
declare const OKSTRA_VERSION: string;

const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  process.stdout.write(`${OKSTRA_VERSION}\n`);
} else {
  const { run } = await import("./compose.ts");
  process.exitCode = await run(argv);
}
