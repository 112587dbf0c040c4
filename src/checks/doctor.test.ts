import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { worldOf } from "../../test/world-of.ts";
import type { Host } from "../host/index.ts";
import { take } from "../model/index.ts";
import { changeRegistry, openHome, registerProject } from "../registry/index.ts";
import type { RegistryEntry } from "../registry/registry.schema.ts";
import { type AgentSeen, doctor, resultLine } from "./index.ts";

const claude: AgentSeen = { name: "claude", present: true, version: "2.1.0", note: "logged in", needed: true };

async function registered(rig: TestRepository): Promise<void> {
  take(await openHome(rig.host, rig.home));
  rig.write(".okstra/project.json", JSON.stringify({ schemaVersion: 1, projectId: "shop", projectRoot: "." }));
  take(await registerProject(rig.host, rig.home, { projectId: "shop", projectRoot: rig.root }));
}

type Of = {
  host?: Host;
  agents?: AgentSeen[];
  cwd?: string;
  fix?: boolean;
  sandbox?: "auto" | "require" | "off";
  network?: "open" | "model";
};

async function look(rig: TestRepository, of: Of = {}) {
  const list = take(
    await doctor(worldOf(of.host ?? rig.host, rig.home), {
      cwd: of.cwd ?? rig.root,
      sandbox: { asked: of.sandbox ?? "auto", source: "built in" },
      network: { asked: of.network ?? "open", source: "built in" },
      agents: async () => of.agents ?? [claude],
      fix: of.fix ?? false,
    }),
  );
  const row = (id: string) => list.checks.find((check) => check.id === id) ?? expect.unreachable(`no row ${id}`);
  return { list, row };
}

test("a healthy place: every row about okstra's own needs is ok, nothing is left behind", async () => {
  using rig = testRepository();
  await registered(rig);
  const { list, row } = await look(rig);
  expect(list.ok).toBe(true);
  expect(resultLine(list)).toBe("result: OK");
  for (const id of ["node", "git", "agent:claude", "project", "settings:project", "home", "registry", "hooks"])
    expect([id, row(id).ok]).toEqual([id, true]);
  expect(row("project")).toMatchObject({ where: rig.root, message: "shop" });
  expect((await rig.host.files.list(rig.home)).filter(({ name }) => name.startsWith(".doctor"))).toEqual([]);
  expect(list.checks.filter(({ ok, remedy }) => !ok && remedy === "")).toEqual([]);
});

test("a variable of okstra's own that says what it cannot say has a row", async () => {
  using rig = testRepository();
  await registered(rig);
  expect((await look(rig)).list.checks.filter(({ id }) => id === "settings:environment")).toEqual([]);
  const machine = { ...rig.host.machine, env: { ...rig.host.machine.env, OKSTRA_SANDBOX: "maybe" } };
  const { list, row } = await look(rig, { host: { ...rig.host, machine } });
  expect(list.ok).toBe(false);
  expect(row("settings:environment")).toMatchObject({ ok: false, severity: "error" });
  expect(row("settings:environment").message).toContain("OKSTRA_SANDBOX");
  expect(row("settings:environment").remedy).not.toBe("");
});

test("a fresh machine: no home and no project are no failure", async () => {
  using rig = testRepository();
  const { list, row } = await look(rig, { agents: [] });
  expect(list.ok).toBe(true);
  expect(row("home").message).toBe("will be made by the first run");
  expect(row("project")).toMatchObject({
    ok: false,
    severity: "warning",
    remedy: "Run okstra init in the project's folder",
  });
  expect(await rig.host.files.look(rig.home)).toBeUndefined();
});

test("agents that are missing: a failure where they are needed", async () => {
  using rig = testRepository();
  const { list, row } = await look(rig, {
    agents: [
      claude,
      { ...claude, name: "codex", present: false },
      { ...claude, name: "gemini", present: false, needed: false, note: "" },
      { ...claude, name: "acp", present: false, needed: false, note: "no driver", remedy: "Let scripted agents play" },
    ],
  });
  expect(row("agent:codex")).toMatchObject({ ok: false, severity: "error" });
  expect(row("agent:acp")).toMatchObject({ message: "no driver", remedy: "Let scripted agents play" });
  expect(row("agent:gemini")).toMatchObject({ ok: false, severity: "warning" });
  expect(resultLine(list)).toBe("result: 1 problem");
});

