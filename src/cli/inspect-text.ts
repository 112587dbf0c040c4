/** The items of a run for people: a line for each, or every step of the chosen ones. Pure; all text of agents is made visible. */
import type { CheckedEvidence, ConvergenceState, ItemClass, ItemVerdict } from "../convergence/convergence.schema.ts";
import type { Explained } from "../convergence/index.ts";
import { shellWord } from "../model/index.ts";
import type { InspectAnswer } from "./inspect.schema.ts";
import type { Paint } from "./paint.ts";
import { columns, oneLine, shortened } from "./text.ts";

type Shown = Omit<InspectAnswer, "schemaVersion">;
type ShownItem = Shown["items"][number];
type ShownPart = NonNullable<Shown["planBody"]>["items"][number];

export function inspectText(answer: Shown, { inFull }: { inFull: boolean }, paint: Paint): string {
  const blocks = inFull
    ? [
        ...answer.items.map((item) => itemInFull(item, answer.how, paint)),
        ...(answer.planBody?.items ?? []).map((part) => partInFull(part, answer.how, paint)),
      ]
    : [...itemLines(answer, paint), ...planLines(answer, paint), ...moreLines(answer, paint)];
  return [head(answer, paint), ...blocks].map((lines) => lines.join("\n")).join("\n\n");
}

function head({ run, convergence, planBody, notes, overrides, acceptance }: Shown, paint: Paint): string[] {
  const facts: string[][] = [];
  if (convergence !== null) {
    const { standing, rounds, endedBecause, workers, skippedWorkers } = convergence;
    facts.push(["convergence", `${standing}, ${times(rounds.length, "round")}, ended: ${endedBecause}`]);
    facts.push([
      "workers",
      workers.map(({ worker, family, status }) => `${worker} (${family}) ${status}`).join(", ") || "none",
    ]);
    for (const { worker, round, why } of skippedWorkers)
      facts.push(["no answer", `${worker}, ${round === 0 ? "blind pass" : `round ${round}`}: ${why}`]);
    const { critique, grouping } = convergence;
    if (grouping !== undefined) facts.push(["grouping", groupingText(grouping)]);
    if (critique !== undefined)
      facts.push([
        "critic",
        `${critique.worker} (${critique.family}) ${critique.status}, ${times(critique.items.length, "item")}${critique.items.length === 0 ? "" : `, checked by ${critique.checker ?? "nobody"}`}`,
      ]);
    for (const { id, title, lastRun } of convergence.resolved ?? [])
      facts.push(["resolved", `${id} (${title}), last found by ${lastRun}`]);
  }
  if (planBody !== null) {
    facts.push(["plan", `${planBody.gate}, answered: ${planBody.answered.join(", ") || "nobody"}`]);
    for (const { worker, why } of planBody.skippedWorkers) facts.push(["no answer", `${worker}, plan check: ${why}`]);
  }
  for (const { item, who, time, reason } of overrides)
    facts.push(["let pass", `${item}, by ${who} at ${time}: ${reason}`]);
  if (acceptance !== null)
    facts.push(["risks taken", `by ${acceptance.who} at ${acceptance.time}: ${acceptance.reason}`]);
  return [
    paint.strong(oneLine(run.id)),
    ...columns(facts.map((row) => row.map(oneLine))).map((line) => `  ${line}`),
    ...notes.map((note) => `  ${paint.warn("!")} ${oneLine(note)}`),
  ];
}

function groupingText({ worker, family, status, asked, pairs }: NonNullable<ConvergenceState["grouping"]>): string {
  const said = (decision: string): number => pairs.filter((pair) => pair.decision === decision && pair.followed).length;
  const kept = pairs.filter(({ followed }) => !followed).length;
  const found = `merged ${said("merge")}, split ${said("split")}${kept === 0 ? "" : `, ${kept} kept as they were by the rules`}`;
  return `${worker} (${family}) ${status}, asked about ${times(asked, "pair")}: ${found}`;
}

/** A line an item, and below it the rule that fitted. */
function itemLines({ items, convergence }: Shown, paint: Paint): string[][] {
  if (convergence === null) return [];
  if (items.length === 0) return [["No worker found anything."]];
  const rows = columns(
    items.map((item) => [item.id, item.severity, item.class, item.persistence, shortened(item.title, 80)]),
  );
  return [
    items.flatMap((item, at) => [
      `${signOf(item.class, paint)} ${rows[at] ?? ""}`,
      `    ${paint.faint(oneLine(`${whyOf(item.explained)}; ${item.explained.end}`))}`,
    ]),
  ];
}

const whyOf = ({ rules }: Explained): string => rules.at(-1)?.why ?? "";

function planLines({ planBody }: Shown, paint: Paint): string[][] {
  if (planBody === null) return [];
  const doubted = planBody.items.filter(({ verdicts }) => verdicts.some(({ verdict }) => verdict === "DISAGREE"));
  const agreed = `${times(planBody.items.length - doubted.length, "part")} of the plan nobody disagrees with.`;
  return [
    [
      ...doubted.flatMap((part) => [
        `${part.refused ? paint.bad("✗") : paint.warn("!")} ${oneLine(part.id)}  ${part.refused ? "refused" : "stands"}  ${shortened(part.text, 80)}`,
        `    ${paint.faint(oneLine(part.why))}`,
      ]),
      agreed,
    ],
  ];
}

function moreLines({ run, items, planBody }: Shown, paint: Paint): string[][] {
  const first = items[0]?.id ?? planBody?.items[0]?.id;
  if (first === undefined) return [];
  return [[`${paint.faint("↳")} okstra inspect ${shellWord(run.id)} --item ${first}`]];
}

