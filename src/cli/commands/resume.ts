/** `okstra resume RUN`: executes what was prepared, goes on with what was interrupted. */
import type { RunRequest } from "../../engine/index.ts";
import { readRun } from "../../model/index.ts";
import { type Command, define } from "../command.ts";
import { type Execution, executeOptions, readExecution } from "../execute-flags.ts";
import { budgetOptions, readBudget } from "../run-flags.ts";
import type { RunSubject } from "../subject.ts";

export type ResumeOptions = RunSubject & Execution & { readonly budget: RunRequest["budget"] };

export const resume: Command<ResumeOptions> = define({
  name: "resume",
  group: "steering",
  summary: "executes a prepared run, or goes on with one that was stopped: killed, cancelled, out of quota or budget",
  usage: "RUN [--budget-usd N] [--detach]",
  positionals: [{ name: "RUN", about: "the run's id; okstra status TASK shows it", required: true }],
  options: { ...budgetOptions, ...executeOptions },
  notes: [
    "What the run's journal holds is taken from there; nothing is asked or done twice.",
    "A dispatch that a quota or budget kept from an answer is asked again; of a run that failed because its report writer gave nothing, the writer alone.",
  ],
  examples: ["okstra resume 'shop/checkout/wrong-total@error-analysis#001'"],
  read: ({ values, words: [word] }) => ({
    ...readExecution(values),
    budget: readBudget(values),
    run: readRun(word ?? ""),
  }),
  run: async (context, options) => (await import("../actions/resume.ts")).resume(context, options),
});
