/**
 * What the engine checks on a stage without any model: commits and history, a clean tree, files against the plan, TDD and
 * validation results, tests that were weakened, real IO in tests, data access, claims against facts. Check ids stay the same
 * from round to round, so that an item that survives a fix is recognised.
 */
import type { Commit, Host } from "../host/index.ts";
import type { ExecutorResult } from "../model/finding.schema.ts";
import type { CommandRun, MechanicalCheck, TddEvidence } from "../report/report.schema.ts";
import type { Stage } from "../stages/stage-map.schema.ts";
import { type FilesAgainstPlan, filesAgainstPlan } from "./changed-files.ts";
import { changedTexts } from "./changed-texts.ts";
import { claimsAgainstFacts, unprovenRuns } from "./claims.ts";
import { dataTouched } from "./data-access.ts";
import { linksOut } from "./links-out.ts";
import { realIoInTests } from "./real-io.ts";
import type { Strays } from "./ref-moves.ts";
import { stepsOf } from "./tdd-units.ts";
import { testsWeakened, type Weakening } from "./tests-weakened.ts";

export type MechanicalAsk = {
  /** The stage's worktree. */
  readonly tree: string;
  readonly branch: string;
  readonly base: string;
  /** The stage branch's head; what `validation` and `tdd` were run for. */
  readonly head: string;
  readonly stage: Stage;
  /** Files that other unfinished stages list, with the stage's number. */
  readonly others: ReadonlyMap<string, number>;
  /** What each dispatch of the executor said, oldest first. */
  readonly claims: readonly ExecutorResult[];
  readonly validation: readonly CommandRun[];
  readonly tdd: readonly TddEvidence[];
  readonly dataAccessPatterns: readonly string[];
  /** The run against a real store, when there was one. */
  readonly dbRun?: CommandRun | null;
  /** Other branches that moved while the executor was at work. */
  readonly strays?: Strays;
};

export type Mechanical = {
  readonly commits: readonly { readonly sha: string; readonly subject: string; readonly step: string | null }[];
  readonly files: FilesAgainstPlan["files"];
  readonly outOfPlanEdits: FilesAgainstPlan["outOfPlan"];
  readonly discrepancies: readonly string[];
  readonly weakened: readonly Weakening[];
  /** `not-touched`: the diff touches no data access. */
  readonly dbState: "not-touched" | "verified" | "db-unverified";
  readonly checks: readonly MechanicalCheck[];
};

/** Every check with its result, passed ones too. Reads only. */
export async function mechanicalChecks(host: Host, ask: MechanicalAsk): Promise<Mechanical> {
  const { tree, base, head } = ask;
  const descends = base === head || (await host.git.isAncestor(tree, base, head));
  const commits = await host.git.commits(tree, base, head);
  const changed = (await host.git.diffFiles(tree, base, head)).map(({ path }) => path);
  const reasons = ask.claims.flatMap((claim) => claim.outOfPlanEdits);
  const plan = filesAgainstPlan({ changed, stage: ask.stage, reasons, others: ask.others });
  const texts = await changedTexts(host, { repository: tree, base, head }, changed);
  const weakened = testsWeakened(texts);
  const links = await linksOut(host, { repository: tree, base, head });
  const discrepancies = await claimsAgainstFacts(host, {
    repository: tree,
    base,
    head,
    commits,
    claims: ask.claims,
    runs: ask.validation,
  });
  const touched = dataTouched(texts, ask.dataAccessPatterns);
  const dbState = touched.length === 0 ? "not-touched" : ask.dbRun?.outcome === "passed" ? "verified" : "db-unverified";
  const checks = [
    check(
      "no-work",
      changed.length > 0,
      changed.length > 0 ? `${changed.length} files changed in ${commits.length} commits` : "nothing was changed",
    ),
    check(
      "history",
      descends,
      descends
        ? "the commits build on the stage's base"
        : `${head.slice(0, 12)} does not descend from the base ${base.slice(0, 12)}: history was rewritten`,
    ),
    ...(await treeChecks(host, ask)),
    check(
      "files",
      plan.problems.length === 0,
      sentences(plan.problems.map(({ why }) => why)) || "every changed file is in the plan or has a reason",
    ),
    ...(links.length === 0 ? [] : [check("links", false, sentences(links))]),
    trailers(commits),
    ...ask.tdd.map((one) =>
      check(`tdd:${one.step}`, one.holds, one.note || `step ${one.step}: the test failed, then passed`),
    ),
    ...ask.validation.map((run) =>
      check(`validation:${run.command}`, run.outcome === "passed", `"${run.command}" ${said(run)}`),
    ),
    check("tests-weakened", weakened.length === 0, sentences(weakened.map(({ why }) => why)) || "no test was weakened"),
    realIo(texts),
    check(
      "discrepancy",
      discrepancies.length === 0,
      sentences(discrepancies) || "what the executor said agrees with the facts",
    ),
    unproven(ask),
    database(ask, dbState, touched),
  ];
  return {
    commits: commits.map((commit) => ({ sha: commit.sha, subject: commit.subject, step: stepsOf(commit)[0] ?? null })),
    files: plan.files,
    outOfPlanEdits: plan.outOfPlan,
    discrepancies,
    weakened,
    dbState,
    checks,
  };
}

