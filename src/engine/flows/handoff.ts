/**
 * The flow of a hand-off: `skip` records that nothing is done; `commit-only` makes or updates the branch `<task branch>-handoff` with
 * the task's commits, or with one that holds them all (of a group of stages, `<task branch>-g<seq>`); `commit-pr` also pushes that branch and opens a pull request.
 *
 *   accepted at head -> where to -> probe against the base -> (skip | branch set, only forward -> pushed -> pull request) -> recorded
 */
import type { HandoffChoice } from "../../lifecycle/task.schema.ts";
import { fault } from "../../model/index.ts";
import { markdownText, oneLine, visible } from "../../report/index.ts";
import type { CommandRun, HandoffProse } from "../../report/report.schema.ts";
import { requireAccepted } from "../accepted.ts";
import type { Ending } from "../ending.ts";
import { requireBaseCommit } from "../handoff/base.ts";
import { baseOf, branchOf } from "../handoff/possible.ts";
import { openPullRequest } from "../handoff/pull-request.ts";
import { push, type Target, targetOf } from "../handoff/remote.ts";
import { type GroupStage, mergedGroup, recordHandedOff, requireVerifiedGroup } from "../handoff/stage-group.ts";
import { type Filling, filled, templateOf, withoutComments } from "../handoff/template.ts";
import { handoffReport, outcomeText } from "../reports/handoff-report.ts";
import { fact, progress, type Run, step } from "../run.ts";
import { intake } from "../steps/intake.ts";
import { writeProse } from "../steps/write.ts";
import { nowOf } from "../world.ts";

export type HandedOver = {
  readonly choice: HandoffChoice;
  readonly base: string;
  readonly branch: string;
  readonly probe: string;
  readonly commands: readonly CommandRun[];
  /** What the hand-off branch points to; null when nothing was made. */
  readonly commit: string | null;
  /** Where the branch was pushed to; null when it was not. */
  readonly target: Target | null;
  readonly pullRequest: string | null;
  /** Why there is no pull request although one was asked for, or that it was there. */
  readonly note: string;
};

export async function handoff(run: Run): Promise<Ending> {
  const choice = run.manifest.invocation.handoff;
  const { branch: taskBranch, baseRef, path } = run.manifest.worktree;
  const { reviewedCommit } = run.manifest;
  if (choice === null || taskBranch === null || reviewedCommit === null)
    throw new Error(`${run.id} has nothing to hand over`);
  const base = baseOf(choice, baseRef);
  const branch = branchOf(choice, taskBranch, run.ref.seq);
  const { head, filling, group } = await step(run, "intake", async () => {
    await intake(run);
    return choice.stages === undefined ? await wholeTask(run, reviewedCommit) : await groupOf(run, choice.stages, base);
  });
  const template = choice.action === "commit-pr" ? await templateOf(run.world, run.project, choice) : null;
  const plain = { message: run.task.title, body: filled(template ?? "", filling) };
  const written = await step(run, "write", () =>
    writeProse(run, {
      state: null,
      ...{ voices: [], invariants: [] },
      cwd: path,
      facts: factsText({ choice, summary: filling.summary, head, template }),
      plain,
    }),
  );
  const { probe, target } = await step(run, "check", async () => ({
    target: choice.action === "commit-pr" ? await targetOf(run.world, { tree: path, baseRef, branch }, choice) : null,
    probe: await fact(run, "probe", () => probeAgainst(run, base, head)),
  }));
  const done = await step(run, "record", async () => {
    const all = await fact(run, "handed-over", async (): Promise<HandedOver> => {
      const nothing = { target: null, pullRequest: null, note: "" };
      if (choice.action === "skip") return { choice, base, branch, probe, commands: [], commit: null, ...nothing };
      if (!("body" in written.prose)) throw new Error(`${run.id}: the prose is not that of a hand-off`);
      const made = await commitOnly(run, { choice, base, branch, probe, head, prose: written.prose });
      return target === null ? { ...made, ...nothing } : await pushed(run, { made, target, prose: written.prose });
    });
    if (all.commit !== null && group.length > 0) await recordHandedOff(run, group);
    return all;
  });
  const what = done.commit === null ? "skipped: nothing was made" : outcomeText(done);
  const report = await handoffReport(run, { done, written });
  return {
    outcome: "completed",
    reason: null,
    verdict: choice.action,
    message: `Hand-off ${what}`,
    remedy: "",
    report,
  };
}

type Facts = {
  readonly choice: HandoffChoice;
  readonly summary: string;
  readonly head: string;
  readonly template: string | null;
};

function factsText({ choice, summary, head, template }: Facts): string {
  const action = `Action: ${choice.action}${choice.squash ? ", as one commit" : ""}. Accepted at ${head}.`;
  const form = template === null ? [] : ["Template of the pull request:", template];
  return [action, `What was verified: ${summary}`, ...form].join("\n");
}

/** What is handed over, and what a pull request can say of it without a writer. */
type Handed = {
  readonly head: string;
  readonly filling: Filling;
  /** Empty for the whole task. */
  readonly group: readonly GroupStage[];
};

async function wholeTask(run: Run, head: string): Promise<Handed> {
  const accepted = await requireAccepted(run.world, run.project, { key: run.ref.key, manifest: run.task });
  const commits = await run.world.host.git.commits(run.manifest.worktree.path, accepted.baseCommit, head);
  const filling: Filling = {
    summary: accepted.verdictCard.finalConclusion,
    changes: commits.filter(({ parents }) => parents.length < 2).map(({ subject }) => markdownText(subject, "start")),
    tests: accepted.commands.map(testLine),
  };
  return { head, filling, group: [] };
}

