/**
 * The second half of the list of misbehaviours: what an agent does to files and git and says of it, judged by a whole run. The first
 * half, its stream, end and answers, is src/agents/misbehaviours.test.ts. Here stands each with the name that its run ends by and the
 * check that found it; test/e2e/lies.test.ts and test/deep/lies-of-readers.test.ts look closer at what the report then says.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import { confiner, unlessConfined } from "../confiner.ts";
import { executed, honest, onApprovedPlan, stageOne, usage } from "../rig/approved.ts";
import { attempt } from "../rig/attempts.ts";
import { honestResult, key, noFindings, scenario } from "../rig/calculator.ts";
import type { Rig } from "../rig/rig.ts";
import { expectNothingTaken, failing } from "../rig/truth.ts";

type Json = Record<string, unknown>;

const [writeTest, commitTest, , commitCode] = honest;
const commitWork = { commit: "fix(add): more\n\nOkstra-Step: 1.2" };

type Case = {
  readonly name: string;
  readonly does: (rig: Rig) => readonly Json[];
  readonly says?: Json;
  readonly ends: { readonly outcome: string; readonly reason: string | null; readonly message: string };
  /** Checks that failed; advisory ones in parentheses. */
  readonly checks?: readonly string[];
};

const blocked = (message = "blocking items stand") => ({ outcome: "blocked", reason: "needs-decomposition", message });
const violated = (message: string) => ({ outcome: "contract-violation", reason: "contract-violation", message });

const list: readonly Case[] = [
  {
    name: "writes outside, into the project's own checkout",
    does: (rig) => [...honest, { misbehave: "write-outside", detail: join(rig.root, "src/twice.js") }],
    ends: { outcome: "completed", reason: null, message: "Stage 1 is done" },
    checks: ["(outside)"],
  },
  {
    name: "writes outside, into another worktree of okstra",
    does: (rig) => [
      ...honest,
      { misbehave: "write-outside", detail: join(rig.home, "worktrees/calc/math/add/task/src/twice.js") },
    ],
    ends: { outcome: "blocked", reason: "merge-blocked", message: "has uncommitted changes" },
    checks: [],
  },
  {
    name: "commits to another branch",
    does: () => [...honest, { misbehave: "commit-elsewhere" }],
    ends: blocked(),
    checks: ["other-branches"],
  },
  {
    name: "rewrites history",
    does: () => [{ misbehave: "rewrite-history" }, ...honest],
    ends: blocked(),
    checks: ["history", "(trailers)"],
  },
  {
    name: "deletes the worktree",
    does: () => [...honest, { misbehave: "delete-worktree" }],
    ends: violated("stage-1/.git removed"),
  },
  {
    name: "changes tests",
    does: () => [{ write: { "test/start.test.js": null } }, ...honest],
    ends: blocked(),
    checks: ["files", "tests-weakened"],
  },
  {
    name: "claims a commit that does not exist",
    does: () => honest,
    says: { ...honestResult(stageOne), commits: ["deadbeef".repeat(5)] },
    ends: blocked(),
    checks: ["discrepancy"],
  },
  {
    name: "claims tests that it did not run",
    does: () => [writeTest, commitTest, { write: { "src/add.js": "export const add = () => 0;\n" } }, commitCode],
    ends: blocked(),
    checks: ["tdd:1.1, 1.2", "validation:node --test", "discrepancy"],
  },
  {
    name: "invalid paths",
    does: () => honest,
    says: { ...honestResult(stageOne), files: ["../../etc/passwd", "/etc/shadow", "src/\u0000add.js"] },
    ends: blocked(),
    checks: ["discrepancy"],
  },
  {
    name: "a symlink out of the worktree, in the place of a file of the plan",
    does: (rig) => [
      writeTest,
      commitTest,
      { run: `ln -sf '${rig.folder}/brief.md' src/add.js` },
      { commit: "fix(add): elsewhere\n\nOkstra-Step: 1.2" },
    ],
    ends: blocked(),
    checks: ["links"],
  },
  {
    name: "an enormous diff",
    does: () => [
      ...honest,
      { run: "mkdir gen && cd gen && seq 3000 | split -l 1 -a 4 - f && head -c 70000000 /dev/zero > big.bin" },
      commitWork,
    ],
    ends: blocked(),
    checks: ["files"],
  },
  {
    name: "touches .git/hooks and config",
    does: () => [...honest, { misbehave: "plant-config" }, { misbehave: "plant-hook" }],
    ends: violated(".git/hooks/pre-commit added"),
  },
];

describe("an executor that misbehaves", { timeout: 120_000 }, () => {
  let rig: Rig;
  onApprovedPlan(
    (opened) => {
      rig = opened;
    },
    { maxFixRounds: 0 },
  );

  test.each(list)("$name", async ({ does, says, ends, checks }) => {
    const told = await executed(rig, does(rig), says === undefined ? {} : { result: says });
    expect(told.run, told.ran.stderr).toMatchObject({ outcome: ends.outcome, reason: ends.reason });
    expect(told.message).toContain(ends.message);
    if (checks === undefined) expect(told.report).toBeNull();
    else expect(failing(told.report).slice(0, checks.length)).toEqual(checks);
    if (ends.outcome !== "completed" && ends.reason !== "merge-blocked") await expectNothingTaken(rig, told);
  });

  test("edits in a read-only phase", async () => {
    const told = await attempt(rig, 1, [
      {
        when: { purpose: "verify", worker: "codex" },
        do: [{ write: { "src/add.js": "mine\n" } }],
        result: { ...noFindings, verdict: "pass" },
        usage,
      },
    ]);
    expect(told.run).toMatchObject({ outcome: "contract-violation", report: null });
    expect(told.message).toContain("files were changed");
  });

  test.skipIf(confiner === null)(`writes outside, confined: it meets a wall${unlessConfined}`, async () => {
    const outside = join(rig.root, "src/new.js");
    const acts = [...honest, { misbehave: "write-outside", detail: outside }];
    const entry = { when: { purpose: "execute", stage: 1 }, do: acts, result: honestResult(stageOne), usage };
    const file = rig.write(`${rig.folder}/attempt.yaml`, scenario([entry]));
    const ran = await rig.okstra(["implement", key, "--stage", "1", "--agents", `scripted:${file}`, "--json"], {
      env: { OKSTRA_SANDBOX: "require" },
    });
    const [run] = ran.json<{ runs: readonly RunSummary[] }>().runs;
    expect(run, ran.stdout).toMatchObject({ outcome: "failed", reason: "agent-failed" });
    // It came that far.
    expect(rig.git("log", "--format=%s", "-1", "fix-add-s1")).toBe("fix(add): make it right");
    expect(existsSync(outside)).toBe(false);
  });
});
