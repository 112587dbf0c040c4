/**
 * The whole lifecycle with the three real programs, as `okstra demo --agents real` plays it: each checks, each builds one stage, by its
 * own tools. Real edits, real commits, and the numbers that the server charged; where something confines, also writes that must fail.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkDemoAnswer } from "../../src/generated/answers.check.js";
import type { RunSummary } from "../../src/lifecycle/task.schema.ts";
import type { Report } from "../../src/report/report.schema.ts";
import { confiner } from "../confiner.ts";
import { pinned, suiteOf } from "../real-agents.ts";
import { openRig, type Rig } from "../rig/rig.ts";

const names = ["claude", "codex", "gemini"];
const missing = names.map(suiteOf).filter(({ skip }) => skip);
const sums = { input: expect.any(Number), cachedInput: expect.any(Number), output: expect.any(Number) };

type Demo = {
  readonly project: string;
  readonly verdict: string;
  readonly runs: readonly RunSummary[];
  readonly real: {
    readonly agents: readonly { readonly name: string; readonly version: string; readonly calls: number }[];
    readonly charged: Readonly<Record<string, number>>;
    readonly counted: Readonly<Record<string, number>>;
    readonly attempts: number;
    readonly changed: readonly string[];
  };
};

/** What each program wrote of its own sessions is kept with the run, is looked at afterwards, and cannot be changed unseen. */
async function looksBack(rig: Rig, { project, runs }: Demo, home: string): Promise<void> {
  type Answer = { checks: { id: string; ok: boolean; severity: string; where: string; message: string }[] };
  const validate = async (what: string, id: string) =>
    (await rig.okstra(["validate", what, id, "--json"], { cwd: project, env: { OKSTRA_HOME: home } })).json<Answer>()
      .checks;
  for (const { id } of runs.filter(({ taskType }) => taskType !== "release-handoff")) {
    const checks = await validate("session", id);
    expect(checks.filter(({ ok, severity }) => !ok && severity === "error")).toEqual([]);
    const logs = checks.filter((check) => check.id.startsWith("session:log:"));
    expect(logs.length).toBeGreaterThan(0);
    for (const { id: check, message } of logs) expect(message, check).toContain(".session-1.log");
  }
  for (const { runDir } of runs.filter(({ taskType }) => taskType !== "release-handoff"))
    for (const name of readdirSync(join(runDir, "worker-results")).filter((name) => name.includes("audit"))) {
      const audit = rig.read(join(runDir, "worker-results", name));
      const [stream, log] = ["stream", "session log"].map((by) => new RegExp(`Tokens by its ${by}: (.*)`).exec(audit));
      expect([name, log?.[1]]).toEqual([name, stream?.[1]]);
    }
  const [first] = runs;
  if (first === undefined) return expect.unreachable();
  const folder = join(first.runDir, "prompts");
  const logs = readdirSync(folder).filter((name) => name.endsWith(".session-1.log"));
  for (const name of names) expect(logs.some((log) => log.startsWith(`${name}-`))).toBe(true);
  for (const name of logs) {
    const text = rig.read(join(folder, name));
    rig.write(join(folder, name), text.replace(/\n.*\n/, "\n"));
    const found = (await validate("run", first.id)).filter(({ ok }) => !ok).map(({ where }) => where);
    expect(found, name).toContain(join(folder, name));
    rig.write(join(folder, name), text);
  }
}

describe.skipIf(missing.length > 0)(["lifecycle", ...missing.map(({ name }) => name)].join(", "), () => {
  test("from a fault to work that is handed over", async () => {
    await using rig = openRig({});
    const programs = join(rig.folder, "programs");
    mkdirSync(programs);
    for (const name of names) {
      const at = pinned(name);
      if ("path" in at) symlinkSync(at.path, join(programs, name));
    }
    const kept = join(rig.folder, "kept");
    const ran = await rig.okstra(["demo", "--agents", "real", "--dir", kept, "--keep", "--json"], {
      env: { PATH: `${programs}:${rig.env["PATH"] ?? ""}` },
    });
    expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(0);
    const demo = ran.json<Demo>();
    expect(checkDemoAnswer(demo), JSON.stringify(checkDemoAnswer.errors)).toBe(true);
    expect(demo.verdict).toBe("accepted");
    expect(demo.runs.map(({ outcome, usage }) => [outcome, usage.unknown])).toEqual(
      demo.runs.map(() => ["completed", 0]),
    );

    const { agents, charged, counted, attempts, changed } = demo.real;
    expect(counted).toEqual(charged);
    expect(charged).toEqual(sums);
    expect(agents.map(({ name, calls }) => [name, calls > 5])).toEqual(names.map((name) => [name, true]));
    expect([attempts, changed]).toEqual([confiner === null ? 0 : 6, []]);

    const reports = demo.runs.map(({ report }) => JSON.parse(readFileSync(report?.data ?? "", "utf8")) as Report);
    expect(reports.map(({ scripted }) => scripted)).toEqual(reports.map(() => false));
    // Each of them built a stage.
    const builders = ["claude=executor/anthropic", "codex=executor/openai", "gemini=executor/google"];
    expect(ran.stderr.match(/\w+=executor\/\w+/g)).toEqual(builders);
    const branch = demo.runs.find(({ taskType }) => taskType === "final-verification")?.worktree;
    const subjects = rig
      .gitAt(demo.project, "log", "--no-merges", "--format=%s", `main..${branch?.branch}`)
      .split("\n");
    expect(subjects.map((subject) => subject.replace(/:.*/, "")).sort()).toEqual([
      "docs(readme)",
      "fix(discount)",
      "fix(invoice)",
      "fix(vat)",
      "test(discount)",
      "test(invoice)",
      "test(vat)",
    ]);
    execFileSync("node", ["--test"], { cwd: branch?.path, stdio: "pipe" });
    expect(rig.leftRunning()).toEqual([]);
    await looksBack(rig, demo, join(kept, "home"));
  });
});
