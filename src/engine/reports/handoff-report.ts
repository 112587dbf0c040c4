/** The report of a hand-off: what a person chose, what was run, how it came out. */
import type { Report } from "../../report/report.schema.ts";
import type { HandedOver } from "../flows/handoff.ts";
import { fact, type Run } from "../run.ts";
import type { Written } from "../steps/write.ts";
import { commonOf } from "./common.ts";

export async function handoffReport(
  run: Run,
  of: { readonly done: HandedOver; readonly written: Written },
): Promise<Report> {
  const { done, written } = of;
  const common = await commonOf(run, {
    outcome: "completed",
    prose: written.prose,
    state: null,
    clarifications: [],
    voices: [],
    limits: ["nothing was pushed and no pull request was opened"],
    verdictCard: {
      finalConclusion:
        done.commit === null ? "Skipped: nothing was made" : `${done.branch} is at ${done.commit.slice(0, 12)}`,
      verdictToken: done.choice.action,
      direction: written.prose.direction,
      approvalRequired: false,
      nextStep: done.commit === null ? "none" : await howToGoOn(run, done),
    },
  });
  return {
    ...common,
    taskType: "release-handoff",
    action: done.choice.squash ? `${done.choice.action}, squashed` : done.choice.action,
    base: done.base,
    branch: done.branch,
    commands: [...done.commands],
    pullRequest: null,
    conflictProbe: done.probe,
  };
}

/** A repository without a remote has nowhere to push to: there the base takes the branch in. */
async function howToGoOn(run: Run, { branch, base }: HandedOver): Promise<string> {
  const remotes = await fact(run, "remotes", async () => {
    const text = await run.world.host.git.plain(run.manifest.worktree.path, "remote");
    return text.split("\n").filter((name) => name !== "");
  });
  if (remotes.length === 0) return `git switch ${base} && git merge ${branch}`;
  return `git push ${remotes.includes("origin") ? "origin" : (remotes[0] ?? "")} ${branch}`;
}
