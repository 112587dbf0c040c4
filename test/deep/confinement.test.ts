/**
 * Whole runs confined, and where nothing confines: what the report, the dry-run and doctor say, and that `require` starts nothing. A
 * machine without bubblewrap is played by one that fails as in a container.
 */
import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunManifest, RunSummary } from "../../src/lifecycle/task.schema.ts";
import { confiner, narrows, unlessConfined, unlessNarrowed } from "../confiner.ts";
import { configure } from "../rig/attempts.ts";
import { agents, files, initialise, key, noFindings, untilApproved } from "../rig/calculator.ts";
import { openApproved } from "../rig/races.ts";
import { openRig, type Rig } from "../rig/rig.ts";
import { wrongs } from "../rig/world.ts";

const analysis = (rig: Rig): string[] => [
  ...["run", join(rig.folder, "brief.md"), "--task-key", key, "--task-type", "error-analysis"],
  ...["--base-ref", "main", "--agents", agents(rig)],
];
const reportOf = (rig: Rig): string =>
  rig.read(".okstra/tasks/math/add/runs/error-analysis/reports/final-report-error-analysis-001.md");

/** Tries to write wherever an analyser should not. */
const tries = (rig: Rig) => ({
  when: { taskType: "error-analysis", purpose: "blind", worker: "codex" },
  do: [
    {
      run: `for to in src/add.js "${rig.root}/src/add.js" "${rig.root}/.git/hooks/pre-commit" "${rig.root}/.git/config" \\
        "${rig.home}/worktrees/registry.json" "${rig.folder}/user/.bashrc" "${rig.folder}/outside"; do
        { echo planted >> "$to"; } 2>/dev/null; done; git commit -q --allow-empty -m planted; exit 0`,
      ignoreExit: true,
    },
  ],
  result: noFindings,
  usage: { input: 1, output: 1 },
});

describe.skipIf(confiner === null)(`confined${unlessConfined}`, () => {
  test("an analyser that writes everywhere changed nothing, and its answer counts; unconfined it is a violation", async () => {
    await using rig = openRig(files);
    await initialise(rig, [tries(rig)]);
    const putBack = rig.keep();
    const ran = await rig.okstra([...analysis(rig), "--sandbox", "require", "--json"], {
      env: { OKSTRA_SANDBOX: "off" },
    });
    expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
    expect(reportOf(rig)).toMatch(/\*\*Sandbox:\*\* bubblewrap \d/);
    expect(rig.git("status", "--porcelain", "--untracked-files=all")).not.toContain("src/");
    for (const planted of [
      join(rig.folder, "outside"),
      join(rig.folder, "user/.bashrc"),
      join(rig.root, ".git/hooks/pre-commit"),
    ])
      expect([planted, existsSync(planted)]).toEqual([planted, false]);
    expect(readFileSync(join(rig.root, ".git/config"), "utf8")).not.toContain("planted");
    putBack();
    const free = await rig.okstra([...analysis(rig), "--sandbox", "off", "--json"]);
    expect(free.code).toBe(6);
    expect(existsSync(join(rig.folder, "outside"))).toBe(true);
  });

  test("a stage is built, merged and validated confined", async () => {
    await using rig = openRig(files);
    await initialise(rig);
    await untilApproved(rig);
    const built = await rig.okstra([
      "implement",
      key,
      "--stage",
      "1",
      "--agents",
      agents(rig),
      "--sandbox",
      "require",
      "--json",
    ]);
    expect([built.code, built.stdout]).toEqual([0, expect.stringContaining('"completed"')]);
    expect(rig.git("log", "--format=%s", "fix-add")).toContain("fix(add): make it right");
    const report = rig.read(
      ".okstra/tasks/math/add/runs/implementation/stage-1/reports/final-report-implementation-001.md",
    );
    expect(report).toMatch(/\| `node --test` \|.*\| bubblewrap \d/);
  });
});

