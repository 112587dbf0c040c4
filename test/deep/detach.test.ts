/** Runs in processes of their own. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DetachedAnswer, DetachedRunAnswer } from "../../src/cli/steering.schema.ts";
import { checkDetachedAnswer, checkDetachedRunAnswer } from "../../src/generated/steering.check.js";
import { agents, files, finding, initialise, key, noFindings } from "../rig/calculator.ts";
import { type Puppets, puppets } from "../rig/puppet.ts";
import { openRig, type Ran, type Rig } from "../rig/rig.ts";

const place = (program: string): string =>
  execFileSync("sh", ["-c", `command -v ${program} || true`], { encoding: "utf8" }).trim();
const tmux = place("tmux");
let rig: Rig;
let held: Puppets;
let env: { TMUX_TMPDIR: string };
let without: { PATH: string };

beforeAll(async () => {
  rig = openRig(files);
  env = { TMUX_TMPDIR: `${rig.folder}/t` };
  without = { PATH: `${rig.folder}/bin` };
  mkdirSync(env.TMUX_TMPDIR);
  mkdirSync(without.PATH);
  for (const program of ["git", "sh", "node"]) symlinkSync(place(program), `${without.PATH}/${program}`);
  held = await puppets(`${rig.folder}/p.sock`);
  const waiting = { when: { purpose: "blind", worker: "claude" }, do: [{ puppet: held.path }] };
  await initialise(rig, [{ ...waiting, result: { ...noFindings, findings: [finding("C-F1")] } }]);
}, 60_000);
afterAll(async () => {
  await held[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

/** Settles when the process is gone; it is no child of ours, so the system tells nobody. */
async function ended(pid: number | null): Promise<void> {
  while (pid !== null && isThere(pid)) await setTimeout(20);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const analysis = (...more: string[]): string[] => [
  ...["run", "--task-key", key, "--task-type", "error-analysis", "--agents", agents(rig), "--detach", "--json"],
  ...more,
];

/** The answer of a command that detached a run; the run is under way when it comes. */
function detachedOf(ran: Ran): DetachedRunAnswer {
  const answer = ran.json<DetachedRunAnswer>();
  expect(checkDetachedRunAnswer(answer), ran.stdout + ran.stderr).toBe(true);
  expect([ran.code, answer.outcome]).toEqual([0, null]);
  return answer;
}

test("without tmux: a session of its own without a terminal, waited for like any other", async () => {
  const brief = ["--brief", `${rig.folder}/brief.md`, "--base-ref", "main"];
  const { id, detached } = detachedOf(await rig.okstra(analysis(...brief), { env: without }));
  expect([id, detached.sessionName]).toEqual([`${key}@error-analysis#001`, null]);
  const seen = execFileSync("ps", ["-o", "sid=,tty=", "-p", String(detached.pid)], { encoding: "utf8" });
  expect(seen.trim().split(/\s+/)).toEqual([String(detached.pid), "?"]);
  const waiting = rig.launch(["wait", id]);
  await held.arrived(1);
  held.go();
  expect((await waiting.done).code).toBe(0);
  expect(readFileSync(detached.log, "utf8")).toContain("PROGRESS: phase-7-record completed");
});

test.skipIf(tmux === "")("with tmux: one can attach, the log is kept, the session ends with the run", async () => {
  const { id, detached } = detachedOf(await rig.okstra(analysis(), { env }));
  await held.arrived(2);
  const session = detached.sessionName ?? "";
  const ask = (...args: string[]): string =>
    execFileSync(tmux, ["-L", session, ...args], { env: { ...process.env, ...env }, encoding: "utf8" });
  expect(detached.attach).toBe(`tmux -L ${session} attach`);
  expect(ask("list-sessions", "-F", "#{session_name}")).toBe(`${session}\n`);
  const waiting = rig.launch(["wait", id]);
  held.go();
  expect((await waiting.done).code).toBe(0);
  while (spawnSync(tmux, ["-L", session, "has-session"], { env: { ...process.env, ...env } }).status === 0)
    await setTimeout(20);
  expect(readdirSync(env.TMUX_TMPDIR, { recursive: true }).map(String).join()).not.toContain(session);
  expect(readFileSync(detached.log, "utf8")).toMatch(/phase-7-record completed(.*\n)+.*#002: completed(.*\n)+/);
});

test("a process that ends before the run began is a failure that says why", async () => {
  const done = await rig.okstra(["resume", `${key}@error-analysis#001`, "--detach", "--json"], { env: without });
  const { error } = done.json<{ error: { reason: string; message: string } }>();
  expect([done.code, error.reason]).toEqual([1, "run-not-executed"]);
  expect(error.message).toContain("has already ended");
});

test("go: the same command again, with a log in the home", async () => {
  const ran = await rig.okstra(["go", key, "--agents", agents(rig), "--detach", "--json"], { env: without });
  const answer = ran.json<DetachedAnswer>();
  expect(checkDetachedAnswer(answer), ran.stdout).toBe(true);
  expect(answer.detached.log.startsWith(`${rig.home}/detached/okstra-go-add-`)).toBe(true);
  await held.arrived(3);
  const id = `${key}@implementation-planning#001`;
  const waiting = rig.launch(["wait", id]);
  held.go();
  expect((await waiting.done).code).toBe(0);
  await ended(answer.detached.pid);
  expect(readFileSync(answer.detached.log, "utf8")).toMatch(
    /implementation-planning#001: completed(.*\n)+.*okstra approve/,
  );
});
