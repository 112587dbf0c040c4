/**
 * A model for the real agent programs that knows one scenario: it tells from the prompt which worker is asked for what, does the
 * scenario's acts through the program's own shell tool, and gives the scenario's result. Stateless, like the scripted agent.
 */
import type { Answer, Call } from "../model-server/index.ts";

type Json = Readonly<Record<string, unknown>>;
type Entry = { readonly when: Json; readonly do?: readonly Json[]; readonly result: Json };

const headings: readonly (readonly [heading: RegExp, purpose: string])[] = [
  [/^# Build one stage/m, "execute"],
  [/^# Put a stage right/m, "fix"],
  [/^# Verify a stage/m, "verify"],
  [/^# Check a plan part by part/m, "plan-check"],
  [/^# Check what others found/m, "round"],
  [/^# Write /m, "write"],
  [/^# (?:Find|Plan|Decide|Sort) /m, "blind"],
];

const shells = {
  anthropic: (command: string) => ({ name: "Bash", input: { command } }),
  openai: (cmd: string) => ({ name: "exec_command", input: { cmd, yield_time_ms: 20_000 } }),
  gemini: (command: string) => ({ name: "run_shell_command", input: { command } }),
} as const;

/** What the shell prints when all acts went well; the command that prints it does not hold it. */
const done = "acts-3-done";

export const modelOf =
  (scenario: string) =>
  (call: Call): Answer => {
    const said = strings(call.body).join("\n");
    const address = addressIn(said);
    const { entries } = JSON.parse(scenario) as { entries: readonly Entry[] };
    const entry = entries.find(({ when }) => Object.entries(when).every(([key, value]) => address[key] === value));
    if (entry === undefined)
      return { is: "refusal", status: 400, message: `nothing to say to ${JSON.stringify(address)}` };
    const charge = { input: 100 + call.number, cachedInput: call.number, output: 10 };
    if (entry.do !== undefined && !said.includes(done))
      return { is: "reply", tools: [shells[call.api](scriptOf(entry.do))], charge };
    if (said.includes("StructuredOutput"))
      return { is: "reply", tools: [{ name: "StructuredOutput", input: entry.result }], charge };
    return { is: "reply", text: JSON.stringify(entry.result), charge };
  };

function addressIn(said: string): Readonly<Record<string, unknown>> {
  const stage = /"stageNumber": ?(\d+)/.exec(said)?.[1];
  return {
    worker: /You are the worker `([\w-]+)`/.exec(said)?.[1],
    taskType: /^Task `\S+`, phase ([\w-]+)\./m.exec(said)?.[1],
    purpose: headings.find(([heading]) => heading.test(said))?.[1],
    stage: stage === undefined ? null : Number(stage),
  };
}

function scriptOf(acts: readonly Json[]): string {
  const lines = acts.flatMap((act) => {
    if (typeof act["run"] === "string") return [`( ${act["run"]}\n) 2>/dev/null || true`];
    if (typeof act["commit"] === "string") return [`git add -A && git commit -q -F - <<'END'\n${act["commit"]}\nEND`];
    const files = Object.entries((act["write"] ?? {}) as Readonly<Record<string, string>>);
    return files.map(([path, text]) => `cat > '${path}' <<'END'\n${text.replace(/\n$/, "")}\nEND`);
  });
  return `set -e\n${lines.join("\n")}\nprintf 'acts-%s-done\\n' 3`;
}

/** Every text in a request, in its order. */
function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}
