#!/usr/bin/env node
/**
 * The process: argv in, exit code out. The version and every help are texts of the build, answered before anything else is
 * imported and written straight to stdout: a start must not cost more than Node itself.
 */
declare const OKSTRA_VERSION: string;

const argv = process.argv.slice(2);
const ready = await readyAnswer(argv);
if (ready === undefined) {
  const { run } = await import("./compose.ts");
  process.exitCode = await run(argv);
} else {
  print(ready);
}

async function readyAnswer(given: readonly string[]): Promise<string | undefined> {
  const end = given.indexOf("--");
  const flags = end === -1 ? given : given.slice(0, end);
  const [first, second] = given;
  const word = flags.find((flag, index) => !flag.startsWith("-") && !/^--(cwd|language)$/.test(flags[index - 1] ?? ""));
  if (flags.includes("--help") || flags.includes("-h")) return await helpFor(word === "help" ? undefined : word);
  if (first === "help" && given.length <= 2) return await helpFor(second);
  if (first === "--version" || first === "-V" || (first === "version" && given.length === 1))
    return `${OKSTRA_VERSION}\n`;
  return undefined;
}

/** Undefined for a command that does not exist, which the rest of okstra explains. */
async function helpFor(word: string | undefined): Promise<string | undefined> {
  const { aliases, helps } = await import("./generated/help.js");
  const name = word ?? "";
  return helps.get(aliases.get(name) ?? name);
}

function print(text: string): void {
  try {
    // Importing node:fs, or touching process.stdout, would cost more than all the rest of this answer.
    process.getBuiltinModule("node:fs").writeSync(1, text);
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === "EAGAIN")
      process.stdout.on("error", () => undefined).write(text); // a pipe that is full
    else if (code !== "EPIPE") {
      process.stderr.write(`✗ The answer cannot be written to stdout: ${message}\n↳ Send stdout elsewhere\n`);
      process.exitCode = 1;
    }
  }
}
