import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestFolder, testFolder } from "../../../test/folder.ts";
import { nodeHost } from "../../host/node/index.ts";
import { profiles } from "../../lifecycle/index.ts";
import { take } from "../../model/index.ts";
import { resolveSettings } from "../../settings/index.ts";
import type { World } from "../world.ts";
import { plainRequest, type RunRequest } from "./request.ts";
import { type Roster, resolveRoster } from "./roster.ts";

const key = { project: "p", group: "g", task: "t" };

/** The roster of an analysis where only these programs are on the PATH. */
function rosterWith(
  rig: TestFolder,
  programs: readonly string[],
  more: Partial<RunRequest>,
  env: Readonly<Record<string, string>> = {},
): Promise<Roster> {
  const bin = join(rig.folder, "bin");
  mkdirSync(bin, { recursive: true });
  for (const name of programs) {
    writeFileSync(join(bin, name), "#!/bin/sh\necho 1.2.3\n");
    chmodSync(join(bin, name), 0o755);
  }
  const host = nodeHost({ env: { PATH: bin, HOME: rig.folder }, packageRoot: rig.folder });
  const { values: settings } = take(resolveSettings({ global: undefined, project: undefined, env, flags: {} }));
  const project = { projectRoot: rig.root, projectId: "p", settings, sourceOf: () => "built in" };
  const request = { ...plainRequest(rig.root, key, "error-analysis"), ...more };
  return resolveRoster({ host } as World, project, request, profiles[request.taskType]);
}

const workersOf = ({ workers }: Roster): string[] => workers.map(({ worker }) => worker);

test("a missing agent is said and done without while two are there", async () => {
  using rig = testFolder();
  const roster = await rosterWith(rig, ["claude", "codex"], { workers: ["claude", "gemini", "codex"] });
  expect(workersOf(roster)).toEqual(["claude", "codex", "report-writer"]);
  expect(roster.notes).toEqual(["gemini cannot work: gemini is not on the PATH; without it go on: claude, codex"]);
});

test("with fewer than two it stops with what to install; --allow-single goes on and says so", async () => {
  using rig = testFolder();
  const ask = { workers: ["claude", "codex"] };
  await expect(rosterWith(rig, ["claude"], ask)).rejects.toMatchObject({
    failure: { reason: "agent-missing", message: "codex cannot work: codex is not on the PATH" },
  });
  const single = await rosterWith(rig, ["claude"], { ...ask, allowSingle: true });
  expect(workersOf(single)).toEqual(["claude", "report-writer"]);
  expect(single.notes).toEqual([
    "codex cannot work: codex is not on the PATH; without it go on: claude",
    "single worker: nobody checks its findings (--allow-single)",
  ]);
});

test("nobody can do without the report writer", async () => {
  using rig = testFolder();
  await expect(rosterWith(rig, ["codex", "gemini"], { workers: ["codex", "gemini"] })).rejects.toMatchObject({
    failure: { reason: "agent-missing", message: expect.stringContaining("report-writer cannot work") },
  });
});

test("a model is named for a worker or for a role: the role goes before, the command line before all", async () => {
  using rig = testFolder();
  const programs = ["claude", "codex", "gemini"];
  const modelsIn = async (more: Partial<RunRequest>, env: Readonly<Record<string, string>> = {}) => {
    const { workers } = await rosterWith(rig, programs, { workers: ["claude", "codex"], ...more }, env);
    return Object.fromEntries(workers.map(({ worker, role, model }) => [`${worker} ${role}`, model]));
  };
  const usual = await modelsIn({ critic: "gemini" });
  const env = { OKSTRA_DEFAULT_CRITIC_MODEL: "=gemini-x", OKSTRA_DEFAULT_CLAUDE_MODEL: "=claude-x" };
  expect(await modelsIn({ critic: "gemini" }, env)).toEqual({
    ...{ ...usual, "gemini critic": "gemini-x" },
    "claude analyser": "claude-x",
  });
  const built = await modelsIn({ taskType: "implementation" }, { ...env, OKSTRA_DEFAULT_EXECUTOR_MODEL: "haiku" });
  expect(built).toMatchObject({ "claude executor": expect.stringContaining("haiku"), "claude verifier": "claude-x" });
  const given = await modelsIn({ taskType: "implementation", models: { executor: "=mine" } }, env);
  expect(given).toMatchObject({ "claude executor": "mine", "claude verifier": "claude-x" });
  // A role of several vendors: who does not know the model keeps to its own.
  expect(await modelsIn({}, { OKSTRA_DEFAULT_ANALYSER_MODEL: "haiku" })).toMatchObject({
    ...{ "claude analyser": expect.stringContaining("haiku"), "codex analyser": usual["codex analyser"] },
  });
  await expect(modelsIn({ critic: "gemini" }, { OKSTRA_DEFAULT_CRITIC_MODEL: "haiku" })).rejects.toMatchObject({
    failure: { reason: "unknown-model" },
  });
  expect(
    await modelsIn({ taskType: "release-handoff", workers: null }, { OKSTRA_DEFAULT_DRAFTER_MODEL: "haiku" }),
  ).toEqual({
    "report-writer report-writer": expect.stringContaining("haiku"),
  });
});
