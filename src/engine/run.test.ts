import { expect, test } from "vitest";
import type { EventData, RunEvent } from "../model/index.ts";
import { lacksWriter, memoryOf } from "./run.ts";

const dispatch = (name: string, purpose: EventData["dispatch.intended"]["purpose"], status: string): RunEvent[] => [
  { type: "dispatch.intended", data: { name, purpose } } as RunEvent,
  { type: "dispatch.done", data: { name, status } } as RunEvent,
];
const ended: RunEvent = { type: "run.ended", data: { outcome: "failed" } } as RunEvent;
const wrote: RunEvent = { type: "step.completed", data: { step: "write" } };
const after = (...events: (RunEvent | RunEvent[])[]) => {
  const memory = memoryOf(events.flat());
  return { lacks: lacksWriter({ memory }), done: [...memory.done.keys()] };
};

test("a run that ended for want of its writer forgets the writer's answer alone", () => {
  const worker = dispatch("claude-analyser", "blind", "completed");
  const silent = dispatch("codex-analyser", "blind", "error");
  const failed = [...dispatch("writer", "write", "timeout"), ...dispatch("writer-a2", "write", "error")];
  expect(after(worker, silent, failed)).toEqual({
    lacks: false,
    done: ["claude-analyser", "codex-analyser", "writer", "writer-a2"],
  });
  expect(after(worker, silent, failed, ended)).toEqual({ lacks: true, done: ["claude-analyser", "codex-analyser"] });
  expect(after(worker, failed, ended, dispatch("writer", "write", "completed"), wrote, ended)).toEqual({
    lacks: false,
    done: ["claude-analyser", "writer"],
  });
});

test("a run that ended for another reason lacks no writer", () => {
  expect(after(dispatch("claude-analyser", "blind", "error"), ended).lacks).toBe(false);
  expect(after(dispatch("writer", "write", "completed"), ended).lacks).toBe(false);
  expect(after(ended).lacks).toBe(false);
});
