/** `okstra demo`: the whole lifecycle on a sample repository. */
import { type Command, define } from "../command.ts";
import { plainOption } from "../execute-flags.ts";

export type DemoOptions = { readonly dir: string | null; readonly keep: boolean };

export const demo: Command<DemoOptions> = define({
  name: "demo",
  group: "start",
  summary: "plays the whole lifecycle on a sample repository; needs no key and no network",
  usage: "[--dir D] [--keep]",
  positionals: [],
  options: {
    dir: {
      type: "string",
      value: "D",
      about: "works in this folder, which must be empty or absent; default: a temporary one",
    },
    keep: { type: "boolean", about: "keeps the folder with the repository, the worktrees and the reports" },
    ...plainOption,
  },
  notes: [
    "A real bug, real git, real tests; the agents are scripted. Nothing outside the folder is read or written: it holds a home of its own, and git sees none of the user's settings. Without --keep all that the demo made is removed at the end, in --dir too.",
  ],
  examples: ["okstra demo", "okstra demo --dir /tmp/okstra-demo --keep"],
  read: ({ values }) => ({ dir: values.dir ?? null, keep: values.keep }),
  run: async (context, options) => (await import("../demo/index.ts")).demo(context, options),
});
