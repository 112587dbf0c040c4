/**
 * What a command is: words for people, a reader that does no I/O (argv -> options) and a runner that sees no argv. One table
 * of these (commands/table.ts) gives `--help`, the reference page and the suggestions for mistyped names. A description
 * loads nothing of the engine: runners are imported when they run, so that help can be made at build time.
 */
import { type ExitCode, fault, type Reason } from "../model/index.ts";
import { readArgv } from "./argv.ts";
import type { Context } from "./context.ts";
import type { Paint } from "./paint.ts";

export type OptionSpec = {
  readonly type: "string" | "boolean";
  /** May be given several times. */
  readonly multiple?: true;
  /** How its value is called in help: `FILE`. */
  readonly value?: string;
  readonly about: string;
  readonly short?: string;
  readonly choices?: readonly string[];
  /** An empty value means something; else it is refused, and never taken for the default. */
  readonly mayBeEmpty?: true;
  /** The reason of the failure when the value is none of the choices; `usage` if not said. */
  readonly otherwise?: Reason;
  /** Other spellings that are accepted and not advertised. */
  readonly aliases?: readonly string[];
};
export type OptionTable = Readonly<Record<string, OptionSpec>>;

type ValueOf<O extends OptionSpec> = O extends { type: "boolean" }
  ? boolean
  : O extends { multiple: true }
    ? readonly string[]
    : string | undefined;

export type Values<T extends OptionTable> = { readonly [K in keyof T]: ValueOf<T[K]> };

export type Positional = { readonly name: string; readonly about: string; readonly required: boolean };

export const groups = ["start", "work", "gates", "looking", "steering", "installation"] as const;

export type Description = {
  readonly name: string;
  /** Names of the predecessor and short forms; never listed. */
  readonly aliases?: readonly string[];
  readonly group: (typeof groups)[number];
  /** One line, lower-case, no full stop. */
  readonly summary: string;
  /** Without `okstra <name>`: `TASK [--stage auto|N|all]`. */
  readonly usage: string;
  readonly positionals: readonly Positional[];
  readonly options: OptionTable;
  /** Paragraphs after the options. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
};

/** Flags that every command has. */
export const commonOptions = {
  json: { type: "boolean", about: "one JSON document on stdout, nothing else there" },
  cwd: { type: "string", value: "DIR", about: "works as if started in this folder" },
  quiet: { type: "boolean", short: "q", about: "no progress on stderr" },
  verbose: { type: "boolean", about: "adds the stack to a failure" },
  "no-color": { type: "boolean", about: "no colours and no live view (so does the variable NO_COLOR)" },
  yes: { type: "boolean", short: "y", about: "answers confirmations with yes; never passes a gate" },
  language: { type: "string", value: "LANG", choices: ["en", "ko"], about: "language of reports" },
  help: { type: "boolean", short: "h", about: "shows the help of the command" },
} as const satisfies OptionTable;

export type Common = {
  readonly json: boolean;
  readonly cwd: string | undefined;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly noColor: boolean;
  readonly yes: boolean;
  readonly language: string | undefined;
  /** The story is told as one line of JSON for each event. */
  readonly jsonEvents: boolean;
  /** No live view. */
  readonly plain: boolean;
  /** Nobody is asked anything. */
  readonly unattended: boolean;
  /** The command with its arguments, as they were given. */
  readonly argv: readonly string[];
};

/** Of a command that has none. */
export type NoOptions = Record<never, never>;

/** What a command answers: a document for machines, text for people, and how the process ends. */
export type Answer = {
  /** Without `schemaVersion`, which every document has. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Lines without a final newline; text of others is made visible in it. */
  readonly text: (paint: Paint) => string;
  readonly exit: ExitCode;
};

export type Given<T extends OptionTable> = {
  readonly values: Values<T>;
  /** Positional arguments, as many as the description says; a missing optional one is undefined. */
  readonly words: readonly (string | undefined)[];
};

export type Command<Options> = Description & {
  /** Throws a fault `usage` that names the command's help. */
  read(argv: readonly string[]): { readonly common: Common; readonly options: Options };
  run(context: Context, options: Options): Promise<Answer>;
};

type Definition<T extends OptionTable, Options> = Omit<Description, "options"> & {
  readonly options: T;
  readonly read: (given: Given<T>) => Options;
  readonly run: (context: Context, options: Options) => Promise<Answer>;
};

/** Makes a command; its reader gets values whose types follow from the option table. */
export function define<const T extends OptionTable, Options>(definition: Definition<T, Options>): Command<Options> {
  const { read, run, ...description } = definition;
  return {
    ...description,
    read(argv) {
      const { values, words } = readArgv(description, commonOptions, argv);
      const given = { values: values as Values<T & typeof commonOptions>, words };
      const { json, cwd, quiet, verbose, yes, language } = given.values;
      const common = { json, cwd, quiet, verbose, yes, language, noColor: given.values["no-color"] };
      const more = {
        jsonEvents: isSet(values, "json-events"),
        plain: isSet(values, "plain"),
        unattended: isSet(values, "unattended"),
      };
      const own = { ...common, ...more, argv: [description.name, ...argv] };
      return { common: own as Common, options: read(given) };
    },
    run,
  };
}

/** Whether a flag that only some commands have is given. */
const isSet = (values: Readonly<Record<string, unknown>>, name: string): boolean => values[name] === true;

/** The command line does not fit: what is wrong, and what to write instead. */
export const usageFault = (message: string, remedy: string, details: Readonly<Record<string, unknown>> = {}) =>
  fault("usage", message, remedy, details);
