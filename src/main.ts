#!/usr/bin/env node
/**
 * The process: argv in, exit code out. The version and every help are texts of the build, answered before anything else is
 * imported and written straight to stdout: a start must not cost more than Node itself.
 */
import { join } from "node:path";
import { chunksIn } from "./chunks.ts";

declare const OKSTRA_VERSION: string;

const argv = process.argv.slice(2);
const ready = readyAnswer(argv);
if (ready === undefined) void start();
else print(ready);

async function start(): Promise<void> {
  const here = import.meta.dirname;
  const chunks = chunksIn(here, join(here, "cache", `${process.version}-${process.arch}`));
  // Whoever is told to stop by a signal does not wait.
  process.on("exit", (code) => {
    if (code < 128) chunks.keep();
  });
  const { run } = chunks.load("compose.js") as typeof import("./compose.ts");
  process.exitCode = await run(argv);
}

function readyAnswer(given: readonly string[]): string | undefined {
  const end = given.indexOf("--");
  const flags = end === -1 ? given : given.slice(0, end);
  const [first, second] = given;
  const word = flags.find((flag, index) => !flag.startsWith("-") && !/^--(cwd|language)$/.test(flags[index - 1] ?? ""));
  if (flags.includes("--help") || flags.includes("-h")) return helpFor(word === "help" ? undefined : word);
  if (first === "help" && given.length <= 2) return helpFor(second);
  if (first === "--version" || first === "-V" || (first === "version" && given.length === 1))
    return `${OKSTRA_VERSION}\n`;
  return undefined;
}

/** Undefined for a command that does not exist, which the rest of okstra explains. The texts lie beside this file in the build. */
function helpFor(word: string | undefined): string | undefined {
  const file = join(import.meta.dirname, "help.json");
  const texts = JSON.parse(process.getBuiltinModule("node:fs").readFileSync(file, "utf8")) as Record<string, string>;
  const name = word ?? "";
  return Object.hasOwn(texts, name) ? texts[name] : undefined;
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