async function groupOf(run: Run, stages: readonly number[], base: string): Promise<Handed> {
  const group = await requireVerifiedGroup(run.world, run.project, { key: run.ref.key, manifest: run.task, stages });
  const head = await fact(run, "group", () => mergedGroup(run, group, base));
  await progress(run, "phase-1-intake", `stages ${stages.join(", ")} merged onto ${base}`);
  const filling: Filling = {
    summary: `${run.task.title}: ${group.map(({ stage }) => `stage ${stage}`).join(", ")} of the plan, each verified`,
    changes: group.map(({ stage, title }) => `Stage ${stage}: ${markdownText(title, "within")}`),
    tests: [...new Set(group.flatMap(({ commands }) => commands.map(testLine)))],
  };
  return { head, filling, group };
}

const testLine = ({ command, outcome }: CommandRun): string =>
  `${markdownText([{ code: command }], "start")}: ${outcome}`;

type Made = Omit<HandedOver, "target" | "pullRequest" | "note">;

/** The branch on the remote and its pull request. Done again, it finds what is there. */
async function pushed(
  run: Run,
  { made, target, prose }: { readonly made: Made; readonly target: Target; readonly prose: HandoffProse },
): Promise<HandedOver> {
  const commit = made.commit ?? "";
  const command = await push(run, target, commit);
  await progress(run, "phase-7-check", `pushed ${target.branch} to ${target.remote}`);
  const bodyPath = `${run.paths.state}/pull-request-${String(run.ref.seq).padStart(3, "0")}.md`;
  await run.world.host.files.replaceFile(bodyPath, `${withoutComments(visible(prose.body)).trim()}\n`);
  const [first = ""] = visible(made.choice.message ?? prose.message).split("\n");
  const title = oneLine(first).slice(0, 250) || oneLine(run.task.title);
  const opened = await openPullRequest(run, { target, title, bodyPath, commit });
  const commands = [...made.commands, command, opened.command];
  return { ...made, commands, target, pullRequest: opened.url, note: opened.note };
}

async function probeAgainst(run: Run, base: string, head: string): Promise<string> {
  const { git } = run.world.host;
  const tree = run.manifest.worktree.path;
  const baseCommit = await requireBaseCommit(git, tree, base);
  const result = await git.probeMerge(tree, baseCommit, head);
  const text = result.clean ? `merges cleanly into ${base}` : `conflicts with ${base} in ${result.files.join(", ")}`;
  await progress(run, "phase-7-check", `merge probe: ${text}`);
  return text;
}

type Commit = Omit<Made, "commands" | "commit"> & { readonly head: string; readonly prose: HandoffProse };

/**
 * Makes the branch or moves it. One that holds a commit that is not the task's is left alone and named, and so is one that is checked
 * out somewhere: its files would not follow.
 */
async function commitOnly(run: Run, of: Commit): Promise<Made> {
  const { git } = run.world.host;
  const tree = run.manifest.worktree.path;
  const { choice, base, branch, probe } = of;
  const target = choice.squash ? await squashed(run, of) : of.head;
  const ref = `refs/heads/${branch}`;
  const before = await git.resolve(tree, ref);
  const used = (await git.trees(tree)).find((one) => one.branch === branch && before !== target);
  if (used !== undefined) {
    throw fault(
      "branch-taken",
      `${branch} is checked out in ${used.path}, whose files would not follow`,
      `Leave it there (git -C '${used.path}' switch --detach), then hand over again`,
      { branch, path: used.path },
    );
  }
  const ours =
    before === undefined || (await git.isAncestor(tree, before, of.head)) || (await isOwnSquash(run, before));
  if (!ours || !(await git.setRef(tree, ref, target, before ?? ""))) {
    throw fault(
      "branch-taken",
      `${branch} is at ${before?.slice(0, 12) ?? "an unknown commit"}, which is no commit of this task`,
      `Rename it: git branch -m ${branch} ${branch}-mine, then hand over again`,
      {
        branch,
      },
    );
  }
  const command: CommandRun = {
    name: "branch",
    command: `git update-ref ${ref} ${target}`,
    at: nowOf(run.world),
    commit: target,
    exitCode: 0,
    outcome: "passed",
    durationMs: 0,
    log: "",
    sandbox: "the engine's own git call",
  };
  return { choice, base, branch, probe, commands: [command], commit: target };
}

/** One commit on the merge base that holds the whole tree of the verified commit. */
async function squashed(run: Run, of: Commit): Promise<string> {
  const { git } = run.world.host;
  const tree = run.manifest.worktree.path;
  const onto = await git.mergeBase(tree, of.base, of.head);
  if (onto === undefined)
    throw fault(
      "base-ref-unknown",
      `${of.base} and the task branch have no commit in common`,
      "Give another base with --base",
      { base: of.base },
    );
  const treeObject = (await git.plain(tree, "rev-parse", `${of.head}^{tree}`)).trim();
  const message = visible(of.choice.message ?? `${of.prose.message}\n\n${of.prose.body}`);
  return await git.commitTree(tree, treeObject, [onto], `${message.trim()}\n\nOkstra-Run: ${run.id}\n`);
}

/** A squash of an earlier hand-off of this task may be replaced by the next. */
async function isOwnSquash(run: Run, commit: string): Promise<boolean> {
  const trailers = (await run.world.host.git.commit(run.manifest.worktree.path, commit))?.trailers["okstra-run"] ?? [];
  return trailers.some((value) => value.startsWith(`${run.task.key}@release-handoff#`));
}
