/** What commands show of a task whose first stage is built. Each test looks only. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkWorktreeListAnswer, checkWorktreePathAnswer } from "../../src/generated/looking.check.js";
import { assertGolden } from "../golden.ts";
import { normalise } from "../normalise.ts";
import { agents, files, initialise, key, untilApproved } from "../rig/calculator.ts";
import { openRig, type Ran, type Rig } from "../rig/rig.ts";

let rig: Rig;

beforeAll(async () => {
  rig = openRig(files);
  await initialise(rig);
  await untilApproved(rig);
  await must("implement", key, "--stage", "1", "--agents", agents(rig));
}, 120_000);
afterAll(() => rig[Symbol.asyncDispose]());

async function must(...args: string[]): Promise<Ran> {
  const ran = await rig.okstra(args);
  if (ran.code !== 0) throw new Error(`${args.join(" ")}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
  return ran;
}

const shown = (ran: Ran): string => normalise(ran.stdout, { paths: [rig.home, rig.root, rig.folder] });

test("worktree list: each tree with its state", async () => {
  const ran = await must("worktree", "list", "--json");
  const answer = ran.json<{ entries: { key: string; path: string; diskBytes: number }[] }>();
  expect(checkWorktreeListAnswer(answer), JSON.stringify(checkWorktreeListAnswer.errors)).toBe(true);
  expect(answer.entries).toEqual([
    expect.objectContaining({ key, stage: null, baseRef: "main", status: "active", dirty: false, merged: false }),
    expect.objectContaining({ key: `${key}#stage-1`, stage: 1, status: "released", dirty: false, merged: true }),
  ]);
  const plain = await must("worktree", "list", key);
  assertGolden("cli/worktree-list.txt", shown(plain).replaceAll(/ {2,}(DISK|[\d.]+ KiB) +/g, "  <size>  "));
});

test("worktree path: ready for cd", async () => {
  const ran = await must("worktree", "path", key, "--stage", "1");
  expect(rig.gitAt(ran.stdout.trimEnd(), "rev-parse", "--abbrev-ref", "HEAD")).toBe("fix-add-s1");
  const answer = (await must("worktree", "path", key, "--json")).json<unknown>();
  expect(checkWorktreePathAnswer(answer)).toBe(true);
  const none = await rig.okstra(["worktree", "path", key, "--stage", "3", "--json"]);
  expect([none.code, none.json<{ error: { reason: string } }>().error.reason]).toEqual([2, "no-worktree"]);
});

test("worktree: a word that is none of its actions", async () => {
  const ran = await rig.okstra(["worktree", "lst"]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('did you mean "list"');
});
