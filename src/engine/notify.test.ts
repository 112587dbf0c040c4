import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import type { GateNotice } from "../lifecycle/notice.schema.ts";
import { take } from "../model/index.ts";
import { resolveSettings } from "../settings/index.ts";
import { notify } from "./notify.ts";
import type { World } from "./world.ts";

const notice: GateNotice = {
  schemaVersion: 1,
  taskKey: "p/g/t",
  projectRoot: "/p",
  gate: "plan approval",
  needs: ["Approve it: okstra approve p/g/t"],
  run: null,
  taskType: null,
  outcome: null,
  verdict: null,
  time: "2026-11-21T04:00:00.000Z",
};

/** What is said when this command is the one to be told. */
async function told(rig: TestRepository, command: string[], timeoutMs?: number): Promise<string[]> {
  const said: string[] = [];
  const world: World = {
    host: rig.host,
    home: rig.home,
    okstraVersion: "0",
    listen: () => undefined,
    say: (line) => said.push(line),
    signal: new AbortController().signal,
  };
  const { values } = take(resolveSettings({ global: undefined, project: undefined, env: {}, flags: {} }));
  const project = {
    projectRoot: rig.root,
    projectId: "p",
    settings: { ...values, notify: command },
    sourceOf: () => "built in",
  };
  await notify(world, project, notice, timeoutMs);
  return said;
}

test("the command gets the notice on stdin, in the project's folder", async () => {
  using rig = testRepository();
  expect(await told(rig, ["sh", "-c", 'cat > "$0"', "got.json"])).toEqual([]);
  expect(JSON.parse(rig.read(`${rig.root}/got.json`) ?? "")).toEqual(notice);
});

test("nobody is told where no command is set", async () => {
  using rig = testRepository();
  expect(await told(rig, [])).toEqual([]);
});

test("a command that fails, is not there, does not read or hangs is said, and no more", async () => {
  using rig = testRepository();
  expect(await told(rig, ["sh", "-c", "echo hello >&2; echo no network >&2; exit 7"])).toEqual([
    "notify (sh) ended with 7: no network; the gate stays as it is",
  ]);
  expect(await told(rig, ["okstra-is-not-there"])).toEqual([
    expect.stringMatching(/^notify \(okstra-is-not-there\) ended with 127: .*not found/),
  ]);
  expect(await told(rig, ["true"])).toEqual([]);
  expect(await told(rig, ["sleep", "600"], 100)).toEqual([
    "notify (sleep) took longer than 0.1 s and was ended; the gate stays as it is",
  ]);
});
