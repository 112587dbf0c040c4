/**
 * Room cli: from argv to an exit code. Only here is anything printed: the answer on stdout, the story on stderr, under --json one
 * document on stdout and nothing else there.
 */
import { type ExitCode, exitCodeOf, type Failure, Fault, fault, nearest, stackOf } from "../model/index.ts";
import type { Answer, Command } from "./command.ts";
import { commandOf, commands } from "./commands/table.ts";
import { type Outside, openContext } from "./context.ts";
import { noPaint } from "./paint.ts";
import { failureLines, safeJson } from "./text.ts";

export type { Environment, Outside } from "./context.ts";
export { nodeTerminal, type Terminal } from "./terminal.ts";

/** Runs one command line to its end. Throws nothing: what went wrong is told, and is the exit code. */
export async function runCli(argv: readonly string[], outside: Outside): Promise<ExitCode> {
  const wishes = roughWishes(argv);
  try {
    const { command, rest } = chooseCommand(argv);
    const { common, options } = command.read(rest);
    const context = await openContext(outside, common);
    return printAnswer(outside, await command.run(context, options), wishes);
  } catch (thrown) {
    if (thrown instanceof Fault) return printFailure(outside, thrown.failure, wishes);
    return printBug(outside, thrown, wishes);
  }
}

type Wishes = { readonly json: boolean; readonly verbose: boolean; readonly colourless: boolean };

/** What must be known even when the command line cannot be read. */
function roughWishes(argv: readonly string[]): Wishes {
  const flags = beforeDashes(argv);
  return {
    json: flags.includes("--json"),
    verbose: flags.includes("--verbose"),
    colourless: flags.includes("--no-color"),
  };
}

const beforeDashes = (argv: readonly string[]): readonly string[] => {
  const end = argv.indexOf("--");
  return end === -1 ? argv : argv.slice(0, end);
};

/** Flags of every command may stand before its name too. */
const withValue = new Set(["--cwd", "--language"]);

function chooseCommand(argv: readonly string[]): { command: Command<unknown>; rest: readonly string[] } {
  let at = 0;
  while (argv[at]?.startsWith("-") === true) at += withValue.has(argv[at] ?? "") ? 2 : 1;
  const word = argv[at];
  const rest = [...argv.slice(0, at), ...argv.slice(at + 1)];
  if (word === undefined) {
    const stray = argv.find((flag) => !commonFlag(flag));
    throw fault(
      "usage",
      stray === undefined ? "No command is named" : `Unknown flag: ${stray}`,
      "See what there is: okstra --help",
    );
  }
  if (word === "help") throw unknownCommand(rest.find((one) => !one.startsWith("-")) ?? word);
  const command = commandOf(word);
  if (command === undefined) throw unknownCommand(word);
  return { command, rest };
}

const commonFlag = (flag: string): boolean =>
  /^(--(json|quiet|verbose|no-color|yes|cwd|language)(=.*)?|-[qy])$/.test(flag);

function unknownCommand(word: string): Fault {
  const names = commands.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]);
  const near = nearest(word, names);
  return fault(
    "unknown-command",
    `Unknown command: ${word}${near === undefined ? "" : `; did you mean "${near}"?`}`,
    near === undefined ? "See what there is: okstra --help" : `okstra ${near} --help`,
    { command: word, near: near ?? null },
  );
}

function printAnswer({ terminal }: Outside, answer: Answer, wishes: Wishes): ExitCode {
  if (wishes.json) {
    terminal.write("answer", `${safeJson({ schemaVersion: 1, ...answer.json })}\n`);
  } else {
    const text = answer.text(wishes.colourless ? noPaint : terminal.paint("answer"));
    if (text !== "") terminal.write("answer", `${text}\n`);
  }
  return answer.exit;
}

function printFailure(outside: Outside, failure: Failure, wishes: Wishes): ExitCode {
  const { terminal } = outside;
  const { reason, message, remedy, details = {} } = failure;
  if (wishes.json) {
    try {
      terminal.write("answer", `${safeJson({ schemaVersion: 1, error: { reason, message, remedy, details } })}\n`);
    } catch (thrown) {
      // stdout takes no answer: then stderr tells of it.
      if (thrown instanceof Fault) return printFailure(outside, thrown.failure, { ...wishes, json: false });
      throw thrown;
    }
  } else {
    const paint = wishes.colourless ? noPaint : terminal.paint("story");
    terminal.write("story", `${failureLines(failure, paint).join("\n")}\n`);
  }
  if (wishes.verbose) terminal.write("story", `${stacksOf(failure)}\n`);
  return exitCodeOf(failure);
}

function stacksOf(failure: Failure): string {
  const stack = stackOf(failure) ?? "";
  const cause = failure.cause instanceof Error ? `\ncaused by ${failure.cause.stack ?? failure.cause.message}` : "";
  return `${stack}${cause}`;
}

/** What was thrown and is no failure is a fault of okstra itself. */
function printBug(outside: Outside, thrown: unknown, wishes: Wishes): ExitCode {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const again = wishes.verbose
    ? "Report it with the stack below"
    : "Run it again with --verbose and report what it prints";
  const code = printFailure(
    outside,
    { reason: "bug", message: `This is a bug in okstra: ${message}`, remedy: again },
    { ...wishes, verbose: false },
  );
  if (wishes.verbose) outside.terminal.write("story", `${thrown instanceof Error ? (thrown.stack ?? "") : ""}\n`);
  return code;
}