describe.skipIf(confiner === null)(`hooks${unlessConfined}`, () => {
  test("one that writes outside meets a wall and blocks the merge with its words; a good one merges the stage", async () => {
    await using rig = openRig(files);
    await initialise(rig);
    await untilApproved(rig);
    const hook = (text: string): void => {
      rig.write(".git/hooks/pre-merge-commit", `#!/bin/sh\n${text}\n`);
      chmodSync(join(rig.root, ".git/hooks/pre-merge-commit"), 0o755);
    };
    const outside = join(rig.folder, "user/.bashrc");
    hook(`echo planted >> "${outside}" || { echo "no way out" >&2; exit 1; }`);
    const required = { env: { OKSTRA_SANDBOX: "require" } };
    const built = await rig.okstra(["implement", key, "--stage", "1", "--agents", agents(rig), "--json"], required);
    const [run] = built.json<{ runs: readonly RunSummary[] }>().runs;
    expect([built.code, run?.outcome, run?.reason], built.stdout).toEqual([3, "blocked", "merge-blocked"]);
    expect(built.stdout).toContain(
      "no way out\\nokstra: the hook pre-merge-commit failed; it ran confined (bubblewrap",
    );
    expect(existsSync(outside)).toBe(false);
    hook('test -z "$(git diff --name-only)" && node --test');
    const merged = await rig.okstra(["integrate", key, "--json"], required);
    expect([merged.code, merged.stdout]).toEqual([0, expect.stringContaining('"merged"')]);
    expect(rig.git("log", "--format=%s", "fix-add")).toContain("fix(add): make it right");
  });
});

describe("where nothing confines", () => {
  /** A bwrap that is refused its namespaces, first on the PATH. */
  function refused(rig: Rig): Record<string, string> {
    const program = rig.write(
      join(rig.folder, "bin", "bwrap"),
      "#!/bin/sh\necho 'bwrap: No permissions' >&2\nexit 1\n",
    );
    chmodSync(program, 0o755);
    return { PATH: `${join(rig.folder, "bin")}:${rig.env["PATH"] ?? ""}`, OKSTRA_SANDBOX: "" };
  }
  const why = "none: bwrap does not work here: bwrap: No permissions";

  test.skipIf(process.platform !== "linux")(
    "auto goes on and says so; require starts nothing and says what to do",
    async () => {
      await using rig = openRig(files);
      await initialise(rig);
      const env = refused(rig);
      const no = await rig.okstra([...analysis(rig), "--sandbox", "require", "--json"], { env });
      expect(no.code).toBe(1);
      expect(no.json()).toMatchObject({
        error: { reason: "no-confinement", remedy: expect.stringContaining("--sandbox auto") },
      });
      expect(rig.git("worktree", "list").split("\n")).toHaveLength(1);
      expect(existsSync(join(rig.root, ".okstra/tasks/math"))).toBe(false);
      const foreseen = await rig.okstra([...analysis(rig), "--dry-run"], { env });
      expect(foreseen.stdout).toContain(`sandbox   auto (built in): ${why}`);
      expect((await rig.okstra(["doctor"], { env })).stdout).toMatch(
        /bwrap does not work here: .*agents and commands are not confined/,
      );
      expect(
        (
          await rig.okstra(["run", ...analysis(rig).slice(1), "--dry-run"], {
            env: { ...env, OKSTRA_SANDBOX: "require" },
          })
        ).code,
      ).toBe(1);
      expect((await rig.okstra([...analysis(rig), "--json"], { env })).code).toBe(0);
      expect(reportOf(rig)).toContain(`**Sandbox:** ${why}`);
    },
  );

  test.skipIf(process.platform !== "linux")("a prepared run that requires it waits until it is there", async () => {
    await using rig = openRig(files);
    await initialise(rig);
    const prepared = await rig.okstra(["prepare", ...analysis(rig).slice(1), "--json"]);
    expect(prepared.code).toBe(0);
    const { id } = prepared.json<{ id: string }>();
    const no = await rig.okstra(["resume", id, "--json"], { env: { ...refused(rig), OKSTRA_SANDBOX: "require" } });
    expect(no.json()).toMatchObject({ error: { reason: "no-confinement" } });
    expect((await rig.okstra(["resume", id, "--json"])).code).toBe(0);
  });
});

test.skipIf(process.platform !== "linux")(
  "a prepare that is killed while its network is narrowed leaves its way out to the next command, which removes it",
  async () => {
    await using rig = openRig(files);
    await initialise(rig);
    const env = { PATH: `${join(rig.folder, "bin")}:${rig.env["PATH"] ?? ""}` };
    chmodSync(rig.write(join(rig.folder, "bin", "bwrap"), "#!/bin/sh\nexit 0\n"), 0o755);
    const prepare = ["prepare", ...analysis(rig).slice(1), "--sandbox", "require", "--network", "model", "--json"];
    const ways = (): string[] =>
      readdirSync(join(rig.home, "scratch"), { recursive: true, encoding: "utf8" }).filter((path) =>
        path.endsWith("/gate"),
      );
    expect((await rig.okstra(prepare, { env, stopBefore: "git.addTree:1" })).signal).toBe("SIGKILL");
    expect(ways()).toHaveLength(1);
    const again = await rig.okstra(prepare, { env });
    expect([again.code, again.stderr]).toEqual([0, expect.any(String)]);
    expect(ways()).toEqual([]);
    expect(await wrongs(rig, key)).toEqual([]);
  },
);

