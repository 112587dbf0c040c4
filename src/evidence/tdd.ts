/**
 * The evidence that tests came first: the engine itself runs each unit's command at its test commit, where it must fail, and
 * at the next, where it must pass. A command that did not run, or ran no test, proves neither.
 */
import type { Commit, Host } from "../host/index.ts";
import type { CommandRun, TddEvidence } from "../report/report.schema.ts";
import { matchesGlob } from "../settings/index.ts";
import type { Stage } from "../stages/stage-map.schema.ts";
import { type TddUnit, tddUnits } from "./tdd-units.ts";

export type TddAsk = {
  readonly repository: string;
  /** The stage's commits, oldest first. */
  readonly commits: readonly Commit[];
  readonly stage: Stage;
  /** Exemptions that the executor claims: they stand only for changes to documents, configuration, and pure renames. */
  readonly exemptions: readonly { readonly step: string; readonly reason: string }[];
  /** Runs a command on a clean tree of the commit. */
  readonly runAt: (commit: string, command: string) => Promise<CommandRun>;
};

/** One entry for each unit of steps, in the plan's order. An exemption in the approved plan covers the whole stage. */
export async function tddEvidence(host: Host, ask: TddAsk): Promise<TddEvidence[]> {
  const evidence: TddEvidence[] = [];
  for (const unit of tddUnits(ask.stage, ask.commits)) {
    evidence.push(exemptByPlan(unit, ask.stage) ?? (await exemptByClaim(host, ask, unit)) ?? (await proven(ask, unit)));
  }
  return evidence;
}

/** The first test and change that prove it; when none do, the last ones that were tried. */
async function proven(ask: TddAsk, unit: TddUnit): Promise<TddEvidence> {
  const { turns, command } = unit;
  if (turns.length === 0)
    return entry(unit, false, `no commit "test(...): ..." carries the trailer Okstra-Step: ${unit.ids[0] ?? ""}`);
  if (turns.every(({ changes }) => changes.length === 0))
    return entry(
      unit,
      false,
      `no commit "feat(...)" or "fix(...)" with the trailer Okstra-Step follows the test commit`,
    );
  if (command === null) return entry(unit, false, "neither the step nor the stage's validation names a command");
  let tried = entry(unit, false, "");
  for (const { test, changes } of turns) {
    for (const change of changes) {
      tried = await pair(ask, { unit, test, change, command });
      if (tried.holds) return tried;
      // A test that did not fail proves nothing, whatever follows it.
      if (tried.redExit === 0) break;
    }
  }
  return tried;
}

type Pair = { readonly unit: TddUnit; readonly test: Commit; readonly change: Commit; readonly command: string };

async function pair(ask: TddAsk, { unit, test, change, command }: Pair): Promise<TddEvidence> {
  const red = await ask.runAt(test.sha, command);
  const green = await ask.runAt(change.sha, command);
  const holds = red.outcome === "failed" && green.outcome === "passed";
  const notes = [
    red.outcome === "failed" ? "" : `at the test commit the command ${words[red.outcome]}, it should have failed`,
    green.outcome === "passed" ? "" : `at the change the command ${words[green.outcome]}, it should have passed`,
  ];
  return {
    ...entry(unit, holds, notes.filter((note) => note !== "").join("; ")),
    testCommit: test.sha,
    fixCommit: change.sha,
    redExit: red.exitCode,
    greenExit: green.exitCode,
  };
}

const words: Readonly<Record<CommandRun["outcome"], string>> = {
  passed: "passed",
  failed: "failed",
  "did-not-run": "did not run",
  "no-work": "ran no test",
};

const entry = (unit: TddUnit, holds: boolean, note: string): TddEvidence => ({
  step: unit.step,
  testCommit: unit.test?.sha ?? null,
  fixCommit: null,
  command: unit.command,
  redExit: null,
  greenExit: null,
  holds,
  note,
});

function exemptByPlan(unit: TddUnit, stage: Stage): TddEvidence | undefined {
  const reason = stage.tddExemption?.trim() ?? "";
  return reason === "" || unit.test !== null ? undefined : entry(unit, true, `exempt by the approved plan: ${reason}`);
}

async function exemptByClaim(host: Host, ask: TddAsk, unit: TddUnit): Promise<TddEvidence | undefined> {
  const claim = ask.exemptions.find(({ step, reason }) => unit.ids.includes(step.trim()) && reason.trim() !== "");
  if (claim === undefined || unit.test !== null) return undefined;
  const touched = await codeTouched(host, ask.repository, unit.commits);
  if (unit.commits.length === 0)
    return entry(unit, false, `exemption refused (${claim.reason}): no commit carries the step's trailer`);
  if (touched !== undefined)
    return entry(
      unit,
      false,
      `exemption refused (${claim.reason}): ${touched} is code, and it was changed, not renamed`,
    );
  return entry(unit, true, `exempt: ${claim.reason}`);
}

/** The first path of code that the commits changed by more than a rename. */
async function codeTouched(host: Host, repository: string, commits: readonly Commit[]): Promise<string | undefined> {
  for (const commit of commits) {
    const [parent] = commit.parents;
    if (parent === undefined) return "the first commit";
    const changes = await host.git.diffFiles(repository, parent, commit.sha);
    const code = changes.filter(({ path }) => !isNoCode(path));
    const contents = new Map<string, string>();
    for (const { status, path } of code) {
      contents.set(`${status} ${path}`, await contentAt(host, repository, status === "D" ? parent : commit.sha, path));
    }
    const touched = code.find(({ status, path }) => {
      const other = status === "A" ? "D" : status === "D" ? "A" : undefined;
      const twins = [...contents].filter(([key]) => key.startsWith(`${other} `)).map(([, content]) => content);
      return !twins.includes(contents.get(`${status} ${path}`) ?? "");
    });
    if (touched !== undefined) return touched.path;
  }
  return undefined;
}

const contentAt = async (host: Host, repository: string, commit: string, path: string): Promise<string> =>
  Buffer.from((await host.git.blob(repository, commit, path)) ?? []).toString("base64");

/** Documents and configuration. Scripts of package.json and the like are commands, and still no code of the product. */
const noCode = [
  "*.{md,mdx,txt,rst,adoc}",
  "LICENSE*",
  "NOTICE*",
  "CODEOWNERS",
  "*.{json,jsonc,yaml,yml,toml,ini,cfg,conf,properties}",
  ".*rc",
  ".editorconfig",
  ".gitignore",
  ".gitattributes",
  ".env.example",
];
const isNoCode = (path: string): boolean => noCode.some((glob) => matchesGlob(path, glob));
