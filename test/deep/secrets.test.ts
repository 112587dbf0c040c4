/**
 * A secret of the project and one of okstra's own environment, said by agents wherever they can say something: neither stands in any
 * file that okstra keeps, nor in what its commands print.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configure } from "../rig/attempts.ts";
import {
  agents,
  contentOf,
  files,
  finding,
  honestActs,
  honestResult,
  initialise,
  key,
  noFindings,
  stages,
} from "../rig/calculator.ts";
import { openRig, type Rig } from "../rig/rig.ts";

type Json = Record<string, unknown>;

const ofProject = "correct-horse-battery-9000";
const ofEnvironment = "xkcd-936-environment-key";
const known = "ghp_0123456789abcdefghijABCDEFGHIJ0123";
const all = `${ofProject} ${ofEnvironment} ${known}`;
const usage = { input: 10, output: 1 };

/** Files below a folder that hold one of them. */
function holding(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => [ofProject, ofEnvironment, known].some((secret) => readFileSync(path).includes(secret)));
}

/** Worktrees have what was committed or copied, and verifiers are shown what was committed. */
const kept = (rig: Rig): string[] =>
  [...holding(join(rig.root, ".okstra")), ...holding(rig.home)].filter(
    (path) => !/\/worktrees\/|\/implementation\/stage-1\/prompts\//.test(path),
  );

test("secrets that agents repeat stand in no log, journal, result, report or error, and in nothing that is printed", {
  timeout: 180_000,
}, async () => {
  await using rig = openRig({ ...files, ".gitignore": ".env\n" });
  rig.write(".env", `DATABASE_PASSWORD=${ofProject}\n`);
  const says = [{ say: all }, { run: `cat .env; echo '${all}'; echo '${all}' >&2` }, { tool: "Read" }];
  const telling = { ...finding("X-F1"), title: `add ${all}`, claim: `the function add subtracts; ${all}` };
  const [stage] = stages;
  if (stage === undefined) return expect.unreachable();
  const [writeTest, ...work] = honestActs(stage) as [Json, ...Json[]];
  const printing = { [`test/${stage.name}.test.js`]: `${stage.test}console.log(${JSON.stringify(all)});\n` };
  const question = { question: `Is ${all} right?`, why: all, kind: "fact", expectedForm: "yes or no", blocks: "none" };
  const told = { ...noFindings, findings: [telling], proposal: all, questions: [question], notExamined: [all] };
  await initialise(rig, [
    { when: { taskType: "error-analysis", purpose: "blind", worker: "codex" }, do: says, result: told, usage },
    {
      when: { purpose: "verify", worker: "codex", attempt: 1 },
      do: [{ run: `echo '${all}' >&2; exit 3 # ${all}` }],
    },
    {
      when: { purpose: "execute", stage: 1 },
      do: [
        ...says,
        { write: { ...(writeTest["write"] as Json), ...printing } },
        ...work.slice(0, -1),
        { commit: `fix(add): ${all}\n\nOkstra-Step: 1.2` },
      ],
      result: { ...honestResult(stage), summary: all, notDone: [all] },
      usage,
    },
  ]);
  configure(rig, { worktreeCopyFiles: [".env"] });
  const env = { HOUSE_API_KEY: ofEnvironment };
  const printed: string[] = [];
  const must = async (code: number, ...args: string[]): Promise<void> => {
    const ran = await rig.okstra([...args, "--agents", agents(rig), "--json"], { env });
    printed.push(ran.stdout, ran.stderr);
    expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  };
  const brief = `${rig.folder}/brief.md`;
  await must(0, "run", brief, "--task-key", key, "--task-type", "error-analysis", "--base-ref", "main");
  expect(kept(rig)).toEqual([]);
  const report = ".okstra/tasks/math/add/runs/error-analysis/reports/final-report-error-analysis-001.md";
  expect(rig.read(report)).toContain("codex: \\[redacted\\] \\[redacted\\] \\[redacted\\]");
  for (const id of ["C-001", "C-002"]) await rig.okstra(["answer", key, id, "No."]);
  await must(0, "run", "--task-key", key, "--task-type", "implementation-planning");
  await rig.okstra(["approve", key, "--content", contentOf(rig)]);
  // One verifier fails with them in its words.
  await must(3, "implement", key, "--stage", "1");
  for (const args of [
    ["status", key],
    ["show", key],
    ["logs", `${key}@implementation.stage-1#001`],
    ["inspect", key],
  ])
    printed.push(...Object.values(await rig.okstra(args, { env })).map(String));
  expect(kept(rig)).toEqual([]);
  expect(printed.filter((text) => [ofProject, ofEnvironment, known].some((secret) => text.includes(secret)))).toEqual(
    [],
  );
  // They were said: the commit is the agent's, and stays as it is.
  expect(rig.git("log", "--format=%s", "fix-add-s1")).toContain(ofProject);
});
