/**
 * argv -> values and positional words, over node:util parseArgs. What parseArgs lets pass or says in its own way is refused here
 * with the nearest flag and the command's own words. No I/O.
 */
import { parseArgs } from "node:util";
import { didYouMean, type Fault, fault } from "../model/index.ts";
import type { Description, OptionSpec, OptionTable } from "./command.ts";

export type Words = readonly (string | undefined)[];
export type RawValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Throws a fault `usage`. Options of `common` hold beside those of the command. */
export function readArgv(
  of: Description,
  common: OptionTable,
  argv: readonly string[],
): { values: RawValues; words: Words } {
  const table: OptionTable = { ...common, ...of.options };
  const spelt = spellings(table);
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries([...spelt].map(([word, { spec }]) => [word, parserOption(word, spec, table)])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values: Record<string, string | boolean | readonly string[] | undefined> = {};
  for (const [name, spec] of Object.entries(table)) values[name] = emptyOf(spec);
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const known = spelt.get(token.name);
    if (known === undefined) throw unknownFlag(of, token.rawName, [...spelt.keys()]);
    const value = tokenValue(of, token, known.spec);
    const before = values[known.name];
    values[known.name] = Array.isArray(before) ? [...before, value as string] : value;
  }
  return { values, words: fitted(of, words) };
}

type Known = { readonly name: string; readonly spec: OptionSpec };

/** Every long spelling of every option. */
function spellings(table: OptionTable): Map<string, Known> {
  const found = new Map<string, Known>();
  for (const [name, spec] of Object.entries(table)) {
    for (const word of [name, ...(spec.aliases ?? [])]) found.set(word, { name, spec });
  }
  return found;
}

const parserOption = (word: string, spec: OptionSpec, table: OptionTable) => ({
  type: spec.type,
  ...(spec.short === undefined || !(word in table) ? {} : { short: spec.short }),
});

const emptyOf = (spec: OptionSpec) => (spec.type === "boolean" ? false : spec.multiple === true ? [] : undefined);

type Token = {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
};

function tokenValue(of: Description, token: Token, spec: OptionSpec): string | boolean {
  const { rawName, value } = token;
  if (spec.type === "boolean") {
    if (value === undefined) return true;
    throw usage(of, `${rawName} takes no value`, `Write ${rawName} alone`);
  }
  const name = spec.value ?? "VALUE";
  if (value === undefined) throw usage(of, `${rawName} needs a value`, `Write ${rawName} ${name}`);
  if (token.inlineValue !== true && value.startsWith("-") && value !== "-") {
    throw usage(of, `${rawName} needs a value; ${value} looks like a flag`, `If it is the value: ${rawName}=${value}`);
  }
  if (value.trim() === "" && spec.mayBeEmpty !== true) {
    throw usage(of, `${rawName} is empty`, `Write ${rawName} ${name}: ${spec.about}`);
  }
  if (spec.choices !== undefined && !spec.choices.includes(value)) {
    const message = `${rawName} cannot be "${value}"${didYouMean(value, spec.choices)}`;
    throw fault(spec.otherwise ?? "usage", message, `One of: ${spec.choices.join(", ")}`, { command: of.name, value });
  }
  return value;
}

/** As many words as the command has positionals, no more; the required ones are there. */
function fitted(of: Description, words: readonly string[]): Words {
  const extra = words[of.positionals.length];
  if (extra !== undefined) throw usage(of, `Unexpected argument: ${extra}`, howTo(of));
  const missing = of.positionals[words.length];
  if (missing?.required === true && words.length < of.positionals.length) {
    throw usage(of, `${missing.name} is missing: ${missing.about}`, howTo(of));
  }
  return of.positionals.map((_, index) => words[index]);
}

function unknownFlag(of: Description, flag: string, known: readonly string[]): Fault {
  const near = flag.startsWith("--") ? didYouMean(flag.slice(2), known).replace('"', '"--') : "";
  return usage(of, `Unknown flag: ${flag}${near}`, `See the flags: okstra ${of.name} --help`);
}

const howTo = (of: Description): string => `Write okstra ${of.name} ${of.usage}`.trimEnd();

const usage = (of: Description, message: string, remedy: string): Fault =>
  fault("usage", message, remedy, { command: of.name });
