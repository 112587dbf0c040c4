/** Section 3: the items of the run by what became of them. Dissent is never folded away. */
import type { Item, ItemClass } from "../../convergence/convergence.schema.ts";
import { type Block, fields, list, note, part, spansOf, type Text, table, text } from "../document.ts";
import { headingOf, type Labels, wordOf } from "../labels/labels.ts";
import { inline, prose } from "../prose.ts";
import type { Report } from "../report.schema.ts";
import { none, numbered, tableOrNone } from "./parts.ts";

const agreed: readonly ItemClass[] = ["full-consensus", "partial-consensus"];
const undecided: readonly ItemClass[] = ["contested", "worker-unique"];
const fallen: readonly ItemClass[] = ["refuted", "unsubstantiated"];

export function items(labels: Labels, report: Report): Block[] {
  const of = (classes: readonly ItemClass[]): Block[] => {
    const found = report.items.flatMap((item, at) => (classes.includes(item.class) ? [one(labels, item, at)] : []));
    return found.length === 0 ? [none(labels)] : found;
  };
  return [
    numbered(labels, "3", "items"),
    text(convergence(labels, report)),
    ...skipped(labels, report),
    ...filters(labels, report),
    overview(labels, report.items),
    ...resolved(labels, report),
    numbered(labels, "3.1", "consensus"),
    ...of(agreed),
    numbered(labels, "3.2", "dissent"),
    ...of(undecided),
    ...dissent(labels, report),
    numbered(labels, "3.3", "refuted"),
    ...of(fallen),
  ];
}

const convergence = ({ sentences, values }: Labels, { convergence: { rounds, endedBecause } }: Report): string =>
  endedBecause === "off" ? sentences.noRounds : sentences.convergence(rounds, wordOf(values.endings, endedBecause));

function skipped(labels: Labels, report: Report): Block[] {
  const workers = report.convergence.skippedWorkers;
  return workers.length === 0
    ? []
    : [
        list(
          workers.map(({ worker, round, why }) =>
            labels.sentences.skipped(worker, round, wordOf(labels.values.workerStatuses, why)),
          ),
        ),
      ];
}

function overview(labels: Labels, all: readonly Item[]): Block {
  const { fields: names, values } = labels;
  const list = tableOrNone(
    labels,
    [names.item, names.severity, names.class, names.title, names.place, names.persistence],
    all.map((item) => [
      item.id,
      wordOf(values.severities, item.severity),
      wordOf(values.classes, item.class),
      item.title,
      place(labels, item),
      wordOf(values.persistence, item.persistence),
    ]),
  );
  return list.kind === "table" ? { ...list, items: all.map((_, at) => at) } : list;
}

/** What earlier runs stated and this one does not. */
function resolved(labels: Labels, report: Report): Block[] {
  const gone = report.convergence.resolved ?? [];
  return gone.length === 0
    ? []
    : [list(gone.map(({ id, title, lastRun }) => labels.sentences.resolved(id, title, lastRun)))];
}

function place(labels: Labels, item: Item): Text {
  if (item.place === null) return labels.values.nothing;
  const { path, start, end } = item.place;
  return [{ code: start === end ? `${path}:${start}` : `${path}:${start}-${end}` }];
}

function one(labels: Labels, item: Item, at: number): Block {
  const { fields: names, values } = labels;
  return {
    kind: "group",
    mark: { at, id: item.id, class: item.class, severity: item.severity, workers: workersOf(item) },
    blocks: [
      part(`${item.id} ${item.title}`),
      ...prose(item.claim),
      fields([
        [names.severity, wordOf(values.severities, item.severity)],
        [names.class, wordOf(values.classes, item.class)],
        [names.category, item.category],
        [names.place, place(labels, item)],
        [names.statedBy, item.members.map((member) => `${member.worker} (${member.finding})`).join(", ")],
        [names.votes, votes(labels, item)],
        ...item.verificationErrors.map(
          ({ worker, round, why }) =>
            [names.note, labels.sentences.skipped(worker, round, wordOf(labels.values.workerStatuses, why))] as const,
        ),
      ]),
      ...others(labels, item),
      ...verdicts(labels, item),
    ],
  };
}

const workersOf = (item: Item): string[] => [...new Set(item.members.map((member) => member.worker))];

const classes: readonly ItemClass[] = [...agreed, ...undecided, ...fallen];
const severities: readonly Item["severity"][] = ["blocker", "major", "minor", "nit"];

/** For a single item there is nothing to choose from. */
function filters(labels: Labels, { items: all }: Report): Block[] {
  if (all.length < 2) return [];
  const { fields: names, values, sentences } = labels;
  const there = (of: (item: Item) => readonly string[]): Set<string> => new Set(all.flatMap(of));
  const [ofClass, ofSeverity] = [there((item) => [item.class]), there((item) => [item.severity])];
  const choice = (value: string, label = value) => ({ value, label });
  return [
    {
      kind: "filters",
      title: sentences.filterItems,
      search: sentences.searchItems,
      reset: sentences.resetFilters,
      count: sentences.shownItems,
      all: all.length,
      by: [
        {
          key: "class",
          title: names.class,
          choices: classes.filter((name) => ofClass.has(name)).map((name) => choice(name, values.classes[name])),
        },
        {
          key: "severity",
          title: names.severity,
          choices: severities
            .filter((name) => ofSeverity.has(name))
            .map((name) => choice(name, values.severities[name])),
        },
        { key: "workers", title: names.worker, choices: [...there(workersOf)].sort().map((name) => choice(name)) },
      ],
    },
  ];
}

const votes = (labels: Labels, item: Item): string =>
  item.votes.length === 0
    ? labels.values.nothing
    : item.votes.map(({ family, vote }) => `${family} ${wordOf(labels.values.votes, vote)}`).join(", ");

/** The members' own words where they differ from the item's. */
function others({ values }: Labels, item: Item): Block[] {
  const differing = item.members.filter((member) => member.claim !== item.claim);
  return differing.flatMap((member) => [
    note([
      { strong: `${member.worker} (${member.finding}, ${wordOf(values.severities, member.severity)})` },
      ": ",
      ...spansOf(inline(member.title)),
    ]),
    ...prose(member.claim),
  ]);
}

function verdicts(labels: Labels, item: Item): Block[] {
  if (item.verdicts.length === 0) return [];
  return [
    table(
      verdictColumns(labels),
      item.verdicts.map((verdict) => verdictRow(labels, verdict)),
    ),
  ];
}

/** Verdicts against items that stood all the same, and workers' differing conclusions. */
function dissent(labels: Labels, report: Report): Block[] {
  if (report.dissent.length === 0) return [];
  const rows = report.dissent.flatMap(({ item, verdicts: all }) =>
    all.map((verdict) => [item, ...verdictRow(labels, verdict)]),
  );
  return [part(headingOf(labels, "disagreements")), table([labels.fields.item, ...verdictColumns(labels)], rows)];
}

const verdictColumns = ({ fields: names }: Labels): string[] => [
  names.worker,
  names.round,
  names.verdict,
  names.basis,
  names.reason,
  names.evidence,
];

const verdictRow = (labels: Labels, verdict: Item["verdicts"][number]): Text[] => [
  verdict.worker,
  String(verdict.round),
  wordOf(labels.values.verdicts, verdict.verdict),
  verdict.basis === null ? labels.values.nothing : wordOf(labels.values.bases, verdict.basis),
  inline(verdict.reason),
  verdict.evidence.map(({ state }) => wordOf(labels.values.evidence, state)).join(", ") || labels.values.nothing,
];
