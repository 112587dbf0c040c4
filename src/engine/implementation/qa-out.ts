/**
 * Checks with real IO that an executor leaves in `qa-out/` of its scratch folder: the engine moves them to `qa/stage-<N>/` of the task
 * and keeps their hashes in `qa/manifest.json`. They are no source of the project; commands find them at `$OKSTRA_QA`. What is in the
 * manifest and no more what it was is told before any of it runs again.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { checkQaManifest } from "../../generated/task.check.js";
import type { Host } from "../../host/index.ts";
import { taskPaths } from "../../lifecycle/index.ts";
import type { QaFile } from "../../lifecycle/task.schema.ts";
import { parseJson } from "../../model/index.ts";
import { taskLock, withLock } from "../../registry/index.ts";
import { fact, progress, type Run } from "../run.ts";
import { executorScratch } from "../subject.ts";
import type { StageWork } from "./stage-work.ts";

/** More, or larger, is no check: it is left where it is, and said. */
const mostFiles = 100;
const mostBytes = 1 << 20;

const factOf = (round: number): string => `qa-out:${round}`;

type Taken = { readonly files: readonly QaFile[]; readonly left: readonly string[] };

/** To be called after each execution; remembered, so that a resumed run takes nothing twice. */
export async function takeQaOut(run: Run, { stage }: StageWork, round: number): Promise<Taken> {
  const { files } = run.world.host;
  const from = join(executorScratch(run.world, run.ref), "qa-out");
  const taken = await fact(run, factOf(round), async (): Promise<Taken> => {
    const found = await checksIn(run.world.host, from);
    const fit = found.paths.slice(0, mostFiles);
    const left = [...found.left, ...found.paths.slice(mostFiles)];
    const rows: QaFile[] = [];
    for (const path of fit) {
      const bytes = await files.readBytes(join(from, path));
      if (bytes === undefined || bytes.length > mostBytes) {
        left.push(path);
        continue;
      }
      const to = `stage-${stage.stageNumber}/${path}`;
      await files.replaceFile(join(taskPaths(run.project.projectRoot, run.ref.key).qa, to), bytes);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      rows.push({ path: to, sha256, stage: stage.stageNumber, run: run.id });
    }
    if (rows.length > 0) await addToManifest(run, rows);
    if (rows.length + left.length > 0)
      await progress(run, "phase-5-collect", `qa-out: ${rows.length} moved to qa/, ${left.length} left`);
    return { files: rows, left };
  });
  if ((await files.look(from)) !== undefined) await files.removeTree(from);
  return taken;
}

/** What all rounds of the run brought, a sentence a file. */
export const qaTaken = (run: Run, rounds: number): readonly string[] =>
  Array.from({ length: rounds + 1 }, (_, round) => run.memory.facts.get(factOf(round)) as Taken | undefined).flatMap(
    (taken) => [
      ...(taken?.files ?? []).map(
        ({ path, sha256 }) => `qa/${path} (sha256 ${sha256.slice(0, 12)}) was taken from qa-out`,
      ),
      ...(taken?.left ?? []).map(
        (path) => `${path} of qa-out was not taken: no plain file, too large, or one too many`,
      ),
    ],
  );

/** Files of the task's qa/ that are not what was taken from an executor: changed or gone. */
export async function changedQa(run: Run): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const { path, sha256 } of await manifestOf(run)) {
    const now = await run.world.host.files.hash(join(taskPaths(run.project.projectRoot, run.ref.key).qa, path));
    if (now !== sha256) changed.push(`qa/${path}`);
  }
  return changed;
}

const manifestPath = (run: Run): string => join(taskPaths(run.project.projectRoot, run.ref.key).qa, "manifest.json");

async function manifestOf(run: Run): Promise<readonly QaFile[]> {
  const path = manifestPath(run);
  const text = await run.world.host.files.readText(path);
  return text === undefined ? [] : parseJson(checkQaManifest, text, "QA manifest", path).files;
}

async function addToManifest(run: Run, rows: readonly QaFile[]): Promise<void> {
  await withLock(run.world.host, taskLock(run.world.home, run.ref.key), "record what is in qa/", async () => {
    const kept = (await manifestOf(run)).filter(({ path }) => !rows.some((row) => row.path === path));
    const files = [...kept, ...rows].sort((a, b) => (a.path < b.path ? -1 : 1));
    const text = `${JSON.stringify({ schemaVersion: 1, files }, null, 2)}\n`;
    await run.world.host.files.replaceFile(manifestPath(run), text);
  });
}

/** Files below `qa-out`; nothing of what a link in its place leads to, which the executor may not have been able to read itself. */
export async function checksIn(host: Host, folder: string): Promise<{ paths: string[]; left: string[] }> {
  const kind = (await host.files.look(folder))?.kind;
  if (kind === undefined) return { paths: [], left: [] };
  return kind === "folder" ? await plainFiles(host, folder, "") : { paths: [], left: ["qa-out"] };
}

/** Paths below the folder, sorted; links and the like are left. */
async function plainFiles(host: Host, root: string, at: string): Promise<{ paths: string[]; left: string[] }> {
  const found: { paths: string[]; left: string[] } = { paths: [], left: [] };
  for (const { name, kind } of await host.files.list(join(root, at))) {
    const path = at === "" ? name : `${at}/${name}`;
    if (kind === "file") found.paths.push(path);
    else if (kind === "folder") {
      const inner = await plainFiles(host, root, path);
      found.paths.push(...inner.paths);
      found.left.push(...inner.left);
    } else found.left.push(path);
  }
  return found;
}
