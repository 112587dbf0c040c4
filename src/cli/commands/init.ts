/** `okstra init`: registers a project. */
import { type Command, define } from "../command.ts";

export type InitOptions = {
  readonly projectId: string | null;
  readonly syncDirs: readonly string[] | null;
  readonly copyFiles: readonly string[] | null;
};

export const init: Command<InitOptions> = define({
  name: "init",
  aliases: ["setup"],
  group: "start",
  summary: "registers this project: its id, what its worktrees need, how it is tested",
  usage: "[--project-id ID]",
  positionals: [],
  options: {
    "project-id": { type: "string", value: "ID", about: "default: the folder's name" },
    "sync-dirs": {
      type: "string",
      value: "A,B",
      aliases: ["worktree-sync-dirs"],
      mayBeEmpty: true,
      about: "ignored folders that every worktree gets as links; default: dependency folders that are there",
    },
    "copy-files": {
      type: "string",
      value: "A,B",
      aliases: ["worktree-copy-files"],
      mayBeEmpty: true,
      about: "ignored files that every worktree gets as copies; default: .env if there is one",
    },
  },
  notes: [
    "Writes .okstra/project.json and .okstra/.gitignore, nothing else. Commands that check the project are found from package.json, Makefile, pyproject.toml, Cargo.toml and go.mod. A second call changes nothing.",
  ],
  examples: ["okstra init", "okstra init --project-id shop --copy-files .env,.env.test"],
  read: ({ values }) => ({
    projectId: values["project-id"]?.trim() || null,
    syncDirs: readParts(values["sync-dirs"]),
    copyFiles: readParts(values["copy-files"]),
  }),
  run: async (context, options) => (await import("../actions/init.ts")).init(context, options),
});

/** Comma-separated; an empty text is an empty list, so that nothing is brought. */
function readParts(text: string | undefined): readonly string[] | null {
  if (text === undefined) return null;
  const parts = text.split(",").map((part) => part.trim());
  return parts.filter((part) => part !== "");
}
