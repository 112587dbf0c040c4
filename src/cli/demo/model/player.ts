/**
 * A model for the real agent programs that knows one scenario: it tells from the prompt which worker is asked for what, does the
 * scenario's acts through the program's own shell tool, and gives the scenario's result. Stateless, like the scripted agent.
 */
import { posix } from "node:path";
import { type Address, chooseEntry, type Entry, type Scenario } from "../../../agents/index.ts";
import { type TaskType, taskTypes } from "../../../model/index.ts";
import type { Answer, Api, Call, Charge, ToolCall } from "./answer.ts";

export type Playing = {
  readonly scenario: Scenario;
  /** The part of the scenario that a worker plays; whoever builds plays `builder`. */
  readonly parts: Readonly<Record<string, string>>;
  readonly builder: string;
  /** Absolute paths outside of every worktree: who builds tries to write to each of them first. */
  readonly attempts: readonly string[];
};

/** Headings of the prompts, by what each asks for. */
const headings: readonly (readonly [heading: RegExp, role: Address["role"], purpose: Address["purpose"]])[] = [
  [/^# Build one stage/m, "executor", "execute"],
  [/^# Put a stage right/m, "executor", "fix"],
  [/^# Verify a stage/m, "verifier", "verify"],
  [/^# Check a plan part by part/m, "analyser", "plan-check"],
  [/^# Check what others found/m, "analyser", "round"],
  [/^# Write /m, "report-writer", "write"],
  [/^# (?:Find|Plan|Decide|Sort) /m, "analyser", "blind"],
];

/** The tool of each program that runs a command. */
const shells: Readonly<Record<Api, (command: string) => ToolCall>> = {
  anthropic: (command) => ({ name: "Bash", input: { command } }),
  openai: (cmd) => ({ name: "exec_command", input: { cmd, yield_time_ms: 20_000 } }),
  gemini: (command) => ({ name: "run_shell_command", input: { command } }),
};

/** How the script begins, and what it prints when all went well: a command that prints it does not hold it. */
const begins = "# acts of one entry";
const done = "acts-3-done";

export const playerOf =
  (playing: Playing) =>
  (call: Call): Answer => {
    const said = strings(call.body).join("\n");
    const address = addressIn(said, playing);
    const entry = address === undefined ? undefined : chooseEntry(playing.scenario, address);
    if (address === undefined || entry?.result === undefined)
      return refusal(`nothing to say to ${JSON.stringify(address ?? "this prompt")}`);
    const charge = chargeOf(entry);
    const acts = scriptOf(entry, address.purpose === "execute" ? playing.attempts : []);
    if (acts !== undefined && !said.includes(done)) {
      if (!said.includes(begins)) return { is: "reply", tools: [shells[call.api](acts)], charge };
      // A shell that has not ended yet is waited for: Codex gives it back before its end.
      const session_id = Number([...said.matchAll(/session ID (\d+)/g)].at(-1)?.[1]);
      if (call.api !== "openai" || Number.isNaN(session_id)) return refusal("the acts of the scenario failed");
      return { is: "reply", tools: [{ name: "write_stdin", input: { session_id, chars: "", yield_time_ms: 20_000 } }] };
    }
    const result = resultOf(entry.result, said);
    if (said.includes("StructuredOutput") && typeof result === "object")
      return { is: "reply", tools: [{ name: "StructuredOutput", input: result }], charge };
    return { is: "reply", text: typeof result === "string" ? result : JSON.stringify(result), charge };
  };

const refusal = (message: string): Answer => ({ is: "refusal", status: 400, message });

/** Undefined for a prompt that is none of okstra's. */
function addressIn(said: string, { parts, builder }: Playing): Address | undefined {
  const worker = /You are the worker `([\w-]+)`/.exec(said)?.[1];
  const phase = /^Task `\S+`, phase ([\w-]+)\./m.exec(said)?.[1];
  const taskType = taskTypes.find((one): one is TaskType => one === phase);
  const [, role, purpose] = headings.find(([heading]) => heading.test(said)) ?? [];
  if (worker === undefined || taskType === undefined || role === undefined || purpose === undefined) return undefined;
  const stage = /(?:"stageNumber": ?|packet-implementation-stage-)(\d+)/.exec(said)?.[1];
  const round = /^# .*, round (\d+)$/m.exec(said)?.[1];
  return {
    worker: role === "executor" ? builder : (parts[worker] ?? worker),
    role,
    purpose,
    taskType,
    stage: stage === undefined ? null : Number(stage),
    round: round === undefined ? null : Number(round),
    attempt: 1,
    reask: 0,
  };
}

const chargeOf = ({ usage }: Entry): Partial<Charge> => ({
  input: usage?.input ?? 100,
  cachedInput: usage?.cachedInput ?? 0,
  output: usage?.output ?? 10,
  reasoning: usage?.reasoning ?? 0,
});

/** What a shell does of an entry, without `$(...)`, which Gemini CLI refuses; undefined when there is nothing to do. */
function scriptOf({ do: acts = [] }: Entry, attempts: readonly string[]): string | undefined {
  const tries = attempts.map((path) => `( echo planted >> ${quoted(path)} ) 2>/dev/null || true`);
  const lines = acts.flatMap((act) => {
    if ("run" in act) return [act.ignoreExit === true ? `( ${act.run} ) || true` : act.run];
    if ("write" in act) return Object.entries(act.write).map(([path, text]) => written(path, text));
    if ("replace" in act) return [replaced(act.replace)];
    if (!("commit" in act)) return [];
    const paths = (act.paths ?? ["."]).map(quoted).join(" ");
    return [
      `git add --all -- ${paths}`,
      `git commit -q -F - ${here(act.commit)}`,
      "git log -1 --format='made-commit %H'",
    ];
  });
  if (lines.length === 0) return undefined;
  return [begins, "set -e", ...tries, ...lines, "printf 'acts-%s-done\\n' 3"].join("\n");
}

const written = (path: string, text: string | null): string =>
  text === null
    ? `rm -rf ${quoted(path)}`
    : `mkdir -p ${quoted(posix.dirname(path))}\ncat > ${quoted(path)} ${here(text)}`;

/** Text has no tool of the shell that replaces it as it stands; node is there, since okstra is. */
function replaced(change: { readonly path: string; readonly old: string; readonly new: string }): string {
  const [path, old, fresh] = [change.path, change.old, change.new].map((text) => JSON.stringify(text));
  const lines = [
    'const { readFileSync, writeFileSync } = require("node:fs");',
    `const text = readFileSync(${path}, "utf8");`,
    `const at = text.indexOf(${old});`,
    `if (at < 0) throw new Error("not in " + ${path});`,
    `writeFileSync(${path}, text.slice(0, at) + ${fresh} + text.slice(at + ${old}.length));`,
  ];
  return `node --input-type=commonjs - ${here(lines.join("\n"))}`;
}

const here = (text: string): string => `<<'END-OF-TEXT'\n${text.replace(/\n$/, "")}\nEND-OF-TEXT`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** With the commits that the acts made. */
function resultOf(result: NonNullable<Entry["result"]>, said: string): NonNullable<Entry["result"]> {
  const commits = [...said.matchAll(/made-commit ([0-9a-f]{40})/g)].map(([, sha]) => sha ?? "");
  const filled = JSON.stringify(result).replaceAll(
    /\{\{commit\.(\d+)\}\}/g,
    (hole: string, n: string) => commits[Number(n) - 1] ?? hole,
  );
  return JSON.parse(filled) as NonNullable<Entry["result"]>;
}

/** Every text in a request, in its order. */
function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}
