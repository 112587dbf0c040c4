/** The JSON documents of commands that look: journals, worktrees, histories. Code imports types only. */
import { z } from "zod";
import { runSummary } from "../lifecycle/task.schema.ts";

const version = z.literal(1);
const time = z.iso.datetime();

/** An event as `--json-events` prints it, one a line. */
export const runEvent = z.strictObject({
  run: z.string(),
  line: z.int().min(1),
  time,
  type: z.string().min(1),
  data: z.record(z.string(), z.unknown()),
});

/** What `--json-events` prints between events: a sentence that is no event of a run. */
export const saidLine = z.strictObject({ type: z.literal("said"), data: z.strictObject({ text: z.string() }) });

/** `okstra logs`. */
export const logsAnswer = z.strictObject({ schemaVersion: version, run: runSummary, events: z.array(runEvent) });

/** `okstra worktree list`. `key` is `p/g/t`, or `p/g/t#stage-<N>` for a stage's. */
export const worktreeListAnswer = z.strictObject({
  schemaVersion: version,
  entries: z.array(
    z.strictObject({
      key: z.string(),
      stage: z.int().nullable(),
      path: z.string(),
      branch: z.string(),
      baseRef: z.string(),
      /** The commit that it was made from; without a commit of its own it is the head. */
      baseCommit: z.string(),
      status: z.enum(["pending", "active", "released"]),
      /** False when the folder is gone. */
      present: z.boolean(),
      /** Who holds a stage that is not released. */
      holder: z.strictObject({ run: z.string(), state: z.enum(["alive", "dead", "unknown"]) }).nullable(),
      head: z.string().nullable(),
      /** With --disk. */
      diskBytes: z.number().nullable(),
      dirty: z.boolean().nullable(),
      /** A stage's branch lies in the task branch, a task's in its base; null without a commit of its own. */
      merged: z.boolean().nullable(),
      /** A branch of a remote holds it, as last seen. */
      pushed: z.boolean().nullable(),
    }),
  ),
});

/** `okstra worktree path`. */
export const worktreePathAnswer = z.strictObject({
  schemaVersion: version,
  key: z.string(),
  stage: z.int().nullable(),
  path: z.string(),
  branch: z.string(),
});

/** `okstra worktree release`. */
export const worktreeReleaseAnswer = z.strictObject({
  schemaVersion: version,
  released: z.array(z.strictObject({ key: z.string(), stage: z.int(), run: z.string(), path: z.string() })),
});

/** `okstra worktree remove`. */
export const worktreeRemoveAnswer = z.strictObject({
  schemaVersion: version,
  removed: z.array(
    z.strictObject({
      key: z.string(),
      stage: z.int().nullable(),
      path: z.string(),
      branch: z.string(),
      branchDeleted: z.boolean(),
      /** Refs that keep commits and files of a forced removal. */
      rescue: z.array(z.string()),
      /** Folders that keep what no commit can hold. */
      kept: z.array(z.string()),
      notes: z.array(z.string()),
    }),
  ),
});

/** `okstra worktree prune`; with `explain` nothing was changed, and `action` says what would be. */
export const worktreePruneAnswer = z.strictObject({
  schemaVersion: version,
  explain: z.boolean(),
  entries: z.array(
    z.strictObject({
      key: z.string(),
      stage: z.int().nullable(),
      path: z.string(),
      branch: z.string(),
      diskBytes: z.number(),
      action: z.enum(["removed", "stripped", "kept"]),
      freedBytes: z.number(),
      why: z.array(z.string()),
    }),
  ),
});

export type RunEvent = z.infer<typeof runEvent>;
export type SaidLine = z.infer<typeof saidLine>;
export type LogsAnswer = z.infer<typeof logsAnswer>;
export type WorktreeListAnswer = z.infer<typeof worktreeListAnswer>;
export type WorktreePathAnswer = z.infer<typeof worktreePathAnswer>;

export type WorktreeReleaseAnswer = z.infer<typeof worktreeReleaseAnswer>;
export type WorktreeRemoveAnswer = z.infer<typeof worktreeRemoveAnswer>;
export type WorktreePruneAnswer = z.infer<typeof worktreePruneAnswer>;

export const schemas = {
  "run-event": runEvent,
  "said-line": saidLine,
  "logs-answer": logsAnswer,
  "worktree-list-answer": worktreeListAnswer,
  "worktree-path-answer": worktreePathAnswer,
  "worktree-release-answer": worktreeReleaseAnswer,
  "worktree-remove-answer": worktreeRemoveAnswer,
  "worktree-prune-answer": worktreePruneAnswer,
};
