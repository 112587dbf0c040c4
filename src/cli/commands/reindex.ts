/** `okstra reindex`: the run index of the home, made anew. */
import { type Command, define, type NoOptions } from "../command.ts";

export const reindex: Command<NoOptions> = define({
  name: "reindex",
  group: "installation",
  summary: "makes the home's run index anew from the tasks of all its projects",
  usage: "",
  positionals: [],
  options: {},
  notes: [
    "The index only lists runs; the runs themselves are not touched. What cannot be read is named, and its runs stay listed as they were.",
  ],
  examples: ["okstra reindex"],
  read: () => ({}),
  run: async (context) => (await import("../actions/reindex.ts")).reindex(context),
});