const check = (id: string, ok: boolean, message: string, blocking = true): MechanicalCheck => ({
  id,
  ok,
  blocking,
  message,
});

/** The branch that is checked out, uncommitted changes, and branches that were made or moved beside the stage's own. */
async function treeChecks(host: Host, { tree, branch, head, strays }: MechanicalAsk): Promise<MechanicalCheck[]> {
  const now = await host.git.head(tree);
  const onBranch = now?.branch === branch && now.commit === head;
  const where =
    now?.branch === branch
      ? `${branch} is at ${now.commit.slice(0, 12)}, not ${head.slice(0, 12)}`
      : `${now?.branch ?? "a detached HEAD"} is checked out instead of ${branch}`;
  const { changed, untracked } = await host.git.status(tree);
  const left = [...changed, ...untracked].filter((path) => path !== ".okstra" && !path.startsWith(".okstra/"));
  const moved = strays?.unexplained ?? [];
  const listed = strays?.listed ?? [];
  const outside = strays?.outside ?? [];
  return [
    check("branch", onBranch, onBranch ? `${branch} is checked out` : where),
    check("clean", left.length === 0, left.length === 0 ? "the tree is clean" : `not committed: ${shortList(left)}`),
    check(
      "other-branches",
      moved.length === 0,
      moved.length > 0
        ? `branches that are not this stage's: ${shortList(moved)}`
        : listed.length > 0
          ? `moved meanwhile, by others: ${shortList(listed)}`
          : "no other branch moved",
    ),
    // A person may work there: it is said, and blocks nothing.
    ...(outside.length === 0
      ? []
      : [check("outside", false, `changed meanwhile in the project's own checkout: ${shortList(outside)}`, false)]),
  ];
}

/** Advisory by itself: a step whose commits cannot be found has no TDD evidence, and that blocks. */
function trailers(commits: readonly Commit[]): MechanicalCheck {
  const without = commits.filter((commit) => commit.parents.length < 2 && stepsOf(commit).length === 0);
  const message =
    without.length === 0
      ? "every commit names its step"
      : `without the trailer Okstra-Step: ${shortList(without.map(({ sha, subject }) => `${sha.slice(0, 12)} ${subject}`))}`;
  return check("trailers", without.length === 0, message, false);
}

/** Advisory: an agent may run more than the plan asks for, but what only it has seen proves nothing. */
function unproven({ claims, validation, tdd }: MechanicalAsk): MechanicalCheck {
  const only = unprovenRuns(
    claims,
    [...validation, ...tdd].map(({ command }) => command),
  );
  return check("unproven-runs", only.length === 0, shortList(only) || "no command was only claimed to have run", false);
}

function realIo(texts: Parameters<typeof realIoInTests>[0]): MechanicalCheck {
  const hits = realIoInTests(texts).map(({ path, line, what }) => `${path}:${line} ${what}`);
  return check(
    "real-io-in-tests",
    hits.length === 0,
    hits.length === 0
      ? "no new test opens real sockets, databases or services"
      : `${shortList(hits)}; such checks belong into the task's qa/`,
  );
}

/** A run that failed blocks; one that could not be made is carried on as `db-unverified`, and stops acceptance and push. */
function database(
  ask: MechanicalAsk,
  state: Mechanical["dbState"],
  touched: readonly { readonly path: string }[],
): MechanicalCheck {
  if (state === "not-touched") return check("data-access", true, "no data access was touched");
  const paths = shortList(touched.map(({ path }) => path));
  if (state === "verified")
    return check("data-access", true, `data access was touched (${paths}) and run against a real store`);
  const failed = ask.dbRun?.outcome === "failed";
  const why =
    ask.dbRun === undefined || ask.dbRun === null
      ? "no db step and no qa:db-test ran"
      : `"${ask.dbRun.command}" ${said(ask.dbRun)}`;
  return check("data-access", false, `db-unverified: data access was touched (${paths}), and ${why}`, failed);
}

function said(run: CommandRun): string {
  if (run.outcome === "passed") return "passed";
  if (run.outcome === "failed") return `failed with exit code ${run.exitCode} (see ${run.log})`;
  return run.outcome === "no-work" ? `ran no test (see ${run.log})` : `did not run (see ${run.log})`;
}

/** An agent may break a rule thousands of times; who reads of it needs some and their number. */
const mostSentences = 20;
const sentences = (all: readonly string[]): string =>
  `${all.slice(0, mostSentences).join("; ")}${all.length > mostSentences ? `; and ${all.length - mostSentences} more` : ""}`;

const shortList = (all: readonly string[]): string =>
  `${all.slice(0, 5).join(", ")}${all.length > 5 ? ` and ${all.length - 5} more` : ""}`;
