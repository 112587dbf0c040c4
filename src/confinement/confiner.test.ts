import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { confiner, unlessConfined } from "../../test/confiner.ts";
import { type TestFolder, testFolder } from "../../test/folder.ts";
import type { Host } from "../host/index.ts";
import { take } from "../model/index.ts";
import { type Command, findConfiner, type Rule, seen, written } from "./index.ts";

const env = { PATH: process.env["PATH"] ?? "", OKSTRA_DISPATCH: "okstra-test-confined" };

async function run(rig: TestFolder, command: Command, rules: readonly Rule[]) {
  const wrapped = (await confiner?.wrap(command, rig.root, rules)) ?? command;
  return await rig.host.processes.run({ command: wrapped, cwd: rig.root, env });
}

const sh = (script: string): Command => ["/bin/sh", "-c", script];

test.skipIf(confiner === null)(`what rules say of a path holds, for root too${unlessConfined}`, async () => {
  using rig = testFolder();
  for (const name of ["hidden/kept", "hidden/deep/kept", "seen/kept", "written/kept", "private/kept", "rest/kept"]) {
    mkdirSync(join(rig.folder, name, ".."), { recursive: true });
    writeFileSync(join(rig.folder, name), "as it was");
  }
  writeFileSync(join(rig.folder, "secret"), "secret");
  const at = (name: string) => join(rig.folder, name);
  const rules: readonly Rule[] = [
    { path: at("hidden"), as: "hidden" },
    { path: at("secret"), as: "hidden" },
    { path: at("private"), as: "private" },
    seen(at("hidden/deep")),
    written(at("written")),
    seen(at("written/kept")),
    written(at("is not there")),
  ];
  const look = `for f in hidden/kept hidden/deep/kept seen/kept written/kept private/kept rest/kept secret; do
    [ -s "../$f" ] && echo "reads $f"; { echo x > "../$f"; } 2>/dev/null && echo "writes $f"; done
    for d in hidden hidden/deep seen written private rest; do { echo x > "../$d/new"; } 2>/dev/null && echo "makes $d"; rm -rf "../$d/kept"; done
    { echo core > /proc/sys/kernel/core_pattern; } 2>/dev/null && echo "kernel"; { echo x > /etc/okstra; } 2>/dev/null && echo "etc"
    kill -0 ${process.pid} 2>/dev/null && echo "others' processes"; exit 0`;
  const seenInside = await run(rig, sh(look), rules);
  expect(seenInside.stderr.replaceAll(/^rm: .*\n/gm, "")).toBe("");
  expect(seenInside.stdout.trim().split("\n")).toEqual([
    "reads hidden/deep/kept",
    "reads seen/kept",
    "reads written/kept",
    "writes private/kept",
    "reads rest/kept",
    ...["makes written", "makes private"],
  ]);
  for (const name of ["hidden/kept", "hidden/deep/kept", "seen/kept", "written/kept", "private/kept", "rest/kept"])
    expect([name, readFileSync(at(name), "utf8")]).toEqual([name, "as it was"]);
});

const sharedMemory = "/dev/shm";
test.skipIf(confiner === null || !existsSync(sharedMemory))(
  `a project in shared memory is seen, and written only where rules say${unlessConfined}`,
  async () => {
    using rig = testFolder(sharedMemory);
    mkdirSync(join(rig.folder, "written"));
    writeFileSync(join(rig.folder, "kept"), "as it was");
    const look = `cat ../kept; { echo x > ../kept; } 2>/dev/null && echo " lost"; echo new > ../written/new; echo x > /dev/null`;
    expect(await run(rig, sh(look), [written(join(rig.folder, "written"))])).toMatchObject({
      exitCode: 0,
      stdout: "as it was",
      stderr: "",
    });
    expect(readFileSync(join(rig.folder, "written/new"), "utf8")).toBe("new\n");
  },
);

test.skipIf(confiner === null)(
  `a socket is answered where it is seen, not where it is hidden${unlessConfined}`,
  async () => {
    using rig = testFolder();
    mkdirSync(join(rig.folder, "run"));
    const server = createServer((socket) => socket.end("root's ear")).listen(join(rig.folder, "run", "s"));
    const ask: Command = [
      process.execPath,
      "-e",
      `require("net").connect(process.argv[1]).on("error", (e) => console.log(e.code)).pipe(process.stdout)`,
      join(rig.folder, "run", "s"),
    ];
    try {
      expect((await run(rig, ask, [])).stdout).toBe("root's ear");
      expect((await run(rig, ask, [{ path: join(rig.folder, "run"), as: "hidden" }])).stdout).toBe("ENOENT\n");
    } finally {
      server.close();
    }
  },
);

