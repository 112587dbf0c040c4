/**
 * Bad input of every kind, by how far the task has come when it comes: the command, what makes it bad, and the reason that it must
 * be refused with.
 */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sentBackQuestion } from "../../src/lifecycle/index.ts";
import type { Reason } from "../../src/model/index.ts";
import { renderMarkdown } from "../../src/report/index.ts";
import type { Report } from "../../src/report/report.schema.ts";
import { configure } from "./attempts.ts";
import { agents, contentOf, key } from "./calculator.ts";
import type { Rig } from "./rig.ts";

type Json = Record<string, unknown>;

/** How far the task has come when the input comes. */
export type At = "initialised" | "analysed" | "planned" | "approved" | "building";

export type Case = {
  /** Names the golden too. */
  readonly name: string;
  readonly reason: Reason;
  readonly args: (rig: Rig) => readonly string[];
  /** What makes the input bad. */
  readonly given?: (rig: Rig) => unknown;
  /** Below the rig's folder; the project when left out. */
  readonly cwd?: string;
  /** Words that the message must have. */
  readonly says?: readonly string[];
};

const task = ".okstra/tasks/math/add";
const planned = `${task}/runs/implementation-planning/reports/final-report-implementation-planning-001`;
const approval = `${task}/runs/implementation-planning/reports/approval-001.json`;
const brief = (rig: Rig): string => `${rig.folder}/brief.md`;
const edit = (path: string, change: (text: string) => string) => (rig: Rig) => rig.write(path, change(rig.read(path)));
const editJson = (path: string, change: (value: Json) => Json) =>
  edit(path, (text) => `${JSON.stringify(change(JSON.parse(text) as Json), null, 2)}\n`);
/** Changes what the home knows of the planning run; null: it knows nothing. */
const homeHead = (change: (head: Json) => Json | null) => (rig: Rig) => {
  const path = join(rig.home, "heads", key, "implementation-planning-001.json");
  const head = change(JSON.parse(readFileSync(path, "utf8")) as Json);
  if (head === null) rmSync(path);
  else writeFileSync(path, `${JSON.stringify(head)}\n`);
};
const remove = (path: string) => (rig: Rig) => rmSync(join(rig.root, path), { recursive: true });

/** A first run; more flags, or others in place of these. */
export const first =
  (others: Readonly<Record<string, string | null>> = {}) =>
  (rig: Rig): string[] => {
    const flags: Record<string, string | null> = {
      "--brief": brief(rig),
      "--task-key": key,
      "--task-type": "error-analysis",
      "--base-ref": "main",
      "--agents": agents(rig),
      ...others,
    };
    return ["run", ...Object.entries(flags).flatMap(([flag, value]) => (value === null ? [] : [flag, value]))];
  };
export const plan = (rig: Rig): string[] =>
  first({ "--brief": null, "--base-ref": null, "--task-type": "implementation-planning" })(rig);
export const implement =
  (stage: string) =>
  (rig: Rig): string[] => ["implement", key, "--stage", stage, "--agents", agents(rig)];
export const approveNow = (rig: Rig): string[] => ["approve", key, "--content", contentOf(rig)];
const withBrief = (text: string | Uint8Array) => ({
  given: (rig: Rig) => rig.write(brief(rig), text as string),
});

const withRegistry = (text: string) => (rig: Rig) => rig.write(`${rig.home}/worktrees/registry.json`, text);

const carryOf = (value: unknown) => (rig: Rig) =>
  rig.write(`${task}/runs/implementation/carry/stage-2.json`, JSON.stringify(value));
const accept = (stage: string) => () => ["reconcile", key, "--accept-carry", stage];

