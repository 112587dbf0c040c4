/** `okstra report TASK|RUN`: a report as Markdown, or opened in a browser. */
import { type Command, define } from "../command.ts";
import { readSubject, type Subject } from "../subject.ts";
import { keyOptions } from "../task-ask.ts";

export type ReportOptions = { readonly subject: Subject; readonly open: boolean };

export const report: Command<ReportOptions> = define({
  name: "report",
  group: "looking",
  summary: "the report of a run, or of the task's newest run that has one, as Markdown",
  usage: "TASK|RUN [--open]",
  positionals: [{ name: "TASK|RUN", about: "a task's key or a run's id", required: false }],
  options: { ...keyOptions, open: { type: "boolean", about: "opens the HTML form in a browser" } },
  notes: ["--json gives the paths of its three forms (data, Markdown, HTML) and the Markdown."],
  examples: ["okstra report shop/checkout/wrong-total"],
  read: ({ values, words: [word] }) => ({
    subject: readSubject(values, word, "okstra report TASK|RUN"),
    open: values.open,
  }),
  run: async (context, options) => (await import("../actions/report.ts")).report(context, options),
});
