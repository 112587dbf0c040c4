/** `okstra doctor`: checks what okstra needs here. */
import { type Command, define } from "../command.ts";

export type DoctorOptions = { readonly fix: boolean };

export const doctor: Command<DoctorOptions> = define({
  name: "doctor",
  group: "installation",
  summary: "checks what okstra needs here and whether its records agree; --fix mends what can be mended safely",
  usage: "[--fix]",
  positionals: [],
  options: {
    fix: {
      type: "boolean",
      about: "mends disagreements among registry, ledger, git and disk where nothing can be lost by it",
    },
  },
  notes: [
    "Records are the worktree registry, stage ledgers, carry files, journals, manifests, the task catalog, git's branches and worktrees, and what lies on the disk. docs/guides/when-records-disagree.md lists every disagreement with its id.",
    "--fix says for each what it did, or why it is left to you. It deletes no commit and no file of yours; what would be lost is kept in a ref below refs/okstra/rescue/ first. What is shown below that is how things stand afterwards.",
    "Ends with `result: OK`, or `result: N problems` and exit code 1.",
  ],
  examples: ["okstra doctor", "okstra doctor --fix", "okstra doctor --json"],
  read: ({ values: { fix } }) => ({ fix }),
  run: async (context, options) => (await import("../actions/doctor.ts")).doctor(context, options),
});
