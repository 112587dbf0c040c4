import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Child, Line, Spawned, SuperviseSpec } from "../processes.ts";
import { endAll } from "./descendants.ts";
import { nodeHost } from "./index.ts";
import { startTimeOf } from "./process-table.ts";

const { processes } = nodeHost({ env: process.env, packageRoot: tmpdir() });
const env = { PATH: process.env["PATH"] ?? "" };
let folder = "";
const children: Child[] = [];
const strays: Spawned[] = [];

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "okstra-processes-")));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.end(0)));
  await processes.end(strays.splice(0), 0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sh = (script: string, more: Partial<Parameters<typeof processes.run>[0]> = {}) =>
  processes.run({ command: ["sh", "-c", script], cwd: folder, env, ...more });

/** What was ended may be on its way out for a moment, and would run for a minute by itself. */
async function gone(pid: number): Promise<void> {
  const startTime = startTimeOf(pid);
  expect(startTime === undefined || (await processes.awaitEnd([{ pid, startTime }], 30_000))).toBe(true);
}

type Watched = {
  readonly child: Child;
  readonly lines: Line[];
  readonly errors: string[];
  line(at: number): Promise<string>;
};

let logs = 0;
/** A supervised child whose nth line can be waited for. */
async function watch(command: readonly [string, ...string[]], more: Partial<SuperviseSpec> = {}): Promise<Watched> {
  logs += 1;
  const lines: Line[] = [];
  const errors: string[] = [];
  const waiting: (() => void)[] = [];
  const child = await processes.supervise({
    command,
    cwd: folder,
    env,
    stdin: "",
    logPath: join(folder, `log-${logs}`),
    onStderr: (text) => errors.push(text),
    ...more,
    onLine: (line) => {
      lines.push(line);
      for (const look of waiting.splice(0)) look();
    },
  });
  children.push(child);
  const line = async (at: number): Promise<string> => {
    while (lines.length <= at) await new Promise<void>((look) => waiting.push(look));
    return lines[at]?.text ?? "";
  };
  return { child, lines, errors, line };
}
const node = (script: string): [string, ...string[]] => [process.execPath, "-e", script];
const known = (pid: number): Spawned => {
  const seen = { pid, startTime: startTimeOf(pid) ?? "gone" };
  strays.push(seen);
  return seen;
};
/** A daemon: child of a child, in a session of its own, its parent gone, no pipe of ours. Its pid is printed. */
const daemon = `const c = require("child_process").spawn("sleep", ["60"], { detached: true, stdio: "ignore" }); c.unref(); console.log(c.pid);`;

test("run: exit code, both streams, stdin, only the given environment", async () => {
  const seen = await sh("cat; echo bad >&2; env | cut -d= -f1 | sort | tr '\\n' ' '; exit 3", {
    stdin: "in\n",
    env: { ...env, ONLY: "this" },
  });
  expect(seen).toMatchObject({ exitCode: 3, signal: null, timedOut: false, stderr: "bad\n" });
  expect(seen.stdout).toMatch(/^in\n(OLDPWD )?ONLY PATH PWD (SHLVL )?(_ )?$/);
  expect(seen.durationMs).toBeGreaterThan(0);
});

test("run: a program that is not there is 127, one that may not run 126, a folder that is not there a fault", async () => {
  expect(await processes.run({ command: ["no-such-okstra"], cwd: folder, env, stdin: "x" })).toMatchObject({
    exitCode: 127,
    stderr: "no-such-okstra: command not found\n",
  });
  writeFileSync(join(folder, "plain"), "text");
  expect(await processes.run({ command: [join(folder, "plain")], cwd: folder, env })).toMatchObject({ exitCode: 126 });
  const nowhere = processes.run({ command: ["true"], cwd: join(folder, "none"), env });
  await expect(nowhere).rejects.toMatchObject({ failure: { reason: "file-system" } });
  const nul = processes.run({ command: ["true", "a\0b"], cwd: folder, env });
  await expect(nul).rejects.toMatchObject({ failure: { reason: "file-system" } });
});

test("run: a child that reads no stdin does not disturb", async () => {
  expect(await sh("exec true", { stdin: "x".repeat(1 << 20) })).toMatchObject({ exitCode: 0 });
});

test("run: much output is kept at both ends", async () => {
  const seen = await sh("echo first; seq 1 200000; echo last", { keepBytes: 1000 });
  expect(seen.stdout).toMatch(/^first\n1\n2\n[\s\S]*bytes left out[\s\S]*200000\nlast\n$/);
  expect(seen.stdout.length).toBeLessThan(1100);
});

test("run: what a command leaves in the background is ended, though it holds the pipe and the exit was fine", async () => {
  const seen = await sh("sleep 60 & echo $!");
  expect(seen.exitCode).toBe(0);
  await gone(Number(seen.stdout));
});

test("run: time out ends the group, also one that ignores TERM", async () => {
  const seen = await sh("trap '' TERM; sh -c 'echo $$; sleep 60 & wait'", { timeoutMs: 50 });
  expect(seen).toMatchObject({ exitCode: null, signal: "SIGKILL", timedOut: true });
  await gone(Number(seen.stdout));
});

test("run: an abort ends it and is an interruption", async () => {
  const abort = new AbortController();
  const running = sh("sleep 60", { signal: abort.signal });
  abort.abort();
  await expect(running).rejects.toMatchObject({ failure: { reason: "interrupted" } });
  await expect(sh("true", { signal: abort.signal })).rejects.toMatchObject({ failure: { reason: "interrupted" } });
});

test("supervise: lines, stderr, log, stdin; exit code", async () => {
  const { child, lines, errors } = await watch(["sh", "-c", "cat; echo oops >&2; printf rest; exit 4"], {
    stdin: "é\n{}\n",
    logPath: join(folder, "deep/er/raw.log"),
  });
  expect(startTimeOf(child.pid)).toBe(child.startTime);
  expect(await child.exited).toEqual({ exitCode: 4, signal: null });
  expect(lines.map((line) => line.text)).toEqual(["é", "{}", "rest"]);
  expect(errors.join("")).toBe("oops\n");
  expect(readFileSync(join(folder, "deep/er/raw.log"), "utf8")).toBe("é\n{}\nrest");
  expect(processes.alive(child)).toBe(false);
  expect(processes.askToStop(child)).toBe(false);
});

test("supervise: a program that is not there is a missing agent", async () => {
  await expect(watch(["no-such-okstra"])).rejects.toMatchObject({ failure: { reason: "agent-missing" } });
  await expect(watch([join(folder, "plain")])).rejects.toMatchObject({ failure: { reason: "agent-missing" } });
});

test("supervise: a huge line is cut, the log has all of it, half a character is replaced", async () => {
  const script = `process.stdout.write("x".repeat(3e6) + "\\n"); process.stdout.write(Buffer.from([0x61, 0xe2, 0x82]));`;
  const { child, lines } = await watch(node(script), { maxLineBytes: 1000, logPath: join(folder, "huge.log") });
  expect(await child.exited).toEqual({ exitCode: 0, signal: null });
  expect(lines).toEqual([
    { text: "x".repeat(1000), cut: true },
    { text: "a\ufffd", cut: false },
  ]);
  expect(readFileSync(join(folder, "huge.log")).length).toBe(3e6 + 4);
});

test("supervise: of endless stderr only the beginning is handed on", async () => {
  const { child, errors } = await watch(["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' e >&2"]);
  await child.exited;
  const text = errors.join("");
  expect(text.length).toBeLessThan(1.1 * (1 << 20));
  expect(text).toContain("left out");
});

test("supervise: a grandchild that keeps the pipe does not hold up the end", async () => {
  const { child, line } = await watch(["sh", "-c", "sleep 60 & echo $!"]);
  const grandchild = known(Number(await line(0)));
  expect(await child.exited).toEqual({ exitCode: 0, signal: null });
  expect(processes.alive(grandchild)).toBe(true);
  await child.end(500);
  expect(processes.alive(grandchild)).toBe(false);
});

test("end: TERM first; who ignores it is killed after the grace", async () => {
  const polite = await watch(["sh", "-c", "trap 'echo bye; exit 9' TERM; echo up; while :; do sleep 0.01; done"]);
  await polite.line(0);
  await polite.child.end(5000);
  expect(await polite.child.exited).toEqual({ exitCode: 9, signal: null });
  expect(polite.lines.at(-1)?.text).toBe("bye");
  const stubborn = await watch(["sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"]);
  await stubborn.line(0);
  await stubborn.child.end(50);
  expect(await stubborn.child.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
});

test("end: daemons are found by their mark, after the child has gone too", async () => {
  const mark = { ...env, OKSTRA_DISPATCH: "okstra-test-dispatch-1" };
  const { child, line } = await watch(node(daemon), { env: mark });
  const left = known(Number(await line(0)));
  await child.exited;
  expect(processes.alive(left)).toBe(true);
  expect(await processes.withMark("OKSTRA_DISPATCH", "okstra-test-dispatch-1")).toEqual([left]);
  expect(await processes.withMark("OKSTRA_DISPATCH", "okstra-test-dispatch")).toEqual([]);
  await child.end(500);
  expect(processes.alive(left)).toBe(false);
});

test("end: who execs again and again is found at every look, also in the middle of an exec", async () => {
  const script = join(folder, "again.sh");
  writeFileSync(script, '#!/bin/sh\nexec "$0"\n', { mode: 0o755 });
  const mark = "okstra-test-dispatch-again";
  const start = `const c = require("child_process").spawn(${JSON.stringify(script)}, { detached: true, stdio: "ignore" }); c.unref(); console.log(c.pid);`;
  const { child, line } = await watch(node(start), { env: { ...env, OKSTRA_DISPATCH: mark } });
  const left = known(Number(await line(0)));
  await child.exited;
  let missed = 0;
  for (let look = 0; look < 150; look++) {
    const seen = await processes.withMark("OKSTRA_DISPATCH", mark);
    if (seen.length !== 1) missed += 1;
  }
  expect(missed).toBe(0);
  await child.end(0);
  expect(processes.alive(left)).toBe(false);
});

test("end: daemons of a living child are found by their parent, and others are left alone", async () => {
  const bystander = await watch(["sleep", "60"], { env: { ...env, OKSTRA_DISPATCH: "okstra-test-dispatch-3" } });
  const { child, line } = await watch(node(`${daemon}; setInterval(() => {}, 1000);`));
  const left = known(Number(await line(0)));
  await child.end(500);
  expect(processes.alive(left)).toBe(false);
  expect(processes.alive(bystander.child)).toBe(true);
});

test("end: by pid and start time, with the group; a pid used anew is spared", async () => {
  const { child, line } = await watch(["sh", "-c", "sleep 60 & echo $!; wait"]);
  const grandchild = known(Number(await line(0)));
  await processes.end([{ pid: child.pid, startTime: "1" }], 0);
  await endAll([{ pid: child.pid, startTime: "1" }], 0);
  expect(processes.alive(child)).toBe(true);
  await processes.end([{ pid: child.pid, startTime: child.startTime }], 500);
  expect(processes.alive(child)).toBe(false);
  expect(processes.alive(grandchild)).toBe(false);
});

test("awaitEnd: true once they have ended by themselves, false when they have not", async () => {
  const { child, line } = await watch(["sh", "-c", "echo up; read wait"], { stdin: "" });
  await line(0);
  expect(await processes.awaitEnd([child], 5_000)).toBe(true);
  const other = await watch(["sleep", "60"]);
  expect(await processes.awaitEnd([child, other.child], 20)).toBe(false);
  expect(await processes.awaitEnd([], 0)).toBe(true);
});

test("askToStop signals the one process only", async () => {
  const { child, line } = await watch(["sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!; wait"]);
  const grandchild = known(Number(await line(0)));
  expect(processes.askToStop(child)).toBe(true);
  await child.exited;
  expect(processes.alive(grandchild)).toBe(true);
});

test("find looks along the PATH for what can be executed", async () => {
  const path = `${folder}:${env.PATH}`;
  expect(await processes.find("sh", path)).toMatch(/\/sh$/);
  expect(await processes.find("plain", path)).toBeUndefined();
  expect(await processes.find("no-such-okstra", path)).toBeUndefined();
  expect(await processes.find(process.execPath, "")).toBe(process.execPath);
});

test("ancestorHas sees this process's own environment", async () => {
  expect(await processes.ancestorHas("PATH")).toBe(true);
  expect(await processes.ancestorHas("OKSTRA_NO_SUCH_VARIABLE")).toBe(false);
});

test("launchDetached: its own group, its output in the log", async () => {
  const logPath = join(folder, "new/detached.log");
  const self = await processes.launchDetached({
    command: ["sh", "-c", "echo hi; exec sleep 60"],
    cwd: folder,
    env,
    logPath,
  });
  strays.push(self);
  expect(processes.alive(self)).toBe(true);
  while (readFileSync(logPath, "utf8") !== "hi\n") await new Promise((turn) => setImmediate(turn));
  const missing = processes.launchDetached({ command: ["no-such-okstra"], cwd: folder, env, logPath });
  await expect(missing).rejects.toMatchObject({ failure: { reason: "agent-missing" } });
});