test("versions that are too old, a disk that is full, the other kind of lock", async () => {
  using rig = testRepository();
  await registered(rig);
  const { host } = rig;
  const poor: Host = {
    ...host,
    machine: { ...host.machine, nodeVersion: "v20.18.9" },
    git: { ...host.git, version: async () => ({ major: 2, minor: 37, text: "git version 2.37.1" }) },
    files: { ...host.files, freeBytes: async () => 50 * 1024 * 1024 },
    locks: { ...host.locks, kind: host.locks.kind === "flock" ? "link" : "flock" },
  };
  const { list, row } = await look(rig, { host: poor });
  for (const id of ["node", "git", "disk", "locks"])
    expect([id, row(id).severity, row(id).ok]).toEqual([id, "error", false]);
  expect(resultLine(list)).toBe("result: 4 problems");
  const { row: fine } = await look(rig, {
    host: {
      ...host,
      machine: { ...host.machine, nodeVersion: "22.0.0" },
      files: { ...host.files, freeBytes: async () => 1024 ** 3 },
    },
  });
  expect(fine("node").ok).toBe(true);
  expect(fine("disk")).toMatchObject({ ok: false, severity: "warning" });
});

test("broken settings, a broken registry, an open home", async () => {
  using rig = testRepository();
  await registered(rig);
  rig.write(".okstra/project.json", '{"schemaVersion":1,"projectId":"shop","projectRoot":".","qaComands":{}}');
  rig.write(join(rig.home, "worktrees/registry.json"), '{"schemaVersion":1');
  rig.write(join(rig.home, "config.json"), "{");
  chmodSync(rig.home, 0o755);
  const { list, row } = await look(rig);
  expect(row("settings:project")).toMatchObject({
    ok: false,
    message: expect.stringContaining('did you mean "qaCommands"?'),
  });
  expect(row("settings:global").message).toContain("line 1, column 2");
  expect(row("registry").ok).toBe(false);
  expect(row("home:mode")).toMatchObject({ severity: "warning", remedy: `chmod 700 ${rig.home}` });
  expect(resultLine(list)).toBe("result: 3 problems");
});

