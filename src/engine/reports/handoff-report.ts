/** The report of a hand-off: what a person chose, what was run, how it came out. */
import type { Report } from "../../report/report.schema.ts";
import { degradedBefore } from "../degraded-before.ts";
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
    limits: [...(await degradedBefore(run)), ...limitsOf(done)],
    verdictCard: {
      finalConclusion: done.commit === null ? "Skipped: nothing was made" : outcomeText(done),
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
    pullRequest: done.pullRequest,
    conflictProbe: done.probe,
  };
}

/** Where the work is now, in one line. */
export function outcomeText({ branch, commit, target, pullRequest }: HandedOver): string {
  const at = `${branch} is at ${commit?.slice(0, 12) ?? "no commit"}`;
  if (target === null) return at;
  return `${at}, pushed to ${target.remote}; ${pullRequest ?? "the pull request is left to a person"}`;
}

function limitsOf({ target, pullRequest, note }: HandedOver): string[] {
  if (target === null) return ["nothing was pushed and no pull request was opened"];
  return pullRequest === null ? [`no pull request was opened: ${note}`] : [];
}

/** A repository without a remote has nowhere to push to: there the base takes the branch in. */
async function howToGoOn(run: Run, { branch, base, target, pullRequest, commands }: HandedOver): Promise<string> {
  if (pullRequest !== null) return `Review ${pullRequest}`;
  if (target !== null) return commands.at(-1)?.command ?? "";
  const remotes = await fact(run, "remotes", async () => {
    const text = await run.world.host.git.plain(run.manifest.worktree.path, "remote");
    return text.split("\n").filter((name) => name !== "");
  });
  if (remotes.length === 0) return `git switch ${base} && git merge ${branch}`;
  return `git push ${remotes.includes("origin") ? "origin" : (remotes[0] ?? "")} ${branch}`;
}
