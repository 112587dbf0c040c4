/**
 * The whole demo on each version of Node that okstra promises to run on, the oldest first: okstra, its agents and the checks of
 * the sample project all run on it. `npm ci --prefix test/nodes` installs the versions (Linux on x64 only).
 */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../rig/rig.ts";

const nodes = join(packageRoot, "test/nodes");
const { dependencies } = JSON.parse(readFileSync(join(nodes, "package.json"), "utf8")) as {
  dependencies: Record<string, string>;
};

for (const [name, wanted] of Object.entries(dependencies)) {
  const bin = join(nodes, "node_modules", name, "bin");
  const version = wanted.split("@").at(-1);
  const missing = existsSync(join(bin, "node")) ? "" : " (skipped: it is not installed: npm ci --prefix test/nodes)";
  test.skipIf(missing !== "")(`Node ${version}${missing}`, { timeout: 300_000 }, () => {
    using place = openPlace();
    const kept = join(place.folder, "kept");
    const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}`, HOME: place.home, OKSTRA_HOME: join(kept, "home") };
    const run = (...args: readonly string[]): SpawnSyncReturns<string> =>
      spawnSync(join(bin, "node"), args, { encoding: "utf8", env, cwd: place.folder });
    expect(run("--version").stdout.trim()).toBe(`v${version}`);
    const main = join(packageRoot, "dist/main.js");
    const demo = run(main, "demo", "--dir", kept, "--keep", "--json");
    expect([demo.status, demo.stderr.match(/Warning.*/g)], demo.stderr).toEqual([0, null]);
    const answer = JSON.parse(demo.stdout) as { verdict: string; project: string; runs: { outcome: string }[] };
    expect(answer.verdict).toBe("accepted");
    expect(new Set(answer.runs.map((one) => one.outcome))).toEqual(new Set(["completed"]));
    const valid = run(main, "validate", "run", "--all", "--json", "--cwd", answer.project);
    expect([valid.status, (JSON.parse(valid.stdout) as { ok: boolean }).ok], valid.stdout).toEqual([0, true]);
    // The locks are the kernel's: the optional native module loads on this version.
    const doctor = run(main, "doctor", "--json", "--cwd", answer.project);
    expect(doctor.stdout).toContain("flock");
  });
}

function openPlace(): Disposable & { readonly folder: string; readonly home: string } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "okstra node-")));
  const home = join(folder, "user");
  mkdirSync(home);
  return { folder, home, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