const initialised: readonly Case[] = [
  { name: "not-a-project", reason: "not-a-project", args: () => ["list"], cwd: "elsewhere" },
  {
    name: "key-of-another-project",
    reason: "not-a-project",
    args: first({ "--task-key": "shop/math/add" }),
    says: ["calc"],
  },
  { name: "reconcile-not-a-task", reason: "not-a-task", args: () => ["reconcile", "calc/math/ad"] },
  { name: "reconcile-accept-without-task", reason: "usage", args: () => ["reconcile", "--accept-carry", "1"] },
  { name: "reconcile-accept-no-number", reason: "usage", args: () => ["reconcile", key, "--accept-carry", "one"] },
  { name: "key-malformed", reason: "bad-task-key", args: first({ "--task-key": "calc/math" }) },
  { name: "key-with-an-empty-part", reason: "bad-task-key", args: () => ["status", "calc//add"] },
  { name: "key-of-nothing-but-dots", reason: "bad-task-key", args: first({ "--task-key": "calc/ /.." }) },
  {
    name: "task-type-unknown",
    reason: "unknown-task-type",
    args: first({ "--task-type": "eror-analysis" }),
    says: ["error-analysis"],
  },
  { name: "task-unknown", reason: "not-a-task", args: () => ["status", key] },
  { name: "task-unknown-to-implement", reason: "not-a-task", args: implement("1") },
  { name: "task-unknown-to-plan", reason: "not-a-task", args: plan },
  { name: "brief-not-given", reason: "brief-missing", args: first({ "--brief": null }) },
  { name: "brief-not-there", reason: "brief-missing", args: first({ "--brief": "none.md" }) },
  { name: "brief-empty", reason: "brief-unreadable", args: first(), ...withBrief("") },
  { name: "brief-blank", reason: "brief-unreadable", args: first(), ...withBrief("\n \t\n") },
  { name: "brief-binary", reason: "brief-unreadable", args: first(), ...withBrief("# a\0b\n") },
  {
    name: "brief-not-utf8",
    reason: "brief-unreadable",
    args: first(),
    ...withBrief(Uint8Array.of(0x23, 0x20, 0xe9, 0x0a)),
  },
  { name: "brief-a-folder", reason: "brief-unreadable", args: first({ "--brief": "src" }) },
  { name: "base-ref-missing", reason: "base-ref-missing", args: first({ "--base-ref": null }) },
  { name: "base-ref-unknown", reason: "base-ref-unknown", args: first({ "--base-ref": "mian" }) },
  { name: "base-ref-no-commit", reason: "base-ref-unknown", args: first({ "--base-ref": "main:README.md" }) },
  {
    name: "no-commits",
    reason: "no-commits",
    args: first(),
    given: (rig) => rig.git("update-ref", "-d", "refs/heads/main"),
  },
  {
    name: "config-not-json",
    reason: "config-unreadable",
    args: first(),
    given: edit(".okstra/project.json", (text) => text.replace(",", "")),
  },
  {
    name: "config-unknown-key",
    reason: "unknown-key",
    args: first(),
    given: (rig) => configure(rig, { qaComands: {} }),
    says: ["qaCommands"],
  },
  {
    name: "config-wrong-value",
    reason: "config-unreadable",
    args: first(),
    given: (rig) => configure(rig, { maxFixRounds: "two" }),
  },
  {
    name: "config-newer",
    reason: "newer-version",
    args: first(),
    given: (rig) => configure(rig, { schemaVersion: 2 }),
  },
  ...[["list"], ["status", key]].map(
    (args): Case => ({
      name: `config-newer-to-${args[0]}`,
      reason: "newer-version",
      args: () => args,
      given: (rig) => configure(rig, { schemaVersion: 7 }),
    }),
  ),
  {
    name: "config-of-the-user-unknown-key",
    reason: "unknown-key",
    args: first(),
    given: (rig) => rig.write(`${rig.home}/config.json`, '{"schemaVersion": 1, "timeout": {}}\n'),
    says: ["timeouts"],
  },
  { name: "project-gone", reason: "not-a-project", args: first(), given: remove(".okstra/project.json") },
  { name: "scenario-not-there", reason: "scenario-invalid", args: first({ "--agents": "scripted:none.yaml" }) },
  {
    name: "scenario-not-yaml",
    reason: "scenario-invalid",
    args: first(),
    given: (rig) => rig.write(`${rig.folder}/scenario.yaml`, "a: [1\n"),
  },
  {
    name: "scenario-does-not-fit",
    reason: "scenario-invalid",
    args: first(),
    given: (rig) =>
      rig.write(
        `${rig.folder}/scenario.yaml`,
        "schemaVersion: 1\nfamilies: {claude: anthropic}\nentries:\n  - when: {rol: analyser}\n",
      ),
    says: ["role"],
  },
  {
    name: "scenario-without-the-worker",
    reason: "scenario-invalid",
    args: first({ "--workers": "claude,gemini" }),
    given: (rig) => {
      const path = `${rig.folder}/scenario.yaml`;
      rig.write(path, rig.read(path).replace(/"gemini": "[a-z]+",/, ""));
    },
    says: ["gemini"],
  },
  {
    name: "agents-not-understood",
    reason: "roster-violation",
    args: first({ "--agents": "real" }),
    says: ["claude", "scripted"],
  },
  {
    name: "worker-unknown",
    reason: "roster-violation",
    args: first({ "--agents": null, "--workers": "claude,codx" }),
    says: ["codex"],
  },
  { name: "worker-twice", reason: "roster-violation", args: first({ "--workers": "claude,claude" }) },
  { name: "workers-too-few", reason: "roster-too-small", args: first({ "--workers": "claude" }) },
  {
    name: "agent-that-is-not-there",
    reason: "agent-missing",
    args: first({ "--agents": null }),
    given: (rig) => configure(rig, { agents: { claude: { command: "no-such-claude" } } }),
  },
  { name: "flag-unknown", reason: "usage", args: first({ "--breif": "x" }), says: ["--brief"] },
  { name: "flag-without-value", reason: "usage", args: (rig) => [...first()(rig), "--title"] },
  { name: "rounds-too-many", reason: "usage", args: first({ "--max-rounds": "4" }) },
  { name: "category-unknown", reason: "usage", args: first({ "--category": "bugs" }), says: ["bugfix"] },
  { name: "branch-there-already", reason: "branch-taken", args: first(), given: (rig) => rig.git("branch", "fix-add") },
  {
    name: "branch-name-malformed",
    reason: "usage",
    args: first({ "--branch": "fix..add" }),
  },
  {
    name: "path-there-already",
    reason: "path-taken",
    args: first(),
    given: (rig) => rig.write(`${rig.home}/worktrees/calc/math/add/task/mine.txt`, "mine\n"),
  },
  {
    name: "registry-cut",
    reason: "registry-unreadable",
    args: first(),
    given: (rig) => rig.write(`${rig.home}/worktrees/registry.json`, '{"schemaVersion": 1, "entr'),
  },
  { name: "registry-empty", reason: "registry-unreadable", args: first(), given: withRegistry("") },
  {
    name: "registry-newer",
    reason: "newer-version",
    args: first(),
    given: withRegistry('{"schemaVersion":2,"entries":{}}'),
  },
  {
    name: "registry-edited",
    reason: "registry-unreadable",
    args: first(),
    given: withRegistry('{"schemaVersion":1,"entries":{"calc/math/add":{"status":"mine"}}}'),
  },
  {
    name: "home-newer",
    reason: "newer-version",
    args: first(),
    given: (rig) => rig.write(`${rig.home}/version`, '{"schemaVersion":2,"lockKind":"flock"}\n'),
  },
  {
    name: "sync-outside",
    reason: "sync-outside-project",
    args: first(),
    given: (rig) => configure(rig, { worktreeSyncDirs: ["../user"] }),
  },
  {
    name: "sync-through-a-link-out",
    reason: "sync-outside-project",
    args: first(),
    given: (rig) => {
      symlinkSync("../user", join(rig.root, "vendor"));
      configure(rig, { worktreeSyncDirs: ["vendor"] });
    },
    says: ["vendor"],
  },
  {
    name: "setup-fails",
    reason: "setup-failed",
    args: first(),
    given: (rig) => configure(rig, { worktreeSetup: ["echo no; exit 3"] }),
  },
  {
    name: "project-with-the-same-segment",
    reason: "segment-taken",
    args: () => ["init", "--project-id", "Calc"],
    cwd: "second",
    given: (rig) => {
      mkdirSync(`${rig.folder}/second`);
      rig.gitAt(`${rig.folder}/second`, "init", "--quiet");
    },
    says: ["calc", "Calc"],
  },
  {
    name: "project-id-that-okstra-uses",
    reason: "segment-taken",
    args: () => ["init", "--project-id", "registry.json"],
    cwd: "second",
    given: (rig) => mkdirSync(`${rig.folder}/second`),
  },
  {
    name: "project-under-another-id",
    reason: "segment-taken",
    args: () => ["init", "--project-id", "other"],
    says: ["calc"],
  },
];

