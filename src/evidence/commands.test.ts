import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { take } from "../model/index.ts";
import { type CommandAsk, logName, runCommand } from "./index.ts";

async function run(rig: TestRepository, command: string, more: Partial<CommandAsk> = {}) {
  const logPath = join(rig.folder, "logs", "one.log");
  const env = { PATH: process.env["PATH"] ?? "", HOME: join(rig.folder, "fresh home") };
  const ask = { name: "test", command, cwd: rig.root, commit: rig.start, env, timeoutMs: 20_000, logPath, ...more };
  const done = take(await runCommand(rig.host, ask));
  return { done, log: rig.read(logPath) ?? "" };
}

test("passed and failed, with both streams in the log", async () => {
  using rig = testRepository();
  const passed = await run(rig, "echo out; echo err >&2");
  expect(passed.done).toMatchObject({
    name: "test",
    exitCode: 0,
    outcome: "passed",
    commit: rig.start,
    sandbox: "none",
  });
  expect(passed.log).toContain("$ echo out; echo err >&2\n");
  expect(passed.log).toMatch(/\nout\n# standard error\nerr\n# exit 0 after \d+ ms\n$/);
  expect((await run(rig, "exit 3")).done).toMatchObject({ exitCode: 3, outcome: "failed" });
});

test("what did not run: no program, not executable, over its limit, killed", async () => {
  using rig = testRepository();
  expect((await run(rig, "no-such-program-here")).done).toMatchObject({ exitCode: 127, outcome: "did-not-run" });
  expect((await run(rig, "./README.md")).done).toMatchObject({ exitCode: 126, outcome: "did-not-run" });
  expect((await run(rig, "kill -KILL $$")).done).toMatchObject({ exitCode: null, outcome: "did-not-run" });
  const slow = await run(rig, "sleep 60 & sleep 60", { timeoutMs: 100 });
  expect(slow.done).toMatchObject({ exitCode: null, outcome: "did-not-run" });
  expect(slow.log).toContain("over its limit of 100 ms");
});

test("a runner that found no test did no work", async () => {
  using rig = testRepository();
  rig.write("test/empty.test.js", "");
  rig.write("test/full.test.js", 'require("node:test")("one", () => {});');
  const node = `"${process.execPath}" --test --test-reporter=tap`;
  expect((await run(rig, `${node} --test-name-pattern=nothing test/full.test.js`)).done.outcome).toBe("no-work");
  expect((await run(rig, `${node} test/full.test.js`)).done.outcome).toBe("passed");
});

test("the environment is what was given, HOME exists, and stdin is closed", async () => {
  using rig = testRepository();
  process.env["OKSTRA_TEST_LEAK"] = "leaked";
  try {
    const { log } = await run(
      rig,
      'cat; echo "home: $HOME"; test -d "$HOME" && echo there; echo "leak: $OKSTRA_TEST_LEAK."',
    );
    expect(log).toContain(`home: ${join(rig.folder, "fresh home")}\nthere\nleak: .`);
  } finally {
    delete process.env["OKSTRA_TEST_LEAK"];
  }
});

test("secrets are taken out of the log, the longest first", async () => {
  using rig = testRepository();
  const { log } = await run(rig, "echo hunter2hunter2-and-more hunter2hunter2; echo abc; echo sk-1 >&2", {
    secrets: ["hunter2hunter2", "hunter2hunter2-and-more", "abc"],
    redact: (text) => text.replaceAll("sk-1", "[key]"),
  });
  expect(log).not.toContain("hunter2");
  expect(log).toContain("[redacted] [redacted]\nabc\n");
  expect(log).toContain("[key]");
});

test("a command can be wrapped to run confined", async () => {
  using rig = testRepository();
  const { done, log } = await run(rig, "echo $1", {
    confine: async ([, ...rest]) => ["/bin/sh", ...rest, "sh", "wrapped"],
    sandbox: "mine",
  });
  expect(done.sandbox).toBe("mine");
  expect(log).toContain("\nwrapped\n");
});

test("what its network kept a command from stands in its log", async () => {
  using rig = testRepository();
  const { log } = await run(rig, "echo tried; exit 1", {
    kept: async (command) => `it was kept from a.example:443 (${command})`,
  });
  expect(log).toMatch(/\ntried\n# it was kept from a\.example:443 \(echo tried; exit 1\)\n# exit 1 after \d+ ms\n$/);
  expect((await run(rig, "true", { kept: async () => null })).log).not.toContain("kept");
});

test("a folder that is gone is a failure, not a result; an interrupt passes on", async () => {
  using rig = testRepository();
  const ask = { name: "t", command: "true", commit: null, env: {}, timeoutMs: 1_000, logPath: join(rig.folder, "l") };
  expect(await runCommand(rig.host, { ...ask, cwd: join(rig.folder, "gone") })).toMatchObject({
    ok: false,
    error: { reason: "file-system" },
  });
  const stop = AbortSignal.abort();
  expect(await runCommand(rig.host, { ...ask, cwd: rig.root, command: "sleep 60", signal: stop })).toMatchObject({
    ok: false,
    error: { reason: "interrupted" },
  });
});

test("two commands of one name have logs of their own", () => {
  expect(logName("post", "npm test")).toBe(logName("post", "npm test"));
  expect(logName("post", "npm test")).not.toBe(logName("post", "npm run test"));
});
