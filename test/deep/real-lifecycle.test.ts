/**
 * The whole lifecycle with the three real programs: each checks, each builds one stage, by its own tools; the model behind them plays
 * the scenario of the calculator. Real edits, real commits, and the numbers that the server charged. Where something confines they
 * run confined, and try by their shells to write where they should not.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import { confiner } from "../confiner.ts";
import { modelServer } from "../model-server/index.ts";
import { configOf, suiteOf } from "../real-agents.ts";
import { configure } from "../rig/attempts.ts";
import {
  contentOf,
  files,
  finding,
  honestActs,
  honestResult,
  initialise,
  key,
  noFindings,
  scenario,
  stages,
} from "../rig/calculator.ts";
import { modelOf } from "../rig/model.ts";
import { openRig, type Rig } from "../rig/rig.ts";

const names = ["claude", "codex", "gemini"];
const apis = ["anthropic", "openai", "gemini"];
const missing = names.map(suiteOf).filter(({ skip }) => skip);
const sandbox = confiner === null ? "off" : "require";

/** The project, its git, what okstra knows, a home, and a folder beside all of these. */
const placesOutside = (rig: Rig): readonly string[] => [
  ...["src/add.js", ".git/config", ".git/hooks/pre-commit", ".okstra/project.json"].map((name) => join(rig.root, name)),
  ...["user/.bashrc", "outside.txt"].map((name) => join(rig.folder, name)),
];

/** Entries before those of the scenario: who has a shell writes everywhere first. */
function tryingOutside(paths: readonly string[]) {
  const run = paths.map((path) => `echo planted >> '${path}'`).join("\n");
  const analysis = { taskType: "error-analysis", purpose: "blind", worker: "codex" };
  return [
    { when: analysis, do: [{ run }], result: { ...noFindings, findings: [finding("X-F1")] } },
    ...stages.map((stage) => ({
      when: { purpose: "execute", stage: stage.n },
      do: [{ run }, ...honestActs(stage)],
      result: honestResult(stage),
    })),
  ];
}

describe.skipIf(missing.length > 0)(["lifecycle", ...missing.map(({ name }) => name)].join(", "), () => {
  test("from a fault to an accepted verification", async () => {
    await using rig = openRig(files);
    await initialise(rig);
    const outside = placesOutside(rig);
    await using server = await modelServer(modelOf(scenario(confiner === null ? [] : tryingOutside(outside))));
    // Keys stand in no file: they come from the environment of okstra.
    const keys: Record<string, string> = {};
    const agents = Object.fromEntries(
      names.map((name) => {
        const { env = {}, ...config } = configOf(name, server.url);
        const isKey = ([variable]: [string, string]) => variable.endsWith("_KEY");
        Object.assign(keys, Object.fromEntries(Object.entries(env).filter(isKey)));
        return [name, { ...config, env: Object.fromEntries(Object.entries(env).filter((pair) => !isKey(pair))) }];
      }),
    );
    configure(rig, { agents, models: { gemini: "=gemini-3-pro" }, concurrency: { agents: 1 } });
    const runs: RunSummary[] = [];
    const must = async (...args: string[]): Promise<void> => {
      const ran = await rig.okstra([...args, "--json"], { env: { ...keys, OKSTRA_SANDBOX: sandbox } });
      expect(ran.code, `${args.join(" ")}\n${ran.stdout}${ran.stderr}`).toBe(0);
      const answer = ran.json<Partial<RunSummary> & { runs?: RunSummary[] }>();
      runs.push(...(answer.runs ?? ("usage" in answer ? [answer as RunSummary] : [])));
    };
    const all = ["--agents", names.join(",")];
    const phase = (name: string) => ["run", "--task-key", key, "--task-type", name, ...all];
    await must(...phase("error-analysis"), "--brief", `${rig.folder}/brief.md`, "--base-ref", "main");
    await must("answer", key, "C-001", "No.");
    await must(...phase("implementation-planning"));
    await must("approve", key, "--content", contentOf(rig));
    for (const [index, executor] of names.entries())
      await must("implement", key, "--stage", String(index + 1), "--executor", executor, ...all);
    await must(...phase("final-verification"));

    const sum = (count: (usage: RunSummary["usage"]) => number): number =>
      runs.reduce((total, { usage }) => total + count(usage), 0);
    const charged = server.charged();
    expect(runs.map(({ usage }) => usage.unknown)).toEqual(runs.map(() => 0));
    expect(sum(({ inputTokens }) => inputTokens)).toBe(charged.input);
    expect(sum(({ cachedInputTokens }) => cachedInputTokens)).toBe(charged.cachedInput);
    expect(sum(({ outputTokens }) => outputTokens)).toBe(charged.output);
    expect(new Set(server.calls.map(({ api }) => api))).toEqual(new Set(apis));
    expect(server.strays.filter((stray) => !stray.startsWith("HEAD "))).toEqual([]);
    const subjects = rig.git("log", "--format=%s", "fix-add");
    for (const name of ["add", "twice", "sum"]) expect(subjects).toContain(`fix(${name}): make it right`);
    expect(outside.filter((path) => existsSync(path) && readFileSync(path, "utf8").includes("planted"))).toEqual([]);
    const tried = (api: string): boolean =>
      server.calls.some((call) => call.api === api && JSON.stringify(call.body).includes("echo planted"));
    if (confiner !== null) expect(apis.filter(tried)).toEqual(apis);
    expect(rig.leftRunning()).toEqual([]);
  });
});
