/** `okstra validate run|plan|report|bundle|session`: whether files are what they should be. */
import { readRun, readTaskKey } from "../../model/index.ts";
import { type Command, define, usageFault } from "../command.ts";
import type { TaskAsk } from "../task-ask.ts";
import { oneOf } from "../words.ts";

/** What is to be validated: a run, the runs of a task or of a path, or all of the project. */
export type Validated =
  | { readonly is: "run"; readonly run: ReturnType<typeof readRun> }
  | { readonly is: "task"; readonly task: TaskAsk }
  | { readonly is: "path"; readonly path: string }
  | { readonly is: "all" };

const kinds = ["run", "plan", "report", "bundle", "session"] as const;
export type ValidateOptions = {
  readonly kind: (typeof kinds)[number];
  readonly subject: Validated;
  readonly fix: boolean;
};

export const validate: Command<ValidateOptions> = define({
  name: "validate",
  aliases: ["plan-validate"],
  group: "installation",
  summary: "checks the files of runs, plans or reports, and what agents did; each check with its place and a remedy",
  usage: "run|plan|report|bundle|session TASK|RUN|PATH | KIND --all",
  positionals: [
    {
      name: "KIND",
      about:
        "run: journal, results, artifacts and carry; plan: Stage Map, options, coverage, approval; report: schema, rendering, ids; bundle: the files that are due; session: what the agents did, by their own logs",
      required: true,
    },
    { name: "TASK|RUN|PATH", about: "a task's key, a run's id, or a file or folder of a task", required: false },
  ],
  options: {
    all: { type: "boolean", about: "every run of the project" },
    fix: {
      type: "boolean",
      about: "report only: makes Markdown and page anew from data that is proven to be what the run wrote",
    },
  },
  notes: [
    "A task's key means all its runs; for plan, the newest. Ends with `result: OK`, or `result: N problems` and exit code 1. Without --fix nothing is changed.",
    "docs/reference/checks.md lists every check by its id.",
  ],
  examples: [
    "okstra validate run 'shop/checkout/wrong-total@error-analysis#001'",
    "okstra validate plan shop/checkout/wrong-total",
    "okstra validate report --all --json",
  ],
  read: ({ values, words: [first, second] }) => {
    // `plan-validate SUBJECT` of the predecessor names no kind.
    const lone = second === undefined && !values.all && first !== undefined && !kinds.some((kind) => kind === first);
    const kind = lone && /[/:@.]/.test(first) ? "plan" : oneOf("KIND", first, kinds);
    if (values.fix && kind !== "report")
      throw usageFault(`There is nothing in a ${kind} that --fix may mend`, "okstra reconcile mends what disagrees");
    return { kind, subject: readValidated(kind, lone ? first : second, values.all), fix: values.fix };
  },
  run: async (context, options) => (await import("../actions/validate.ts")).validate(context, options),
});

function readValidated(kind: string, word: string | undefined, all: boolean): Validated {
  if (all && word === undefined) return { is: "all" };
  if (all) throw usageFault(`Both ${word} and --all are named`, "Name one of them");
  if (word === undefined)
    throw usageFault("TASK, RUN or PATH is missing", `Write okstra validate ${kind} TASK, or --all for every one`);
  if (/^\.{0,2}\/|\.okstra\/|\.(json|jsonl|md|html)$/.test(word)) return { is: "path", path: word };
  if (word.includes("@")) return { is: "run", run: readRun(word) };
  return { is: "task", task: readTaskKey(word) };
}
