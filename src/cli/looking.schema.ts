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

/** `okstra logs`. */
export const logsAnswer = z.strictObject({ schemaVersion: version, run: runSummary, events: z.array(runEvent) });

export type RunEvent = z.infer<typeof runEvent>;
export type LogsAnswer = z.infer<typeof logsAnswer>;

export const schemas = { "run-event": runEvent, "logs-answer": logsAnswer };
