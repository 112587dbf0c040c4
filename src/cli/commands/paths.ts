/** `okstra paths`: where okstra keeps what. */
import { type Command, define, type NoOptions } from "../command.ts";

export const paths: Command<NoOptions> = define({
  name: "paths",
  group: "installation",
  summary: "where okstra keeps what: home, project, package",
  usage: "",
  positionals: [],
  options: {},
  examples: ["okstra paths --json"],
  read: () => ({}),
  run: async (context) => (await import("../actions/paths.ts")).paths(context),
});
