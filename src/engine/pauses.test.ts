import { expect, test } from "vitest";
import type { RunEvent } from "../model/index.ts";
import { pausedStarts, withoutPauses } from "./pauses.ts";

/** With what these rules read of an event, and nothing else. */
const event = (of: { readonly type: RunEvent["type"]; readonly data: object }) => of as RunEvent;
const intended = (name: string) => event({ type: "dispatch.intended", data: { name, mark: `m-${name}` } });
const done = (name: string, cause: string | null = null) => event({ type: "dispatch.done", data: { name, cause } });
const fact = (key: string): RunEvent => ({ type: "fact", data: { key, value: 1 } });
const ended = (outcome: string, askAgain?: readonly string[]) =>
  event({ type: "run.ended", data: { outcome, ...(askAgain === undefined ? {} : { askAgain }) } });

/** What is remembered, in words. */
const kept = (events: readonly RunEvent[]): string[] =>
  withoutPauses(events).flatMap((event) => {
    if (event.type === "fact") return [event.data.key];
    return event.type === "dispatch.done" ? [`done ${event.data.name}`] : [];
  });

const blind = [fact("clarifications-in"), fact("guard:blind:before"), intended("a"), intended("b"), done("a")];

test("only who was kept from an answer is asked again; the guard of its group looks anew", () => {
  const events = [...blind, done("b", "quota"), fact("guard:blind:kept"), ended("quota-paused", ["b"])];
  expect(kept(events)).toEqual(["clarifications-in", "done a"]);
  expect(pausedStarts(events)).toEqual(new Map([["b", 1]]));
});

test("a dispatch that was never started needs no name; the look before its group is forgotten", () => {
  expect(kept([...blind, ended("budget-exceeded", [])])).toEqual(["clarifications-in", "done a"]);
});

test("what was asked after the group is asked again, since it built on it", () => {
  const rounds = [
    ...[...blind, done("b"), fact("guard:blind:kept"), fact("evidence:a:1")],
    ...[fact("guard:round-1:before"), intended("a-r1"), intended("b-r1"), done("a-r1", "quota"), done("b-r1")],
    ...[fact("guard:round-1:kept"), fact("guard:round-2:before"), intended("b-r2"), done("b-r2")],
    ...[fact("guard:round-2:kept"), ended("quota-paused", ["a-r1"])],
  ];
  expect(kept(rounds)).toEqual([
    ...["clarifications-in", "guard:blind:before", "done a", "done b", "guard:blind:kept", "evidence:a:1", "done b-r1"],
  ]);
});

test("an executor's branches are looked at anew, and what a person gave stays", () => {
  const events = [
    ...[fact("refs-before:0"), intended("x"), done("x", "budget"), fact("strays:0"), ended("budget-exceeded", ["x"])],
    ...[fact("budget"), fact("refs-before:0"), intended("x"), done("x", "budget"), ended("budget-exceeded", ["x"])],
  ];
  expect(kept(events)).toEqual(["budget"]);
  expect(pausedStarts(events)).toEqual(new Map([["x", 2]]));
});

test("a cancelled run and one that ended for good are remembered whole", () => {
  for (const outcome of ["cancelled", "failed", "blocked"])
    expect(kept([...blind, ended(outcome)])).toEqual(["clarifications-in", "guard:blind:before", "done a"]);
});
