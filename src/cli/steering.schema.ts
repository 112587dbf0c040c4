/** The JSON documents of commands that steer. Code imports types only. */
import { z } from "zod";
import { runSummary } from "../lifecycle/task.schema.ts";

const version = z.literal(1);

/** A process that executes for itself. */
export const detached = z.strictObject({
  pid: z.int().nullable(),
  /** Of tmux; null without it. */
  sessionName: z.string().nullable(),
  /** The command that attaches to it, or shows what it does. */
  attach: z.string(),
  log: z.string(),
});

/** `--detach` of `run`, `resume` and, one in a list under `runs`, of `implement`. */
export const detachedRunAnswer = runSummary.extend({ schemaVersion: version, detached });

/** `--detach` of `go` and `implement --stage all`. */
export const detachedAnswer = z.strictObject({ schemaVersion: version, taskKey: z.string(), detached });

/** What a person has to decide before anything can go on: the gate, and each need with its command. */
export const decision = z.strictObject({ gate: z.string(), needs: z.array(z.string()) });

/** `--unattended` of `run` and `resume`; `go` and `implement` have the same key beside their own. */
export const unattendedRunAnswer = runSummary.extend({ schemaVersion: version, decision: decision.nullable() });

export type UnattendedRunAnswer = z.infer<typeof unattendedRunAnswer>;
export type DetachedRunAnswer = z.infer<typeof detachedRunAnswer>;
export type DetachedAnswer = z.infer<typeof detachedAnswer>;

export const schemas = {
  "detached-run-answer": detachedRunAnswer,
  "detached-answer": detachedAnswer,
  "unattended-run-answer": unattendedRunAnswer,
};