/** Stands in for bubblewrap where there is none: starts what it is given, and confines nothing. */
const standIn = `#!/bin/sh
case "$*" in *"! test -w /tmp && ! test -w /run") exit 0;; --version) echo 9.9; exit 0;; esac
until [ "$1" = -- ]; do shift; done
shift
exec "$@"
`;

test.skipIf(process.platform !== "linux")(
  "what a command of okstra's own was kept from is told when it ends, in its log, and in what a set-up that fails says",
  async () => {
    await using ground = await openApproved();
    const { rig } = ground;
    const task = join(rig.home, "worktrees", key, "task");
    chmodSync(rig.write(join(rig.folder, "bin", "bwrap"), standIn), 0o755);
    const env = {
      PATH: `${join(rig.folder, "bin")}:${rig.env["PATH"] ?? ""}`,
      ...{ OKSTRA_SANDBOX: "require", OKSTRA_NETWORK: "model" },
    };
    const asks = `import { request } from "node:http";
if (process.env.CI === "1" || process.env.OKSTRA_HOLD) {
  const { hostname: host, port } = new URL(process.env.HTTPS_PROXY);
  const path = process.env.CI === "1" ? "registry.example:443" : "setup.example:443";
  request({ host, port, method: "CONNECT", path }).on("connect", (came, socket) => {
    socket.destroy();
    process.exitCode = came.statusCode === 403 ? 1 : 0;
  }).end();
}
`;
    rig.write(join(task, "test/start.test.js"), asks);
    rig.gitAt(task, "commit", "--quiet", "-am", "needs a registry");
    const implement = ["implement", key, "--stage", "1", "--agents", agents(rig), "--json"];
    const ran = await rig.okstra(implement, { env });
    const lines = ran.stderr.split("\n");
    const told = lines.findIndex((line) =>
      line.includes('PROGRESS: network "node test/start.test.js" was kept from registry.example:443; what it needs'),
    );
    expect(told, ran.stderr).toBeGreaterThan(0);
    expect(lines.findIndex((line) => line.includes('"node test/start.test.js" failed'))).toBeGreaterThan(told);
    const logs = join(rig.root, ".okstra/tasks/math/add/runs/implementation/stage-1/state/logs-001");
    expect(rig.read(join(logs, "stage-0-1.log"))).toContain("# it was kept from registry.example:443");
    configure(rig, { worktreeSetup: ["node test/start.test.js"] });
    const failed = await rig.okstra([...implement, "--stage", "2"], { env });
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining("[it was kept from setup.example:443")]);
    expect(failed.stderr).toContain(
      'The set-up command "node test/start.test.js" was kept from setup.example:443; what it needs',
    );
  },
);

describe.skipIf(!narrows)(`a narrowed network${unlessNarrowed}`, () => {
  test("what an agent was kept from is told, in the audit and while it goes on; the plan and the manifest, for resumes, know the mode", async () => {
    await using rig = openRig(files);
    const asks = `require("node:http").request({ host: "127.0.0.1", port: new URL(process.env.HTTPS_PROXY).port, method: "CONNECT", path: "registry.example:443" })
      .on("connect", (came, socket) => { socket.destroy(); require("node:fs").writeFileSync(process.env.TMPDIR + "/said", String(came.statusCode)); }).end()`;
    const when = { taskType: "error-analysis", purpose: "blind", worker: "codex" };
    const run = `node -e '${asks}' && test "$(cat "$TMPDIR/said")" = 403`;
    await initialise(rig, [{ when, do: [{ run }], result: noFindings, usage: { input: 1, output: 1 } }]);
    const narrowed = [...analysis(rig), "--sandbox", "require", "--network", "model"];
    const planned = await rig.okstra([...narrowed, "--dry-run"]);
    expect(planned.stdout).toContain("network   model (--network): agents their model's hosts; and nothing else");
    const ran = await rig.okstra([...narrowed, "--json"]);
    expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
    expect(ran.stderr).toContain(
      "PROGRESS: network codex-analyser was kept from registry.example:443; what it needs of these goes into network.allow",
    );
    expect(reportOf(rig)).toMatch(/\*\*Sandbox:\*\* bubblewrap [\d.]+; network: model and allowed places only/);
    const audit =
      ".okstra/tasks/math/add/runs/error-analysis/worker-results/codex-analyser-error-analysis-001-audit.md";
    const manifest = JSON.parse(
      rig.read(".okstra/tasks/math/add/runs/error-analysis/manifests/run-manifest-error-analysis-001.json"),
    ) as RunManifest;
    expect(manifest.invocation.network).toBe("model");
    expect(rig.read(audit)).toContain("it was kept from registry.example:443");
  });
});