const analysed: readonly Case[] = [
  { name: "question-open", reason: "clarifications-open", args: plan, says: ["C-001"] },
  {
    name: "question-unknown",
    reason: "unknown-clarification",
    args: () => ["answer", key, "C-099", "yes"],
    says: ["C-001"],
  },
  { name: "answer-empty", reason: "usage", args: () => ["answer", key, "C-001", "  "] },
  { name: "answer-missing", reason: "usage", args: () => ["answer", key, "C-001"] },
  {
    name: "answers-not-there",
    reason: "answers-unreadable",
    args: () => ["go", key, "--clarification-response", "answers.md"],
  },
  ...Object.entries({
    "answers-of-another-task": ['---\ntask-key: "calc/math/sub"\n---\n## C-001\nNo.\n', "answers-unreadable"],
    "answers-twice": ["## C-001\nNo.\n## C-001\nYes.\n", "answers-unreadable"],
    "answers-blank": ["## C-001\n\n> Is it?\n\n## C-002\n", "answers-unreadable"],
    "answers-binary": ["## C-001\n\0", "answers-unreadable"],
    "answers-to-unknown": ["## C-001\nNo.\n## C-099\nYes.\n", "unknown-clarification"],
  } as const).map(
    ([name, [text, reason]]): Case => ({
      name,
      reason,
      args: (rig) => [...plan(rig), "--clarification-response", `${rig.folder}/answers.md`],
      given: (rig) => rig.write(`${rig.folder}/answers.md`, text),
    }),
  ),
  {
    name: "task-with-the-same-segment",
    reason: "segment-taken",
    args: first({ "--task-key": "calc/math/ADD" }),
    says: ["calc/math/ADD", key],
  },
  {
    name: "group-with-the-same-segment",
    reason: "segment-taken",
    args: first({ "--task-key": "calc/Math/other" }),
    says: ["calc/Math", "calc/math"],
  },
  { name: "task-nearly-named", reason: "not-a-task", args: () => ["status", "calc/math/ad"], says: [key] },
  {
    name: "branch-of-another-group",
    reason: "branch-taken",
    args: first({ "--task-key": "calc/other/add" }),
    says: ["fix-other-add"],
  },
  { name: "plan-not-there", reason: "plan-not-approved", args: () => ["approve", key, "--content", "000000000000"] },
  { name: "plan-not-there-to-reject", reason: "plan-not-approved", args: () => ["reject", key, "--reason", "no"] },
  { name: "implement-without-plan", reason: "plan-not-approved", args: implement("1"), given: answered },
  { name: "run-id-malformed", reason: "bad-run-id", args: () => ["show", `${key}@error-analysis`] },
  { name: "run-unknown", reason: "not-a-run", args: () => ["show", `${key}@error-analysis#009`] },
  { name: "run-ended-to-resume", reason: "run-ended", args: () => ["resume", `${key}@error-analysis#001`] },
  { name: "run-ended-to-cancel", reason: "run-ended", args: () => ["cancel", `${key}@error-analysis#001`] },
  {
    name: "clarifications-malformed",
    reason: "malformed",
    args: plan,
    given: edit(`${task}/clarifications.jsonl`, (text) => `{"id": "C-000"}\n${text}`),
    says: ["clarifications.jsonl:1"],
  },
  {
    name: "task-manifest-malformed",
    reason: "malformed",
    args: plan,
    given: edit(`${task}/task-manifest.json`, (text) => text.slice(0, 100)),
  },
  {
    name: "task-manifest-newer",
    reason: "newer-version",
    args: plan,
    given: editJson(`${task}/task-manifest.json`, (value) => ({ ...value, schemaVersion: 9 })),
  },
  {
    name: "brief-of-the-task-gone",
    reason: "brief-missing",
    args: plan,
    given: (rig) => [answered(rig), remove(`${task}/instruction-set/brief.md`)(rig)],
  },
  {
    name: "worktree-gone",
    reason: "path-taken",
    args: plan,
    given: (rig) => [answered(rig), rmSync(`${rig.home}/worktrees/calc/math/add/task`, { recursive: true })],
  },
  {
    name: "journal-edited",
    reason: "journal-broken",
    args: () => ["show", `${key}@error-analysis#001`],
    given: edit(`${task}/runs/error-analysis/state/events-001.jsonl`, (text) =>
      text.replace("phase-1-intake", "phase-9-intake"),
    ),
  },
];

