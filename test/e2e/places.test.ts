/** Places that refuse at once (docs/guides/places.md); the others are in test/deep/odd-places.test.ts. */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agents, files, initialise, key } from "../rig/calculator.ts";
import { fillTo, noPlaces, openPlace, type Place, refused } from "../rig/places.ts";
import { openRig } from "../rig/rig.ts";

const rig = openRig(files);
const first = (): string[] => [
  ...["run", `${rig.folder}/brief.md`, "--task-key", key, "--task-type", "error-analysis", "--base-ref", "main"],
  ...["--agents", agents(rig)],
];

beforeAll(() => initialise(rig));
afterAll(() => rig[Symbol.asyncDispose]());

test("no git: init, run and the demo are refused and leave nothing, doctor says so", async () => {
  const bin = join(rig.folder, "bin");
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, "node"));
  const okstra: Place["okstra"] = (args, options) => rig.okstra(args, { ...options, env: { PATH: bin } });
  for (const args of [first(), ["init"], ["demo"]])
    expect(await refused({ folder: rig.folder, okstra }, args)).toMatchObject({ reason: "git-missing" });
  expect((await okstra(["doctor"])).stdout).toMatch(/FAIL {2}git +git is not on the PATH/);
});

if (noPlaces !== undefined) console.log(`not tested: a home on a small disk; ${noPlaces}`);

test.skipIf(noPlaces !== undefined)("a home too small for a worktree is refused before anything is made", async () => {
  await using at = await openPlace(rig, [{ at: rig.home, sizeMiB: 2 }]);
  const error = await refused(at, first(), rig.root);
  expect(error).toMatchObject({
    reason: "disk-full",
    message: expect.stringMatching(/needs 65 MiB and the disk has 1 MiB/),
  });
  const free = fillTo(at, rig.home, 0);
  expect(await refused(at, first(), rig.root)).toMatchObject({ reason: "disk-full" });
  expect((await at.okstra(["doctor"])).stdout).toMatch(/FAIL {2}disk .*0 MiB free/);
  free();
});