test.skipIf(confiner === null)(
  `what a confined command leaves behind ends with it, a daemon too${unlessConfined}`,
  async () => {
    using rig = testFolder();
    // What lives holds the pipe's writing end, so that the pipe ends with the last of them, whenever the kernel gets to it.
    const pipe = join(rig.folder, "held");
    execFileSync("/bin/sh", ["-c", `mkfifo "$0"`, pipe]);
    const ended = text(createReadStream(pipe));
    const script = `exec 3>"$0"; setsid sleep 300 >/dev/null 2>&1 & sleep 300 & echo up; echo held >&3`;
    const done = await run(rig, ["sh", "-c", script, pipe], []);
    expect(done).toMatchObject({ exitCode: 0, stdout: "up\n" });
    expect(await ended).toBe("held\n");
    expect(await rig.host.processes.withMark("OKSTRA_DISPATCH", env.OKSTRA_DISPATCH)).toEqual([]);
  },
);

test.skipIf(confiner === null)(`a confined agent is asked to end before it is ended${unlessConfined}`, async () => {
  using rig = testFolder();
  const script = "trap 'echo bye; exit 9' TERM; echo up; while :; do sleep 0.01; done";
  const command = (await confiner?.wrap(sh(script), rig.root, [])) ?? sh(script);
  const lines: string[] = [];
  let up: () => void = () => undefined;
  const isUp = new Promise<void>((resolve) => {
    up = resolve;
  });
  const child = await rig.host.processes.supervise({
    command,
    cwd: rig.root,
    env,
    stdin: "",
    logPath: join(rig.folder, "log"),
    onLine: ({ text }) => {
      lines.push(text);
      up();
    },
    onStderr: () => undefined,
  });
  await isUp;
  await child.end(20_000);
  expect(await child.exited).toEqual({ exitCode: 9, signal: null });
  expect(lines).toEqual(["up", "bye"]);
});

test.skipIf(confiner === null)(
  `what is confined ends with who started it, also by SIGKILL${unlessConfined}`,
  async () => {
    using rig = testFolder();
    const wrapped = (await confiner?.wrap(sh("echo up; exec sleep 300"), rig.root, [])) ?? sh("true");
    const starter = `const { spawn } = require("child_process");
    const c = spawn(${JSON.stringify(wrapped[0])}, ${JSON.stringify(wrapped.slice(1))}, { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    c.stdout.once("data", () => process.kill(process.pid, "SIGKILL"));`;
    // `run` ends the group of the starter, which the confined one is not in.
    const done = await rig.host.processes.run({ command: [process.execPath, "-e", starter], cwd: rig.root, env });
    expect(done.signal).toBe("SIGKILL");
    const left = await rig.host.processes.withMark("OKSTRA_DISPATCH", env.OKSTRA_DISPATCH);
    expect(await rig.host.processes.awaitEnd(left, 20_000)).toBe(true);
  },
);

/** A host of a machine on which the program is not there, or ends like this. */
const hostWith = (rig: TestFolder, platform: string, program: string | undefined, exitCode = 0, stderr = ""): Host => ({
  ...rig.host,
  machine: { ...rig.host.machine, platform, startTime: "1", bootId: "b" },
  processes: {
    ...rig.host.processes,
    find: async () => program,
    run: async () => ({ exitCode, signal: null, timedOut: false, stdout: "", stderr, durationMs: 1 }),
  },
});

test("why nothing confines: not there, not working, not known; tried once", async () => {
  using rig = testFolder();
  const missing = take(await findConfiner(hostWith(rig, "linux", undefined)));
  expect(missing).toMatchObject({ confiner: null, why: "bwrap is not on the PATH" });
  let tries = 0;
  const broken = hostWith(rig, "linux", "/usr/bin/bwrap", 1, "bwrap: No permissions to create a new namespace\nmore");
  const counted: Host = {
    ...broken,
    processes: {
      ...broken.processes,
      run: (spec) => {
        tries += 1;
        return broken.processes.run(spec);
      },
    },
  };
  const refused = { confiner: null, why: "bwrap does not work here: bwrap: No permissions to create a new namespace" };
  expect(take(await findConfiner(counted))).toMatchObject(refused);
  expect(take(await findConfiner(counted))).toMatchObject(refused);
  expect(tries).toBe(1);
  expect(take(await findConfiner(hostWith(rig, "win32", "x")))).toMatchObject({ confiner: null });
  const mac = take(await findConfiner(hostWith(rig, "darwin", "/usr/bin/sandbox-exec")));
  expect(mac.confiner?.name).toBe("sandbox-exec");
  const command = await mac.confiner?.wrap(sh("true"), rig.root, [written(rig.root), written("/no such")]);
  expect(command?.slice(0, 2)).toEqual(["/usr/bin/sandbox-exec", "-p"]);
  expect(command?.[2]).toContain(`(allow file-read* file-write* (subpath "${rig.root}"))`);
});
