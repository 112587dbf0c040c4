/** Commands that only look, in a project with an approved plan. */
import type { Row } from "../bench.ts";
import { most } from "../line.ts";
import { besideNode } from "../programs.ts";
import { approvedProject, taskKey } from "../project.ts";

export const reads: Row = {
  name: "read",
  async measure(bench) {
    const project = await approvedProject();
    await using _rig = project.rig;
    const commands = [
      ["list"],
      ["status", taskKey],
      ["show", taskKey],
      ["show", `${taskKey}@error-analysis#001`],
      ["report", taskKey],
      ["doctor"],
    ];
    return await besideNode(
      bench,
      commands.map((args) => ({
        row: "read",
        what: `okstra ${args.join(" ")}`,
        order: project.okstra(...args),
        // doctor starts git and looks for agents: programs, not reading, decide how long it takes.
        target: args[0] === "doctor" ? null : most(2, "ratio"),
      })),
    );
  },
};
