/**
 * What `--dry-run` says of an agent is what it then gets: command line, folder and names of variables, for each driver of a program.
 * The programs are played by scripts that write down what they were started with, and fail.
 */
import { chmodSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunPlan } from "../../src/engine/run-plan.schema.ts";
import { configure } from "../rig/attempts.ts";
import { files, initialise, key, untilApproved } from "../rig/calculator.ts";
import { openRig, type Rig } from "../rig/rig.ts";

const names = ["claude", "codex", "gemini"];
const login = { ANTHROPIC_API_KEY: "dummy", CODEX_API_KEY: "dummy", GEMINI_API_KEY: "dummy" };

/** Programs first on the PATH; each start leaves a file below `said`, its parts divided by NUL. */
function playing(rig: Rig): Record<string, string> {
  const said = join(rig.folder, "said");
  rig.write(join(said, "none"), "");
  for (const name of names) {
    const lines = [
      '[ "$1" = --version ] && { echo 1.2.3; exit 0; }',
      "cat > /dev/null",
      `{ printf '%s\\0' "$0" "$@" "in $(pwd)"; env -0 | cut -z -d= -f1; } > '${said}/${name}'-$$`,
      "exit 1",
    ];
    chmodSync(rig.write(join(rig.folder, "bin", name), `#!/bin/sh\n${lines.join("\n")}\n`), 0o755);
  }
  return { PATH: `${join(rig.folder, "bin")}:${rig.env["PATH"] ?? ""}`, ...login };
}

type Start = {
  readonly worker: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly sees: readonly string[];
};

/** A shell sets some of its own. */
const ofTheShell = ["PWD", "OLDPWD", "SHLVL", "_"];

const startsIn = (rig: Rig): readonly Start[] =>
  readdirSync(join(rig.folder, "said"))
    .filter((name) => name !== "none")
    .map((name) => {
      const parts = rig
        .read(join(rig.folder, "said", name))
        .split("\0")
        .slice(0, -1);
      const at = parts.findLastIndex((part) => part.startsWith("in /"));
      const sees = parts.slice(at + 1).filter((one) => !ofTheShell.includes(one));
      const cwd = (parts[at] ?? "").slice("in ".length);
      return { worker: name.split("-")[0] ?? "", command: parts.slice(0, at), cwd, sees: sees.sort() };
    });

/** The command as started, with what only a dispatch knows written as the dry-run writes it. */
function asForeseen({ command }: Start, gitFolders: readonly string[]): readonly string[] {
  const shown = command.map((word, at) => {
    if (command[at - 1] === "--max-budget-usd" && Number(word) > 0) return "<budget left>";
    if (word.startsWith('{"')) return "<schema>";
    if (gitFolders.includes(word)) return "<git folders>";
    return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/.test(word) ? "<session>" : word;
  });
  const twice = shown.indexOf("<git folders>", shown.indexOf("<git folders>") + 1);
  return twice < 0 ? shown : shown.filter((_, at) => at !== twice && at !== twice - 1);
}

async function foreseenAndStarted(rig: Rig, env: Record<string, string>, args: readonly string[]) {
  const dry = await rig.okstra([...args, "--dry-run", "--json"], { env });
  expect(dry.code, dry.stdout + dry.stderr).toBe(0);
  expect(startsIn(rig)).toEqual([]);
  await rig.okstra([...args, "--json"], { env });
  return { plan: dry.json<RunPlan>(), starts: startsIn(rig) };
}

test("an analysis: each analyser as it was foreseen", async () => {
  await using rig = openRig(files);
  await initialise(rig);
  const env = playing(rig);
  configure(rig, { agents: { codex: { args: ["-c", 'x="y z"'], env: { MODE: "fast", GONE: "$NOT_THERE" } } } });
  const { plan, starts } = await foreseenAndStarted(rig, env, [
    ...["run", join(rig.folder, "brief.md"), "--task-key", key, "--task-type", "error-analysis"],
    ...["--base-ref", "main", "--agents", names.join(",")],
  ]);
  expect(starts.map(({ worker }) => worker).sort()).toEqual(names);
  for (const start of starts) {
    const foreseen = plan.agents.find(({ worker, role }) => worker === start.worker && role === "analyser");
    const mayOvershoot = start.worker !== "claude";
    expect(foreseen).toMatchObject({ access: "read-only", mayWrite: [], cwd: start.cwd, mayOvershoot });
    expect(asForeseen(start, [])).toEqual(foreseen?.command);
    expect(start.sees).toEqual(foreseen?.environment);
  }
});

test("a stage: each executor as it was foreseen", async () => {
  await using rig = openRig(files);
  await initialise(rig);
  await untilApproved(rig);
  const env = playing(rig);
  const putBack = rig.keep();
  for (const name of names) {
    const { plan, starts } = await foreseenAndStarted(rig, env, [
      ...["implement", key, "--stage", "1", "--executor", name, "--agents", names.join(",")],
    ]);
    const foreseen = plan.agents.find(({ role }) => role === "executor");
    const [start] = starts;
    if (start === undefined) return expect.unreachable(`${name} was not started`);
    expect(foreseen).toMatchObject({ access: "workspace-write", cwd: start.cwd });
    const gitFolders = existsSync(join(start.cwd, ".git"))
      ? rig.gitAt(start.cwd, "rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir").split("\n")
      : [];
    expect(asForeseen(start, gitFolders)).toEqual(foreseen?.command);
    expect(start.sees).toEqual(foreseen?.environment);
    putBack();
  }
});
