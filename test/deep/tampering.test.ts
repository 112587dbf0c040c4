/**
 * Whoever changes a file of a finished run is found out: by `okstra validate run`, through the hashes of the run's end and the heads in
 * the home. Every file of every run of a whole lifecycle is changed: a byte, a cut at a line end, lines swapped, another run's file.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { validateRun } from "../../src/checks/index.ts";
import { nodeHost } from "../../src/host/node/index.ts";
import { runPaths } from "../../src/lifecycle/index.ts";
import { type RunRef, readRun, take } from "../../src/model/index.ts";
import { packageRoot } from "../rig/rig.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "okstra tamper-")));
const env = { PATH: process.env["PATH"], HOME: join(folder, "user"), OKSTRA_HOME: join(folder, "kept/home") };
const host = nodeHost({ env, packageRoot });
let project = "";
let runs: readonly RunRef[] = [];
let files: readonly { readonly run: RunRef; readonly path: string }[] = [];

beforeAll(() => {
  mkdirSync(env.HOME);
  const main = join(packageRoot, "dist/main.js");
  const args = [main, "demo", "--dir", join(folder, "kept"), "--keep", "--json"];
  const demo = spawnSync(process.execPath, args, { encoding: "utf8", env, cwd: folder });
  if (demo.status !== 0) throw new Error(demo.stderr);
  const answer = JSON.parse(demo.stdout) as { project: string; runs: { id: string }[] };
  project = answer.project;
  runs = answer.runs.map(({ id }) => readRun(id));
  files = runs.flatMap((run) => filesOf(run).map((path) => ({ run, path })));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every file of the run's folder that is this run's: of its type and stage there is one run each. */
function filesOf(run: RunRef): string[] {
  const paths = runPaths(project, run);
  return ["manifests", "state", "prompts", "worker-results", "reports"].flatMap((name) => {
    const below = join(paths.folder, name);
    return readdirSync(below, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  });
}

async function problemsOf(run: RunRef): Promise<string[]> {
  const list = take(await validateRun(host, { home: env.OKSTRA_HOME, projectRoot: project, run }));
  return list.checks.filter(({ ok, severity }) => !ok && severity === "error").map(({ id, where }) => `${id} ${where}`);
}

/** The file with other bytes for as long as the check lasts. */
async function changed(file: (typeof files)[number], bytes: Uint8Array): Promise<string[]> {
  const before = readFileSync(file.path);
  if (before.equals(bytes)) return ["unchanged"];
  writeFileSync(file.path, bytes);
  try {
    return await problemsOf(file.run);
  } finally {
    writeFileSync(file.path, before);
  }
}

test("what nobody touched is found whole", async () => {
  expect(runs.length).toBeGreaterThanOrEqual(6);
  for (const run of runs) expect(await problemsOf(run)).toEqual([]);
});

test("one byte less in any file is found", async () => {
  const missed: string[] = [];
  for (const file of files)
    if ((await changed(file, readFileSync(file.path).subarray(0, -1))).length === 0) missed.push(file.path);
  expect(missed.map((path) => path.slice(project.length))).toEqual([]);
});

test("a random change of a random file is found", async () => {
  const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 1, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(fc.nat(), change, async (which, { at, byte }) => {
      const file = files[which % files.length] ?? expect.unreachable();
      const bytes = readFileSync(file.path);
      if (bytes.length === 0) return;
      const place = at % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ byte;
      expect(await changed(file, bytes), `${file.path} at ${place}`).not.toEqual([]);
    }),
    { numRuns: 150 },
  );
});

const lineFiles = () => files.filter(({ path }) => /\.(jsonl|md)$/.test(path));

test("a journal that is cut at any of its line ends is found", async () => {
  for (const run of runs.slice(0, 3)) {
    const path = runPaths(project, run).journal;
    const lines = readFileSync(path, "utf8").split(/(?<=\n)/);
    for (let kept = 0; kept < lines.length; kept++)
      expect(await changed({ run, path }, Buffer.from(lines.slice(0, kept).join(""))), `${kept} lines`).not.toEqual([]);
  }
});

test("two lines that change places are found", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(), async (which, one, other) => {
      const all = lineFiles();
      const file = all[which % all.length] ?? expect.unreachable();
      const lines = readFileSync(file.path, "utf8").split("\n");
      const [a, b] = [one % lines.length, other % lines.length];
      const swapped = lines.map((line, at) => (at === a ? lines[b] : at === b ? lines[a] : line));
      expect(await changed(file, Buffer.from(swapped.join("\n")))).not.toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test("another run's file of the same kind is found", async () => {
  for (const file of files) {
    const kind = (path: string) =>
      basename(path).replace(/-(?:requirements|error|implementation|final|release)[a-z-]*-\d+|-\d+/, "");
    const other = files.find((one) => one.run !== file.run && kind(one.path) === kind(file.path));
    if (other !== undefined) expect(await changed(file, readFileSync(other.path)), file.path).not.toEqual([]);
  }
});
