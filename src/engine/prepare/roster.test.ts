import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestFolder, testFolder } from "../../../test/folder.ts";
import { nodeHost } from "../../host/node/index.ts";
import { profiles } from "../../lifecycle/index.ts";
import { take } from "../../model/index.ts";
import { resolveSettings } from "../../settings/index.ts";
import type { World } from "../world.ts";
import { plainRequest } from "./request.ts";
import { type Roster, resolveRoster } from "./roster.ts";

const key = { project: "p", group: "g", task: "t" };

/** The roster of an analysis where only these programs are on the PATH. */
function rosterWith(
  rig: TestFolder,
  programs: readonly string[],
  more: { workers: string[]; allowSingle?: boolean },
): Promise<Roster> {
  const bin = join(rig.folder, "bin");
  mkdirSync(bin, { recursive: true });
  for (const name of programs) {
    writeFileSync(join(bin, name), "#!/bin/sh\necho 1.2.3\n");
    chmodSync(join(bin, name), 0o755);
  }
  const host = nodeHost({ env: { PATH: bin, HOME: rig.folder }, packageRoot: rig.folder });
  const { values: settings } = take(resolveSettings({ global: undefined, project: undefined, env: {}, flags: {} }));
  const project = { projectRoot: rig.root, projectId: "p", settings, sourceOf: () => "built in" };
  const request = { ...plainRequest(rig.root, key, "error-analysis"), ...more };
  return resolveRoster({ host } as World, project, request, profiles["error-analysis"]);
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
