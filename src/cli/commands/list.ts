/** `okstra list`: the tasks of this project. */
import { type Command, define, type NoOptions } from "../command.ts";

export const list: Command<NoOptions> = define({
  name: "list",
  aliases: ["task-list"],
  group: "looking",
  summary: "the tasks of this project, newest first",
  usage: "",
  positionals: [],
  options: {},
  examples: ["okstra list"],
  read: () => ({}),
  run: async (context) => (await import("../actions/list.ts")).list(context),
});