const signs: Readonly<Record<ItemClass, (paint: Paint) => string>> = {
  unsubstantiated: (paint) => paint.faint("·"),
  refuted: (paint) => paint.bad("✗"),
  contested: (paint) => paint.warn("!"),
  "full-consensus": (paint) => paint.good("✓"),
  "partial-consensus": (paint) => paint.good("✓"),
  "worker-unique": (paint) => paint.faint("·"),
};
const signOf = (of: ItemClass, paint: Paint): string => signs[of](paint);

function itemInFull(item: ShownItem, how: Shown["how"], paint: Paint): string[] {
  const { explained } = item;
  const place = item.place === null ? [] : [`${item.place.path}:${item.place.start}-${item.place.end}`];
  return [
    `${signOf(item.class, paint)} ${paint.strong(item.id)} ${item.class}: ${oneLine(item.title)}`,
    `  ${oneLine([item.severity, item.category, ...place, item.persistence].join(", "))}`,
    `  ${oneLine(item.claim)}`,
    "",
    paint.strong("Stated"),
    ...explained.stated.flatMap((one) => [
      `  ${oneLine(`${one.worker} (${one.family}) as ${one.finding}, ${one.severity}: ${one.standing}`)}`,
      ...(one.claim === item.claim ? [] : [`    ${oneLine(one.claim)}`]),
      ...evidenceLines(one.evidence, how, paint),
    ]),
    `  after the blind pass: ${explained.classBlind}`,
    ...explained.rounds.flatMap((round) => [
      "",
      paint.strong(`Round ${round.round}, asked: ${oneLine(round.asked.join(", "))}`),
      ...verdictLines(round.verdicts, how, paint),
      ...round.failed.map(({ worker, why }) => `  ${oneLine(`${worker}: no verdict, which is no vote (${why})`)}`),
      `  after round ${round.round}: ${round.class}`,
    ]),
    "",
    paint.strong("Votes, one a family"),
    ...(explained.votes.length === 0 ? ["  none"] : []),
    ...explained.votes.map(
      ({ family, vote, checked }) => `  ${oneLine(`${family}: ${vote}${checked ? ", with evidence that held" : ""}`)}`,
    ),
    "",
    paint.strong("Rules, the first that fits"),
    ...columns(explained.rules.map((rule) => [rule.class, rule.fits ? "yes" : "no", rule.why])).map(
      (line, at) => `  ${explained.rules[at]?.fits === true ? paint.good("✓") : paint.faint("·")} ${line}`,
    ),
    `  ${oneLine(explained.end)}`,
  ];
}

function partInFull(part: ShownPart, how: Shown["how"], paint: Paint): string[] {
  return [
    `${part.refused ? paint.bad("✗") : paint.good("✓")} ${paint.strong(oneLine(part.id))} ${part.refused ? "refused" : "stands"}: ${oneLine(part.why)}`,
    `  ${oneLine(part.text)}`,
    ...part.verdicts.flatMap((one) => [
      `  ${oneLine(`${one.worker} (${one.family}) ${one.verdict}${one.reasonCode === null ? "" : ` (${one.reasonCode}: ${codes[one.reasonCode]})`}: ${one.reason}`)}`,
      ...evidenceLines(one.evidence, how, paint),
    ]),
  ];
}

const codes = {
  a: "factually wrong",
  b: "infeasible",
  c: "incomplete",
  d: "unsafe",
  e: "contradicts the brief or another part",
} as const;

const verdictLines = (verdicts: readonly ItemVerdict[], how: Shown["how"], paint: Paint): string[] =>
  verdicts.flatMap((one) => [
    `  ${oneLine(`${one.worker} (${one.family}) ${one.verdict}${one.basis === null ? "" : ` (${one.basis})`}: ${one.reason}`)}`,
    ...evidenceLines(one.evidence, how, paint),
  ]);

function evidenceLines(evidence: readonly CheckedEvidence[], how: Shown["how"], paint: Paint): string[] {
  if (evidence.length === 0) return ["    no evidence"];
  return evidence.flatMap(({ evidence: piece, state, note }) => [
    `    ${stateOf(state, paint)} ${oneLine(citedAs(piece))}`,
    `      ${paint.faint(oneLine(`${how[piece.kind] ?? piece.kind}${note === "" ? "" : `: ${note}`}`))}`,
  ]);
}

const stateOf = (state: CheckedEvidence["state"], paint: Paint): string =>
  state === "held" || state === "corrected"
    ? paint.good(state)
    : state === "refuted"
      ? paint.bad(state)
      : paint.faint(state);

function citedAs(piece: CheckedEvidence["evidence"]): string {
  switch (piece.kind) {
    case "file":
      return `${piece.path}:${piece.lines.start}-${piece.lines.end} "${shortened(piece.quote, 120)}"`;
    case "document":
      return `document ${piece.file} "${shortened(piece.quote, 120)}"`;
    case "check":
      return `qa:${piece.qa.replace(/^qa:/, "")}, expected to exit ${piece.expected.exitCode}`;
    case "search":
      return `search ${searched(piece.search)}, expected to find ${piece.expected === "some" ? "something" : "nothing"}`;
    case "absence":
      return `search ${searched(piece.search)}, expected to find nothing`;
  }
}

const searched = ({ pattern, mode, paths }: { pattern: string; mode: string; paths: readonly string[] }): string =>
  `${mode} "${shortened(pattern, 120)}"${paths.length === 0 ? "" : ` in ${paths.join(", ")}`}`;

const times = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
