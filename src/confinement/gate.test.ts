import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { confiner, narrows, unlessNarrowed } from "../../test/confiner.ts";
import { type TestFolder, testFolder } from "../../test/folder.ts";
import { take } from "../model/index.ts";
import { type Command, openGate, placeIn, written } from "./index.ts";

async function listening(server: Server): Promise<AsyncDisposable & { readonly port: number }> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    server.close();
    if (server.listening) await once(server, "close");
  };
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}

const env = { PATH: process.env["PATH"] ?? "", OKSTRA_DISPATCH: "okstra-test-gate" };

async function gateIn(rig: TestFolder, allowed: readonly string[], around: Record<string, string> = {}) {
  const places = allowed.map((text) => placeIn(text, "person") ?? expect.unreachable(text));
  const folder = join(rig.folder, "a folder whose name is long ".repeat(5), "net");
  const gate = take(await openGate(rig.host, { folder, places, env: around }));
  const wrap = async (command: Command): Promise<Command> =>
    (await confiner?.wrap(gate.through(command), rig.root, [written(rig.root), ...gate.rules], true)) ?? command;
  return { gate, folder, wrap, [Symbol.asyncDispose]: () => gate.close() };
}

/** Run inside: what each of these ways to a place ends with, as JSON. */
const tries = (ways: readonly (readonly [kind: "connect" | "get" | "proxy", to: string])[]): Command => {
  const script = `
    const { connect } = require("node:net");
    const { get, request } = require("node:http");
    const proxy = new URL(process.env.HTTPS_PROXY);
    const heard = (came, settle) => { let text = ""; came.on("data", (piece) => (text += piece)).on("end", () => settle(came.statusCode + " " + text)); };
    const ways = {
      connect: (to, settle, fail) => { const [host, port] = to.split(":"); const s = connect({ host, port }, () => { s.destroy(); settle("connected"); }); s.on("error", fail); },
      get: (to, settle, fail) => get("http://" + to + "/", { agent: false }, (came) => heard(came, settle)).on("error", fail),
      proxy: (to, settle, fail) => request({ host: proxy.hostname, port: proxy.port, method: "CONNECT", path: to })
        .on("connect", (came, socket) => { socket.destroy(); settle(String(came.statusCode)); }).on("response", (came) => heard(came, settle)).on("error", fail).end(),
    };
    (async () => {
      const said = [];
      for (const [kind, to] of ${JSON.stringify(ways)})
        said.push(await new Promise((settle) => ways[kind](to, settle, (problem) => settle(problem.code))));
      console.log(JSON.stringify(said));
    })();`;
  return [process.execPath, "-e", script];
};

describe.skipIf(!narrows)(`in a network of its own${unlessNarrowed}`, () => {
  test("the model's server answers on its own port; another server of this machine cannot be connected to, for root too", async () => {
    let connected = 0;
    await using other = await listening(
      createServer((client) => {
        connected += 1;
        client.destroy();
      }),
    );
    await using model = await listening(createHttp((asked, answer) => void answer.end(`model ${asked.url}`)));
    using rig = testFolder();
    await using inside = await gateIn(rig, [`127.0.0.1:${model.port}`]);
    const ways = tries([
      ["get", `127.0.0.1:${model.port}`],
      ["connect", `127.0.0.1:${other.port}`],
      ["proxy", `127.0.0.1:${other.port}`],
      ["proxy", `127.0.0.1:${other.port}`],
      ["proxy", "169.254.169.254:80"],
      ["connect", "203.0.113.1:443"],
    ]);
    const ran = await rig.host.processes.run({ command: await inside.wrap(ways), cwd: rig.root, env });
    expect([ran.exitCode, ran.stderr]).toEqual([0, ""]);
    const there = `127.0.0.1:${other.port}`;
    expect(JSON.parse(ran.stdout)).toEqual([...["200 model /", "ECONNREFUSED", "403", "403", "403"], "ENETUNREACH"]);
    expect(connected).toBe(0);
    expect(inside.gate.refused()).toEqual([
      { to: there, times: 2 },
      { to: "169.254.169.254:80", times: 1 },
    ]);
    expect(inside.gate.refused()).toEqual([]);
    expect(existsSync(join(inside.folder, "gate"))).toBe(true);
    await inside.gate.close();
    expect(existsSync(inside.folder)).toBe(false);
  });

  test("streams, exit codes, ends by a signal and what is not there are those of the program", async () => {
    using rig = testFolder();
    await using inside = await gateIn(rig, []);
    const run = async (command: Command, stdin = "") =>
      await rig.host.processes.run({ command: await inside.wrap(command), cwd: rig.root, env, stdin });
    const said = await run(["/bin/sh", "-c", 'cat; echo "$0 $no_proxy" >&2; exit 7'], "what is asked");
    expect(said).toMatchObject({ exitCode: 7, stdout: "what is asked", stderr: "/bin/sh localhost,127.0.0.1,::1\n" });
    expect(await run(["/bin/sh", "-c", "kill -9 $$"])).toMatchObject({ exitCode: 137 });
    expect(await run(["/bin/sh", "-c", "kill -TERM $$"])).toMatchObject({ exitCode: 143 });
    expect(await run(["/is/not/there"])).toMatchObject({
      exitCode: 127,
      stderr: expect.stringMatching(/^okstra: \/is\/not\/there cannot be started: .*ENOENT\n$/),
    });
  });

  test("asked to stop, the program has its say and nothing is left; what it started goes with it", async () => {
    using rig = testFolder();
    await using inside = await gateIn(rig, []);
    const script = `trap 'echo asked once; exit 5' TERM; sleep 1000 & echo ready; while :; do wait; done`;
    let heard: (line: string) => void = () => undefined;
    const lines: string[] = [];
    const ready = new Promise<string>((settle) => {
      heard = settle;
    });
    const child = await rig.host.processes.supervise({
      command: await inside.wrap(["/bin/sh", "-c", script]),
      ...{ cwd: rig.root, env, stdin: "", logPath: join(rig.folder, "log") },
      onLine: ({ text }) => {
        lines.push(text);
        heard(text);
      },
      onStderr: () => undefined,
    });
    await ready;
    await child.end(20_000);
    expect(await child.exited).toMatchObject({ exitCode: 5 });
    expect(lines).toEqual(["ready", "asked once"]);
    expect(await rig.host.processes.withMark("OKSTRA_DISPATCH", env.OKSTRA_DISPATCH)).toEqual([]);
  });

  test("many different places that are refused are counted, and the first are named", async () => {
    using rig = testFolder();
    await using inside = await gateIn(rig, ["example.org"]);
    const ways = tries(Array.from({ length: 40 }, (_, at) => ["proxy", `h${at}.example.org:443`] as const));
    await rig.host.processes.run({ command: await inside.wrap(ways), cwd: rig.root, env });
    const told = inside.gate.refused();
    expect([told.length, told[0], told.at(-1)]).toEqual([
      ...[33, { to: "h0.example.org:443", times: 1 }, { to: "others", times: 8 }],
    ]);
  });
});

test("the proxy of this machine's environment must be one of HTTP", async () => {
  using rig = testFolder();
  const folder = join(rig.folder, "net");
  const socks = await openGate(rig.host, { folder, places: [], env: { ALL_PROXY: "socks5://127.0.0.1:1080" } });
  expect(socks).toMatchObject({ ok: false, error: { reason: "config-unreadable" } });
  expect(existsSync(folder)).toBe(false);
});
