/**
 * 5.5 Stage Map: the graph, the table, and a section for each stage. Headings, the four parts of a stage and its keyword lines
 * are what rules S1 to S10 look for, so they are the same words in every language.
 */
import type { Stage, StageMap } from "../../stages/stage-map.schema.ts";
import { codeText } from "../amounts.ts";
import { type Block, fields, list, ownSection, part, type Text, text } from "../document.ts";
import { headingOf, type Labels } from "../labels/labels.ts";
import { inline, prose } from "../prose.ts";
import { codes, listOrNone, none, numbers, proseOrNone, tableOrNone } from "./parts.ts";

export function stageMap(labels: Labels, { stages }: StageMap): Block[] {
  const { fields: names } = labels;
  if (stages.length === 0) return [none(labels)];
  return [
    graph(labels, stages),
    tableOrNone(
      labels,
      [names.stage, names.title, names.dependsOn, names.files],
      stages.map((stage) => [
        String(stage.stageNumber),
        inline(stage.title),
        numbers(labels, stage.dependsOn),
        codes(labels, stage.files),
      ]),
    ),
    ...stages.flatMap((stage) => stageSection(labels, stage, `5.5.${stage.stageNumber}`)),
  ];
}

const graph = (labels: Labels, stages: readonly Stage[]): Block => ({
  kind: "graph",
  label: labels.sentences.graph(stages.length),
  anchor: "s-5-5",
  nodes: stages.map(({ stageNumber, title, dependsOn }) => ({ number: stageNumber, title, dependsOn })),
});

function stageSection(labels: Labels, stage: Stage, number: string): Block[] {
  return [ownSection(number, `Stage ${stage.stageNumber}: ${stage.title}`), ...stageBody(labels, stage)];
}

/** What a stage holds, without its heading: the implementation report shows it under one of its own. */
export function stageBody(labels: Labels, stage: Stage): Block[] {
  return [
    { kind: "keyword", keyword: "Slice value", text: inline(stage.sliceValue) },
    { kind: "keyword", keyword: "Acceptance", text: "" },
    listOrNone(labels, stage.acceptance),
    ...(stage.tddExemption === undefined ? [] : [exemption(stage.tddExemption)]),
    fields([
      [labels.fields.dependsOn, numbers(labels, stage.dependsOn)],
      [labels.fields.files, codes(labels, stage.files)],
    ]),
    part(headingOf(labels, "stageSteps")),
    ...(stage.steps.length === 0 ? [none(labels)] : stage.steps.flatMap((step) => stepBlocks(labels, step))),
    part(headingOf(labels, "stageValidation")),
    ...validation(labels, stage),
    part(headingOf(labels, "stageExit")),
    ...proseOrNone(labels, stage.exitContract),
    part(headingOf(labels, "rollback")),
    fields([
      [labels.fields.path, orDash(labels, stage.rollback.path)],
      [labels.fields.trigger, orDash(labels, stage.rollback.trigger)],
    ]),
  ];
}

const exemption = (reason: string): Block => ({ kind: "keyword", keyword: "TDD exemption", text: inline(reason) });

const orDash = (labels: Labels, words: string): Text => (words === "" ? labels.values.nothing : inline(words));

function stepBlocks(labels: Labels, step: Stage["steps"][number]): Block[] {
  const { fields: names } = labels;
  const [first, ...rest] = prose(step.action);
  const lead: Block =
    first?.kind === "lines"
      ? {
          kind: "lines",
          lines: first.lines.map((line, at) => (at === 0 ? [{ strong: step.id }, " ", ...spans(line)] : line)),
        }
      : text([{ strong: step.id }]);
  return [
    lead,
    ...(first === undefined || first.kind === "lines" ? [] : [first]),
    ...rest,
    fields([
      [names.files, codes(labels, step.files)],
      [names.command, codeText(labels, step.command)],
      [names.expected, orDash(labels, step.expected ?? "")],
    ]),
  ];
}

const spans = (line: Text) => (typeof line === "string" ? [line] : line);

function validation(labels: Labels, stage: Stage): Block[] {
  const { fields: names } = labels;
  const commands = (keyword: string, all: readonly string[]): Block[] => [
    { kind: "keyword", keyword, text: "" },
    all.length === 0 ? none(labels) : list(all.map((command) => [{ code: command }])),
  ];
  const checks = tableOrNone(
    labels,
    [names.check, names.command, names.needs],
    stage.conformance.map(({ name, command, needs }) => [name, codeText(labels, command), orDash(labels, needs)]),
  );
  return [
    ...commands(names.pre, stage.validation.pre),
    ...commands(names.mid, stage.validation.mid),
    ...commands(names.post, stage.validation.post),
    ...(stage.conformance.length === 0
      ? []
      : [{ kind: "keyword", keyword: headingOf(labels, "conformance"), text: "" } as const, checks]),
  ];
}
