/** Steps and dispatches of a run, folded from its journal. Pure. */
import type { JournalEvent } from "../model/index.ts";

export type StepShown = {
  readonly step: string;
  readonly state: "started" | "completed" | "failed" | "skipped";
  readonly note: string;
};

/** Each step with what became of it last, in the order in which they began. */
export function stepsOf(events: readonly JournalEvent[]): StepShown[] {
  const found = new Map<string, StepShown>();
  for (const event of events) {
    if (event.type === "step.started")
      found.set(event.data.step, { step: event.data.step, state: "started", note: "" });
    if (event.type === "step.completed")
      found.set(event.data.step, { step: event.data.step, state: "completed", note: "" });
    if (event.type === "step.failed")
      found.set(event.data.step, { step: event.data.step, state: "failed", note: event.data.message });
    if (event.type === "step.skipped")
      found.set(event.data.step, { step: event.data.step, state: "skipped", note: event.data.why });
  }
  return [...found.values()];
}

export type DispatchShown = {
  readonly name: string;
  readonly worker: string;
  readonly role: string;
  readonly purpose: string;
  /** `under way` until its end is in the journal. */
  readonly status: string;
  readonly reason: string | null;
  readonly modelServed: string | null;
  readonly durationMs: number | null;
};

/** Each dispatch by name, in the order in which they were first intended. */
export function dispatchesOf(events: readonly JournalEvent[]): DispatchShown[] {
  const found = new Map<string, DispatchShown>();
  for (const event of events) {
    if (event.type === "dispatch.intended") {
      const { name, worker, role, purpose } = event.data;
      found.set(name, {
        name,
        worker,
        role,
        purpose,
        status: "under way",
        reason: null,
        modelServed: null,
        durationMs: null,
      });
    }
    if (event.type !== "dispatch.done") continue;
    const { name, status, reason, modelServed, durationMs } = event.data;
    const intended = found.get(name);
    if (intended !== undefined) found.set(name, { ...intended, status, reason, modelServed, durationMs });
  }
  return [...found.values()];
}
