/** Section 5 of a plan: requirements, options, trade-off, the recommended option with its deliverables, Stage Map, body check. */
import type { Plan } from "../../stages/stage-map.schema.ts";
import { type Block, fields, list, part, type Text, text } from "../document.ts";
import { headingOf, type Labels, wordOf } from "../labels/labels.ts";
import { inline, prose } from "../prose.ts";
import type { ReportImplementationPlanning } from "../report.schema.ts";
import { listOrNone, none, numbered, numbers, proseOrNone, tableOrNone } from "./parts.ts";
import { planBody } from "./plan-body.ts";
import { stageMap } from "./stage-map.ts";

export function plan(labels: Labels, report: ReportImplementationPlanning): Block[] {
  if (report.plan === null) return [];
  return [
    numbered(labels, "5.1", "requirements"),
    requirements(labels, report.plan),
    numbered(labels, "5.2", "options"),
    ...options(labels, report.plan),
    numbered(labels, "5.3", "tradeOff"),
    tradeOffs(labels, report.plan),
    numbered(labels, "5.4", "recommended"),
    ...recommended(labels, report.plan),
    numbered(labels, "5.5", "stageMap"),
    ...stageMap(labels, report.plan.stageMap),
    numbered(labels, "5.6", "planBody"),
    ...planBody(labels, report.planBodyVerification),
  ];
}

const requirements = (labels: Labels, { requirements: all }: Plan): Block =>
  tableOrNone(
    labels,
    [labels.fields.id, labels.fields.requirement, labels.fields.source],
    all.map(({ id, text, source }) => [id, inline(text), source === "" ? labels.values.nothing : inline(source)]),
  );

function options(labels: Labels, { options: all }: Plan): Block[] {
  const { fields: names } = labels;
  if (all.length === 0) return [none(labels)];
  return all.flatMap((option) => [
    part(`${option.id} ${option.title}`),
    ...prose(option.summary),
    ...heard(names.pros, option.pros),
    ...heard(names.cons, option.cons),
    fields([
      [names.effort, inline(wordOf(labels.values.likelihoods, option.effort))],
      [names.risk, inline(wordOf(labels.values.likelihoods, option.risk))],
    ]),
  ]);
}

/** A keyword line and its list; nothing when the list is empty. */
const heard = (keyword: string, items: readonly string[]): Block[] =>
  items.length === 0 ? [] : [{ kind: "keyword", keyword, text: "" }, list(items.map(inline))];

/** A row for each aspect, a column for each option. */
function tradeOffs(labels: Labels, { options: all, tradeOffs: aspects }: Plan): Block {
  const ids = [
    ...new Set([
      ...all.map(({ id }) => id),
      ...aspects.flatMap(({ options: notes }) => notes.map(({ option }) => option)),
    ]),
  ];
  const note = (notes: Plan["tradeOffs"][number]["options"], id: string): Text => {
    const said = notes.filter(({ option }) => option === id).map((entry) => entry.note);
    return said.length === 0 ? labels.values.nothing : inline(said.join("; "));
  };
  return tableOrNone(
    labels,
    [labels.fields.aspect, ...ids],
    aspects.map(({ aspect, options: notes }) => [inline(aspect), ...ids.map((id) => note(notes, id))]),
  );
}

function recommended(labels: Labels, plan: Plan): Block[] {
  const { fields: names } = labels;
  const chosen = plan.options.find(({ id }) => id === plan.recommendation.option);
  const { pre, mid, post } = plan.validationChecklist;
  return [
    text([{ strong: chosen === undefined ? plan.recommendation.option : `${chosen.id} ${chosen.title}` }]),
    ...prose(plan.recommendation.why),
    part(headingOf(labels, "dependency")),
    tableOrNone(
      labels,
      [labels.headings.dependency, names.mitigation],
      plan.dependencies.map(({ text, mitigation }) => [
        inline(text),
        mitigation === "" ? labels.values.nothing : inline(mitigation),
      ]),
    ),
    part(headingOf(labels, "validationChecklist")),
    { kind: "keyword", keyword: names.pre, text: "" },
    listOrNone(labels, pre),
    { kind: "keyword", keyword: names.mid, text: "" },
    listOrNone(labels, mid),
    { kind: "keyword", keyword: names.post, text: "" },
    listOrNone(labels, post),
    part(headingOf(labels, "rollback")),
    ...proseOrNone(labels, plan.rollback),
    part(headingOf(labels, "coverage")),
    tableOrNone(
      labels,
      [names.requirement, names.stages, names.note],
      plan.requirementCoverage.map(({ requirement, stages, note }) => [
        requirement,
        numbers(labels, stages),
        note === "" ? labels.values.nothing : inline(note),
      ]),
    ),
  ];
}
