/** `okstra version`: which okstra this is. */
import { type Command, define, type NoOptions } from "../command.ts";

export const version: Command<NoOptions> = define({
  name: "version",
  group: "installation",
  summary: "the version of okstra",
  usage: "",
  positionals: [],
  options: {},
  examples: ["okstra version"],
  read: () => ({}),
  run: async ({ world }) => ({
    json: { version: world.okstraVersion, node: world.host.machine.nodeVersion, platform: world.host.machine.platform },
    text: () => world.okstraVersion,
    exit: 0,
  }),
});
