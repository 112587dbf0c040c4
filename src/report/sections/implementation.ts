/** Section 5 of an implementation run: what was built, what the engine saw, what the verifiers said, where it went. */
import { codeText, commitText, exitText, yesNo } from "../amounts.ts";
import { type Block, fields, list, text } from "../document.ts";
import { type Labels, wordOf } from "../labels/labels.ts";
import { inline } from "../prose.ts";
import type { ReportImplementation } from "../report.schema.ts";
import { codes, commandTable, numbered, tableOrNone } from "./parts.ts";
import { stageBody } from "./stage-map.ts";

export function implementation(labels: Labels, report: ReportImplementation): Block[] {
  return [
    numbered(labels, "5.1", "stageBuilt"),
    text([{ strong: `${report.stageSpec.stageNumber} ${report.stageSpec.title}` }]),
    fields([
      [labels.fields.branch, [{ code: report.branch }]],
      [labels.fields.base, commitText(labels, report.base)],
      [labels.fields.head, commitText(labels, report.head)],
    ]),
    ...stageBody(labels, report.stageSpec),
    numbered(labels, "5.2", "commits"),
    commits(labels, report),
    numbered(labels, "5.3", "files"),
    files(labels, report),
    numbered(labels, "5.4", "tdd"),
    tdd(labels, report),
    numbered(labels, "5.5", "validation"),
    commandTable(labels, report.validation),
    numbered(labels, "5.6", "checks"),
    ...checks(labels, report),
    numbered(labels, "5.7", "verifiers"),
    ...verifiers(labels, report),
    numbered(labels, "5.8", "integration"),
    integration(labels, report),
  ];
}

const commits = (labels: Labels, report: ReportImplementation): Block =>
  tableOrNone(
    labels,
    [labels.fields.commit, labels.fields.title, labels.fields.step],
    report.commits.map(({ sha, subject, step }) => [commitText(labels, sha), subject, step ?? labels.values.nothing]),
  );

/** Files changed, those outside the plan with the reason given. */
function files(labels: Labels, report: ReportImplementation): Block {
  const given = new Map(report.outOfPlanEdits.map(({ path, reason }) => [path, reason]));
  const changed = new Set(report.files.map(({ path }) => path));
  const only = report.outOfPlanEdits
    .filter(({ path }) => !changed.has(path))
    .map((edit) => ({ ...edit, planned: false }));
  return tableOrNone(
    labels,
    [labels.fields.file, labels.fields.planned, labels.fields.reason],
    [...report.files, ...only].map(({ path, planned, reason }) => [
      [{ code: path }],
      yesNo(labels, planned),
      inline(reason ?? given.get(path) ?? labels.values.nothing),
    ]),
  );
}

const tdd = (labels: Labels, report: ReportImplementation): Block =>
  tableOrNone(
    labels,
    [
      labels.fields.step,
      labels.fields.held,
      labels.fields.red,
      labels.fields.green,
      labels.fields.commit,
      labels.fields.command,
      labels.fields.note,
    ],
    report.tddEvidence.map((entry) => [
      entry.step,
      yesNo(labels, entry.holds),
      exitText(labels, entry.redExit),
      exitText(labels, entry.greenExit),
      codes(
        labels,
        [entry.testCommit, entry.fixCommit].flatMap((sha) => (sha === null ? [] : [sha.slice(0, 12)])),
      ),
      codeText(labels, entry.command),
      entry.note === "" ? labels.values.nothing : inline(entry.note),
    ]),
  );

function checks(labels: Labels, report: ReportImplementation): Block[] {
  const { fields: names, values } = labels;
  return [
    tableOrNone(
      labels,
      [names.check, names.result, names.blocking, names.message],
      report.checks.map(({ id, ok, blocking, message }) => [
        id,
        ok ? values.commands.passed : values.commands.failed,
        yesNo(labels, blocking),
        inline(message),
      ]),
    ),
    ...(report.discrepancies.length === 0 ? [] : [list(report.discrepancies.map(inline))]),
  ];
}

function verifiers(labels: Labels, report: ReportImplementation): Block[] {
  const { fields: names, values } = labels;
  return [
    tableOrNone(
      labels,
      [names.worker, names.round, names.verdict, names.blocking],
      report.verifierVerdicts.map(({ workerId, round, verdict, blocking }) => [
        workerId,
        String(round),
        wordOf(values.verdicts, verdict),
        blocking.length === 0 ? values.nothing : inline(blocking.join("; ")),
      ]),
    ),
    fields([
      [names.fixRounds, String(report.fixRounds)],
      [names.loop, report.loop === "" ? values.nothing : wordOf(values.loops, report.loop)],
    ]),
  ];
}

function integration(labels: Labels, report: ReportImplementation): Block {
  const { state, commit, files: conflicting, note } = report.integration;
  const { fields: names } = labels;
  return fields([
    [names.carry, codeText(labels, report.carry)],
    [names.result, wordOf(labels.values.merges, state)],
    [names.mergeCommit, commitText(labels, commit)],
    ...(conflicting.length === 0 ? [] : [[names.files, codes(labels, conflicting)] as const]),
    ...(note === "" ? [] : [[names.note, inline(note)] as const]),
  ]);
}
