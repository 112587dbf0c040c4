import { expect, test } from "vitest";
import { profiles } from "../lifecycle/index.ts";
import type { DiscoveryProse } from "../report/report.schema.ts";
import { discoveryProblems, discoveryVerdict, followUpProblems } from "./discovery.ts";

const row = (suggestedId: string, taskType: DiscoveryProse["routing"]["taskType"], items?: string[]) => ({
  title: suggestedId,
  taskType,
  why: "",
  suggestedId,
  ...(items === undefined ? {} : { items }),
});
const prose = (more: Partial<DiscoveryProse>): DiscoveryProse => ({
  schemaVersion: 1,
  summary: "s",
  direction: "",
  followUps: [],
  category: "feature",
  routing: { taskType: "implementation-planning", why: "" },
  missingInputs: [],
  fanOut: [],
  ...more,
});
const items = [
  { id: "F-001", class: "full-consensus" },
  { id: "F-002", class: "refuted" },
  { id: "F-003", class: "contested" },
] as unknown as Parameters<typeof discoveryProblems>[2];

test("a request goes where its phase leads, an improvement to planning only", () => {
  const { "requirements-discovery": requirements, "improvement-discovery": improvement } = profiles;
  const analysis = prose({ routing: { taskType: "error-analysis", why: "" } });
  expect(discoveryProblems(requirements, analysis, items)).toEqual([]);
  expect(discoveryProblems(improvement, analysis, items)).toEqual([
    "routing.taskType is error-analysis; improvement-discovery leads to implementation-planning",
  ]);
});

test("rows rest on items that stand, begin with a phase that can begin a task, and have ids of their own", () => {
  const fanOut = [
    row("a", "error-analysis", ["F-001", "F-003"]),
    row("b", "error-analysis", ["F-002", "F-009"]),
    row("c", "implementation"),
    row("A", "improvement-discovery"),
  ];
  expect(discoveryProblems(profiles["requirements-discovery"], prose({ fanOut }), items)).toEqual([
    expect.stringMatching(/"c": a task cannot begin with implementation/),
    'fanOut has two rows with the id "A"',
    'fanOut "b" rests on F-002, which is refuted',
    'fanOut "b" names F-009, which is no item of this run',
  ]);
  expect(followUpProblems("followUps", [row("x", "release-handoff")])).toHaveLength(1);
});

test("the verdict says where the request goes, or how much there is to pick from", () => {
  const { "requirements-discovery": requirements, "improvement-discovery": improvement } = profiles;
  expect(discoveryVerdict(requirements, prose({ fanOut: [row("a", "error-analysis")] }))).toBe(
    "implementation-planning",
  );
  const found = (count: number): string =>
    discoveryVerdict(
      improvement,
      prose({ fanOut: Array.from({ length: count }, (_, n) => row(`${n}`, "error-analysis")) }),
    );
  expect([0, 1, 2].map(found)).toEqual(["nothing-found", "1 candidate", "2 candidates"]);
});