test("what killed processes left in the registry", async () => {
  using rig = testRepository();
  await registered(rig);
  const { machine } = rig.host;
  const placeOf = (name: string): string =>
    join(rig.folder, "worktrees", "shop", "q3", ...(name.includes("#") ? name.split("#") : [name, "task"]));
  for (const name of ["killed", "working"]) mkdirSync(placeOf(name), { recursive: true });
  const entry = (
    name: string,
    status: RegistryEntry["status"],
    more: Partial<RegistryEntry> & { dead?: boolean } = {},
  ): RegistryEntry => {
    const { dead, ...rest } = more;
    return {
      key: `shop/q3/${name}`,
      worktreePath: placeOf(name),
      branch: `feat-${name}`,
      baseRef: "main",
      baseCommit: rig.start,
      repository: rig.repository.commonDir,
      phase: "implementation",
      stage: null,
      plan: null,
      cycle: 0,
      status,
      intent: null,
      holder: {
        run: `shop/q3/${name}@implementation.stage-1#001`,
        nonce: "n",
        pid: machine.pid,
        startTime: dead ? "0" : machine.startTime,
        bootId: machine.bootId,
        machine: machine.name,
      },
      slot: 0,
      implementationBase: {},
      createdAt: "2026-01-01T00:00:00.000Z",
      updatedAt: "2026-01-01T00:00:00.000Z",
      ...rest,
    };
  };
  const entries = [
    entry("killed", "pending", { dead: true }),
    entry("working", "pending"),
    entry("gone", "active"),
    entry("stage#stage-1", "active", { dead: true, stage: 1 }),
    entry("branchless", "active"),
  ];
  for (const name of ["gone", "stage#stage-1"]) rig.git(rig.root, "branch", `feat-${name}`);
  take(
    await changeRegistry(rig.host, rig.home, "test", () => ({
      schemaVersion: 1,
      entries: Object.fromEntries(entries.map((one) => [one.key, one])),
    })),
  );
  const { list, row } = await look(rig);
  const held = list.checks.filter(({ id }) => id.includes(":shop/q3/")).map(({ id, severity }) => `${severity} ${id}`);
  expect(held).toEqual([
    "warning hold:shop/q3/killed",
    "error tree:shop/q3/gone",
    "warning hold:shop/q3/stage#stage-1",
    "error tree:shop/q3/stage#stage-1",
    "error branch:shop/q3/branchless",
  ]);
  expect(row("tree:shop/q3/gone").remedy).toMatch(/ worktree add -f '/);
  expect(row("hold:shop/q3/stage#stage-1").remedy).toContain("okstra worktree release shop/q3/stage --stage 1");
});

test("hooks are named; a hooks path that leads nowhere is told", async () => {
  using rig = testRepository();
  const hook = join(rig.repository.commonDir, "hooks/pre-commit");
  rig.write(hook, "#!/bin/sh\n");
  expect((await look(rig)).row("hooks").message).toBe("no hooks");
  chmodSync(hook, 0o755);
  expect((await look(rig)).row("hooks").message).toBe("hooks that run: pre-commit");
  rig.git(rig.root, "config", "core.hooksPath", ".husky");
  expect((await look(rig)).row("hooks")).toMatchObject({ ok: false, severity: "warning" });
  expect((await look(rig, { cwd: rig.folder })).row("hooks").message).toContain("no git repository");
});

test("where git knows nobody, whose name okstra's commits bear is told", async () => {
  using rig = testRepository();
  await registered(rig);
  expect((await look(rig)).row("identity")).toMatchObject({ ok: false, severity: "warning", where: rig.root });
  expect((await look(rig)).row("identity").message).toContain("okstra <okstra@localhost>");
  rig.git(rig.root, "config", "user.name", "Ada");
  rig.git(rig.root, "config", "user.email", "ada@example.org");
  expect((await look(rig)).list.checks.filter(({ id }) => id === "identity")).toEqual([]);
});

test("an agent that is there and not logged in is a warning that says how to log in", async () => {
  using rig = testRepository();
  const remedy = "Start claude once, or set ANTHROPIC_API_KEY";
  const { row } = await look(rig, { agents: [{ ...claude, note: "not logged in", loggedIn: false, remedy }] });
  expect(row("agent:claude")).toMatchObject({ severity: "warning", message: "2.1.0; not logged in", remedy });
});

test("confinement is tried; without it a warning, and a failure where it is required", async () => {
  using rig = testRepository();
  const host = (program: string | undefined, exitCode: number): Host => ({
    ...rig.host,
    machine: { ...rig.host.machine, platform: "linux", startTime: "1", bootId: "b" },
    processes: {
      ...rig.host.processes,
      find: async (name, path) => (name === "bwrap" ? program : await rig.host.processes.find(name, path)),
      run: async () => ({ exitCode, signal: null, timedOut: false, stdout: "9.1", stderr: "no", durationMs: 1 }),
    },
  });
  const row = async (of: Of) => (await look(rig, of)).row("sandbox");
  expect(await row({ host: host("/usr/bin/bwrap", 0) })).toMatchObject({
    ok: true,
    message: "bubblewrap 9.1 confines agents and commands; sandbox: auto (built in)",
  });
  expect(await row({ host: host("/usr/bin/bwrap", 0), sandbox: "off" })).toMatchObject({
    ok: false,
    severity: "warning",
  });
  expect(await row({ host: host("/usr/bin/bwrap", 1) })).toMatchObject({
    severity: "warning",
    message: expect.stringMatching(/^bwrap does not work here: no: agents and commands are not confined/),
  });
  expect(await row({ host: host(undefined, 0), sandbox: "require" })).toMatchObject({
    severity: "error",
    ok: false,
    message: expect.stringContaining("nothing is started"),
    remedy: expect.stringContaining("Install bubblewrap"),
  });
  const network = async (of: Of) => (await look(rig, of)).row("network");
  expect(await network({ host: host(undefined, 0) })).toMatchObject({
    ok: true,
    message: "confined agents and commands reach everything; network.mode: open (built in)",
  });
  expect(await network({ host: host("/usr/bin/bwrap", 0), network: "model" })).toMatchObject({
    ok: true,
    message: expect.stringContaining("bubblewrap 9.1 gives each a network of its own"),
  });
  expect(await network({ host: host(undefined, 0), network: "model" })).toMatchObject({
    ...{ ok: false, severity: "error" },
    message: expect.stringContaining("nothing is started"),
    remedy: expect.stringContaining("network.mode in the settings"),
  });
});
