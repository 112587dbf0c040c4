/** `okstra demo`: the whole lifecycle on a sample repository. */
import { type Command, define } from "../command.ts";
import { plainOption } from "../execute-flags.ts";

export type DemoOptions = { readonly dir: string | null; readonly keep: boolean; readonly agents: "scripted" | "real" };

export const demo: Command<DemoOptions> = define({
  name: "demo",
  group: "start",
  summary: "plays the whole lifecycle on a sample repository; needs no key and no network",
  usage: "[--dir D] [--keep] [--agents real]",
  positionals: [],
  options: {
    dir: {
      type: "string",
      value: "D",
      about: "works in this folder, which must be empty or absent; default: a temporary one",
    },
    keep: { type: "boolean", about: "keeps the folder with the repository, the worktrees and the reports" },
    agents: {
      type: "string",
      value: "WHO",
      choices: ["scripted", "real"],
      about:
        "real: with the agent programs that are installed, asking a model server that the demo starts; default: scripted",
    },
    ...plainOption,
  },
  notes: [
    "A real bug, real git, real tests; the agents are scripted. Nothing of yours outside the folder is read or written: it holds a home of its own, and git sees none of the user's settings. Without --keep all that the demo made is removed at the end, in --dir too.",
    "With --agents real, Claude Code and Codex or Gemini CLI (or both) read, edit and commit by their own tools. The model behind them is a server on 127.0.0.1 that plays the same scenario: no account, no key, no cost. At the end stands what the server charged and what okstra counted; where something confines agents, each builder first tries to write outside of its worktree.",
  ],
  examples: ["okstra demo", "okstra demo --dir /tmp/okstra-demo --keep", "okstra demo --agents real"],
  read: ({ values }) => ({
    dir: values.dir ?? null,
    keep: values.keep,
    agents: values.agents === "real" ? "real" : "scripted",
  }),
  run: async (context, options) => (await import("../demo/index.ts")).demo(context, options),
});