/** C-001 with an answer, as `okstra answer` leaves it. */
function answered(rig: Rig): void {
  const path = `${task}/clarifications.jsonl`;
  const item = JSON.parse(rig.read(path).trim().split("\n").at(-1) ?? "") as Json;
  const line = `${JSON.stringify({ ...item, status: "answered", userInput: "No.", answeredBy: "Ada" })}\n`;
  for (const one of [path, `${rig.home}/heads/calc/math/add/clarifications.jsonl`])
    rig.write(one, `${rig.read(one)}${line}`);
}

/** Another question that blocks the approval. */
const blocking = (status: "open" | "answered") => (rig: Rig) => {
  const path = `${task}/clarifications.jsonl`;
  const item = JSON.parse(rig.read(path).trim().split("\n").at(-1) ?? "") as Json;
  const answer = status === "open" ? { userInput: null, answeredBy: null } : { userInput: "No.", answeredBy: "Ada" };
  rig.write(
    path,
    `${rig.read(path)}${JSON.stringify({ ...item, ...answer, id: "C-002", blocks: "approval", status, resolvedIn: null })}\n`,
  );
};

/** The question that a rejection leaves, and a later planning run has taken in. */
const sentBackAndPlannedAgain = (rig: Rig): void => {
  const path = `${task}/clarifications.jsonl`;
  const item = JSON.parse(rig.read(path).trim().split("\n").at(-1) ?? "") as Json;
  const [raisedIn, resolvedIn] = ["001", "002"].map((seq) => `${key}@implementation-planning#${seq}`);
  const question = sentBackQuestion(`${raisedIn}`, "2026-01-02T03:04:05.000Z");
  const reason = {
    id: "C-002",
    question,
    blocks: "approval",
    status: "resolved",
    userInput: "No.",
    raisedIn,
    resolvedIn,
  };
  rig.write(path, `${rig.read(path)}${JSON.stringify({ ...item, ...reason })}\n`);
};

