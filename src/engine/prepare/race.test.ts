import { AsyncResource } from "node:async_hooks";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../../../test/folder.ts";
import { worldOf } from "../../../test/world-of.ts";
import type { Host } from "../../host/index.ts";
import { readRun, take } from "../../model/index.ts";
import { readCatalog, readTaskManifest, readTimeline } from "../../registry/index.ts";
import { cancel, initProject, plainRequest, prepare } from "../index.ts";

test("a run that ends while another is prepared has its end in the timeline", async () => {
  using rig = testFolder();
  writeFileSync(join(rig.root, "brief.md"), "# Cart\n\nThe total is wrong\n");
  writeFileSync(
    join(rig.root, "scenario.yaml"),
    "schemaVersion: 1\nfamilies: {claude: claude, codex: codex, report-writer: claude}\nentries:\n  - {when: {}, result: {}}\n",
  );
  const world = worldOf(rig.host, rig.home);
  const ask = { cwd: rig.root, projectId: "shop", syncDirs: null, copyFiles: null };
  take(await initProject(world, ask));
  const key = { project: "shop", group: "q3", task: "cart" };
  const request = {
    ...plainRequest(rig.root, key, "error-analysis"),
    ...{ agents: `scripted:${rig.root}/scenario.yaml`, workers: ["claude", "codex"], brief: "brief.md" },
  };
  const first = take(await prepare(world, request)).manifest.id;

  // At the moment when the second is about to be written down somebody else, who holds none of its locks, cancels the first.
  let cancelled: Promise<unknown> | undefined;
  const cancelOrWait = AsyncResource.bind((): Promise<void> => {
    return new Promise((resolve, refuse) => {
      const other = { ...world, say: (line: string) => (line.startsWith("Waiting for ") ? resolve() : undefined) };
      cancelled = cancel(other, rig.root, readRun(first)).then(take);
      cancelled.then(() => resolve(), refuse);
    });
  });
  const replaceFile: Host["files"]["replaceFile"] = async (path, ...rest) => {
    if (path.endsWith("timeline.json") && cancelled === undefined) await cancelOrWait();
    await rig.host.files.replaceFile(path, ...rest);
  };
  const host = { ...rig.host, files: { ...rig.host.files, replaceFile } };
  const second = take(await prepare({ ...world, host }, request)).manifest.id;
  await cancelled;

  const place = { host: rig.host, home: rig.home, projectRoot: rig.root, key };
  const rows = take(await readTimeline(rig.host, place)).runs.map(({ run, outcome }) => [run, outcome]);
  expect(Object.fromEntries(rows)).toEqual({ [first]: "cancelled", [second]: null });
  const listed = take(await readTaskManifest(rig.host, place))?.runs.map(({ id, outcome }) => [id, outcome]);
  expect(listed).toEqual([
    [first, "cancelled"],
    [second, "prepared"],
  ]);
  expect(take(await readCatalog(rig.host, rig.root)).tasks).toHaveLength(1);
});