const plannedCases: readonly Case[] = [
  { name: "plan-not-approved", reason: "plan-not-approved", args: implement("1") },
  {
    name: "approve-another-content",
    reason: "content-mismatch",
    args: () => ["approve", key, "--content", "0123456789ab"],
  },
  {
    name: "approve-too-short-a-content",
    reason: "content-mismatch",
    args: (rig) => ["approve", key, "--content", contentOf(rig).slice(0, 8)],
  },
  { name: "approve-without-content", reason: "content-mismatch", args: () => ["approve", key] },
  {
    name: "approve-edited-markdown",
    reason: "plan-unreadable",
    args: approveNow,
    given: edit(`${planned}.md`, (text) => text.replace("mend the operators", "rewrite it all")),
  },
  {
    name: "approve-edited-page",
    reason: "plan-unreadable",
    args: approveNow,
    given: edit(`${planned}.html`, (text) => text.replace("mend the operators", "rewrite it all")),
    says: ["--fix"],
  },
  {
    name: "approve-without-section-1",
    reason: "plan-unreadable",
    args: approveNow,
    given: edit(`${planned}.md`, (text) => text.replace(/^## 1 Clarification Items/m, "## 1 Questions")),
    says: ["1 Clarification Items"],
  },
  {
    name: "approve-edited-data",
    reason: "plan-unreadable",
    args: approveNow,
    given: edit(`${planned}.data.json`, (text) => text.replace("mend the operators", "rewrite it all")),
  },
  {
    name: "approve-data-that-does-not-fit",
    reason: "plan-unreadable",
    args: approveNow,
    given: editJson(`${planned}.data.json`, ({ plan: _, ...rest }) => rest),
  },
  {
    name: "approve-data-of-a-newer-okstra",
    reason: "newer-version",
    args: approveNow,
    given: editJson(`${planned}.data.json`, (data) => ({ ...data, schemaVersion: 2 })),
  },
  {
    // A check that refused could be made one that passed.
    name: "approve-edited-data-and-markdown",
    reason: "plan-unreadable",
    args: approveNow,
    given: replan,
    says: ["ended", "validate run"],
  },
  {
    name: "approve-with-a-journal-cut",
    reason: "plan-unreadable",
    args: approveNow,
    given: edit(`${task}/runs/implementation-planning/state/events-001.jsonl`, (text) => text.replace(/[^\n]*\n$/, "")),
  },
  {
    name: "approve-without-markdown",
    reason: "plan-unreadable",
    args: () => ["approve", key, "--content", "000000000000"],
    given: remove(`${planned}.md`),
  },
  {
    name: "report-without-markdown",
    reason: "file-system",
    args: () => ["report", key],
    given: remove(`${planned}.md`),
    says: ["--fix"],
  },
  {
    name: "report-of-no-run",
    reason: "not-a-run",
    args: () => ["report", `${key}@error-analysis#009`],
    says: ["There is no run"],
  },
  {
    name: "validate-no-run",
    reason: "not-a-run",
    args: () => ["validate", "run", `${key}@error-analysis#009`],
    says: ["There is no run"],
  },
  { name: "reject-without-reason", reason: "usage", args: () => ["reject", key] },
  { name: "reject-with-a-blank-reason", reason: "usage", args: () => ["reject", key, "--reason", "  "] },
  { name: "approve-without-data", reason: "plan-unreadable", args: approveNow, given: remove(`${planned}.data.json`) },
  {
    name: "approve-with-an-open-question",
    reason: "clarifications-open",
    args: approveNow,
    given: blocking("open"),
    says: ["C-002 (open)"],
  },
  {
    name: "approve-with-an-answer-not-taken-in",
    reason: "clarifications-open",
    args: approveNow,
    given: blocking("answered"),
    says: ["C-002 (answered)"],
  },
];

const approved: readonly Case[] = [
  { name: "use-changed-plan", reason: "plan-changed", args: implement("1"), given: replan },
  { name: "stage-unknown", reason: "unknown-stage", args: implement("9") },
  { name: "stage-malformed", reason: "usage", args: implement("zero") },
  { name: "stage-waiting", reason: "stage-waiting", args: implement("3"), says: ["1", "2"] },
  {
    name: "use-edited-markdown",
    reason: "plan-unreadable",
    args: implement("1"),
    given: edit(`${planned}.md`, (text) => `${text}\nalso this\n`),
  },
  {
    name: "use-edited-data",
    reason: "plan-unreadable",
    args: implement("1"),
    given: edit(`${planned}.data.json`, (text) => text.replace("src/add.js", "src/evil.js")),
  },
  {
    name: "use-edited-record",
    reason: "plan-changed",
    args: implement("1"),
    given: editJson(approval, (value) => ({ ...value, note: "and more" })),
  },
  {
    name: "use-record-cut",
    reason: "plan-changed",
    args: implement("1"),
    given: edit(approval, (text) => text.slice(0, 40)),
  },
  {
    // Whoever can write into the project makes data, Markdown, page and record that agree.
    name: "use-record-that-the-home-does-not-know",
    reason: "plan-changed",
    args: implement("1"),
    given: homeHead((head) => ({ ...head, approvalSha256: null })),
    says: ["none that the home knows"],
  },
  {
    name: "use-record-of-a-run-that-the-home-does-not-know",
    reason: "plan-changed",
    args: implement("1"),
    given: homeHead(() => null),
    says: ["none that the home knows"],
  },
  {
    name: "use-a-plan-that-was-sent-back",
    reason: "plan-not-approved",
    args: implement("1"),
    given: sentBackAndPlannedAgain,
    says: ["C-002", "okstra approve"],
  },
  { name: "use-other-approver", reason: "plan-changed", args: implement("1"), given: otherApprover },
  {
    name: "use-with-a-question-since",
    reason: "clarifications-open",
    args: implement("1"),
    given: blocking("open"),
    says: ["C-002 (open)", "okstra answer"],
  },
  {
    name: "use-with-an-answer-since",
    reason: "clarifications-open",
    args: implement("1"),
    given: blocking("answered"),
    says: ["C-002 (answered)", "implementation-planning"],
  },
  { name: "use-without-record", reason: "plan-not-approved", args: implement("1"), given: remove(approval) },
  {
    name: "verify-before-all-is-built",
    reason: "stages-unfinished",
    args: first({ "--brief": null, "--base-ref": null, "--task-type": "final-verification" }),
  },
  {
    name: "hand-over-before-acceptance",
    reason: "not-accepted",
    args: (rig) => ["handoff", key, "--action", "commit-only", "--agents", agents(rig)],
  },
  { name: "question-resolved", reason: "clarification-not-open", args: () => ["answer", key, "C-001", "yes"] },
  {
    name: "stage-branch-there-already",
    reason: "branch-taken",
    args: implement("1"),
    given: (rig) => rig.git("branch", "fix-add-s1"),
  },
  {
    name: "stage-path-there-already",
    reason: "path-taken",
    args: implement("1"),
    given: (rig) => rig.write(`${rig.home}/worktrees/calc/math/add/stage-1/mine.txt`, "mine\n"),
  },
  {
    name: "stage-setup-fails",
    reason: "setup-failed",
    args: implement("1"),
    given: (rig) => configure(rig, { worktreeSetup: ["exit 3"] }),
  },
  {
    name: "stage-scenario-not-there",
    reason: "scenario-invalid",
    args: () => ["implement", key, "--stage", "1", "--agents", "scripted:none.yaml"],
  },
  { name: "integrate-stage-unknown", reason: "unknown-stage", args: () => ["integrate", key, "--stage", "9"] },
  { name: "integrate-stage-malformed", reason: "usage", args: () => ["integrate", key, "--stage", "auto"] },
  { name: "integrate-not-built", reason: "stage-waiting", args: () => ["integrate", key, "--stage", "1"] },
  {
    name: "integrate-with-nobody",
    reason: "roster-violation",
    args: () => ["integrate", key, "--with", "cluade"],
    says: ["claude"],
  },
  { name: "integrate-changed-plan", reason: "plan-changed", args: () => ["integrate", key], given: replan },
  { name: "no-repository", reason: "not-a-repository", args: implement("1"), given: remove(".git") },
  {
    name: "carry-that-is-not-there",
    reason: "carry-unusable",
    args: accept("2"),
  },
  {
    name: "carry-that-says-it-failed",
    reason: "carry-unusable",
    args: accept("2"),
    given: carryOf({ stageNumber: 2, head: "abcdef1", status: "Failed" }),
    says: ["Failed"],
  },
  {
    name: "carry-without-a-commit",
    reason: "carry-unusable",
    args: accept("2"),
    given: carryOf({ stage: 2, head: "the last one" }),
  },
  {
    name: "carry-of-an-unknown-commit",
    reason: "carry-unusable",
    args: accept("2"),
    given: carryOf({ stage: 2, head_sha: "a".repeat(40) }),
    says: ["does not have"],
  },
  {
    name: "reconcile-with-a-malformed-ledger",
    reason: "malformed",
    args: () => ["reconcile", key],
    given: (rig) => rig.write(`${task}/runs/implementation-planning/consumers.jsonl`, '{"stage": 1}\n{}\n'),
  },
  {
    name: "ledger-malformed",
    reason: "malformed",
    args: implement("1"),
    given: (rig) => rig.write(`${task}/runs/implementation-planning/consumers.jsonl`, '{"stage": 1}\n{}\n'),
  },
];

const building: readonly Case[] = [
  { name: "carry-of-stage-that-is-done", reason: "stage-done", args: accept("1") },
  { name: "carry-of-stage-that-is-held", reason: "stage-taken", args: accept("2"), says: ["stage-2#001"] },
  { name: "carry-of-no-stage", reason: "unknown-stage", args: accept("9"), says: ["1, 2"] },
  { name: "stage-done", reason: "stage-done", args: implement("1") },
  { name: "stage-taken", reason: "stage-taken", args: implement("2"), says: ["stage-2#001"] },
  { name: "integrate-merged", reason: "stage-done", args: () => ["integrate", key, "--stage", "1"] },
  {
    name: "integration-not-known",
    reason: "config-unreadable",
    args: () => ["integrate", key],
    given: (rig) => configure(rig, { integration: "by-hand" }),
    says: ["manual"],
  },
  { name: "nothing-ready", reason: "no-ready-stage", args: implement("auto") },
  {
    name: "manifest-edited",
    reason: "run-changed",
    args: () => ["resume", `${key}@implementation.stage-2#001`],
    given: editJson(`${task}/runs/implementation/stage-2/manifests/run-manifest-implementation-001.json`, (value) => ({
      ...value,
      attempt: 7,
    })),
  },
];

export const badInputs: Readonly<Record<At, readonly Case[]>> = {
  initialised,
  analysed,
  planned: plannedCases,
  approved,
  building,
};

/** Somebody else under the same approval, in data and Markdown alike: neither content hash nor rendering show it. */
function otherApprover(rig: Rig): void {
  const data = JSON.parse(rig.read(`${planned}.data.json`)) as { approval: Json };
  const changed = { ...data, approval: { ...data.approval, who: "Somebody else" } };
  rig.write(`${planned}.data.json`, `${JSON.stringify(changed, null, 2)}\n`);
  rig.write(`${planned}.md`, renderMarkdown(changed as unknown as Report));
}

/** Another plan under the same approval, whose data and Markdown agree. */
function replan(rig: Rig): void {
  const changed = rig.read(`${planned}.data.json`).replace("mend the operators", "rewrite it all");
  rig.write(`${planned}.data.json`, changed);
  rig.write(`${planned}.md`, renderMarkdown(JSON.parse(changed) as Report));
}
