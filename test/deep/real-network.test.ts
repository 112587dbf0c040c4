/**
 * The real programs in a network of their own, whose one way out leads to their model's server on this machine's loopback: they answer
 * as ever, and another server on the loopback is out of reach for the commands that they run.
 */
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer as createHttp, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { driverFor } from "../../src/agents/index.ts";
import { type Confinement, confined } from "../../src/engine/confinement.ts";
import { agentGate } from "../../src/engine/network.ts";
import { readTaskKey, take } from "../../src/model/index.ts";
import { resolveSettings } from "../../src/settings/index.ts";
import { confiner, narrows, unlessNarrowed } from "../confiner.ts";
import { inOrder, type ModelServer, modelServer } from "../model-server.ts";
import { askedReal, configOf, long, suiteOf } from "../real-agents.ts";
import { type TestRepository, testRepository } from "../repository.ts";
import { worldOf } from "../world-of.ts";

const ref = { key: readTaskKey("shop/q3/cart"), taskType: "implementation", stage: 1, seq: 1 } as const;

/** One dispatch as a run with `--network model` makes it; what was refused comes along. */
async function askedNarrowed(repo: TestRepository, agent: string, server: Pick<ModelServer, "url">, env = {}) {
  const by = confiner;
  if (by === null) throw new Error("nothing confines here");
  const own = join(repo.folder, "own");
  mkdirSync(own);
  const { values } = take(resolveSettings({ global: undefined, project: undefined, env: {}, flags: {} }));
  const project = { projectRoot: repo.root, projectId: "shop", settings: values, sourceOf: () => "built in" };
  const world = worldOf(repo.host, repo.home);
  const confinement: Confinement = {
    ...{ asked: "auto", source: "built in", confiner: by, said: "", allow: [], gate: null },
    network: { asked: "model", source: "--network" },
  };
  const driver = take(driverFor(agent));
  const pointed = configOf(agent, server.url);
  const config = { ...pointed, env: { ...pointed.env, ...env } };
  await using gate = await agentGate(world, confinement, { driver, config, own });
  const path = process.env["PATH"] ?? "";
  const asked = await askedReal(repo, agent, server, {
    config,
    access: "workspace-write",
    ...{ home: join(own, "home"), temporaryFolder: join(own, "tmp"), scratch: join(own, "scratch") },
    confine: async ({ command, reads = [], starts = [], credentials }) =>
      confined({ world, project }, by, {
        ...{ ref, tree: repo.root, writes: true, own: [own], material: [], reads, starts, path, gate, command },
        lent: credentials.map(({ from }) => from),
      }),
  });
  return { ...asked, refused: gate?.refused() ?? [] };
}

/** The proxy of a machine: knows one host, and nothing that these programs call leaves the machine. */
async function proxyTo({ url }: ModelServer) {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const server = createHttp().on("connect", (to: IncomingMessage, client: Socket) => {
    asked.push(to.url ?? "");
    open.add(client.on("error", () => client.destroy()));
    if (to.url !== "model.example:8080") {
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const target = connect(Number(new URL(url).port), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(target).pipe(client);
    });
    open.add(target.on("error", () => client.destroy()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const through = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, "close");
  };
  return { asked, env: { HTTP_PROXY: through, HTTPS_PROXY: through }, [Symbol.asyncDispose]: close };
}

const tools: Readonly<
  Record<string, (command: string) => { readonly name: string; readonly input: Record<string, unknown> }>
> = {
  claude: (command) => ({ name: "Bash", input: { command } }),
  codex: (cmd) => ({ name: "exec_command", input: { cmd, yield_time_ms: 30_000 } }),
  gemini: (command) => ({ name: "run_shell_command", input: { command } }),
};

describe.each(Object.entries(tools))("%s", (agent, tool) => {
  const suite = suiteOf(agent);
  describe.skipIf(suite.skip || !narrows)(`${suite.name}${unlessNarrowed}`, long, () => {
    test("answers through its one way out, and its commands reach no other server of this machine", async () => {
      let connected = 0;
      const other = createServer((client) => {
        connected += 1;
        client.destroy();
      }).listen(0, "127.0.0.1");
      await once(other, "listening");
      const { port } = other.address() as AddressInfo;
      using repo = testRepository();
      const tries = `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}' 2>/dev/null && echo reached > tried.txt || echo kept > tried.txt`;
      await using server = await modelServer(
        inOrder(
          { is: "reply", text: "Trying.", tools: [tool(tries)], charge: { input: 100, output: 6 } },
          { is: "reply", text: '{"good": 2}', charge: { input: 500, output: 4 } },
        ),
      );
      await using proxy = await proxyTo(server);
      const { outcome, refused } = await askedNarrowed(repo, agent, server, proxy.env);
      expect(outcome, outcome.message).toMatchObject({ status: "completed", value: { good: 2 }, reasks: 0 });
      expect(outcome.usage).toMatchObject({ output: 10 });
      expect([repo.read(join(repo.root, "tried.txt")), connected]).toEqual(["kept\n", 0]);
      expect(refused).toEqual([]);
      other.close();
    });

    test("asks nobody but its model where the network is open", async () => {
      using repo = testRepository();
      await using server = await modelServer(
        inOrder(
          // Time enough for what a program fetches beside its first question.
          { is: "reply", text: "Waiting.", tools: [tool("sleep 3")], charge: { output: 6 } },
          { is: "reply", text: '{"good": 2}', charge: { output: 4 } },
        ),
      );
      await using proxy = await proxyTo(server);
      const pointed = configOf(agent, server.url);
      const config = { ...pointed, env: { ...pointed.env, ...proxy.env, NO_PROXY: "127.0.0.1" } };
      const { outcome } = await askedReal(repo, agent, server, { config, access: "workspace-write" });
      expect(outcome, outcome.message).toMatchObject({ status: "completed", value: { good: 2 } });
      expect(proxy.asked).toEqual([]);
    });

    test("reaches a host by its name through the proxy of this machine", async () => {
      using repo = testRepository();
      await using server = await modelServer(inOrder({ is: "reply", text: '{"good": 2}', charge: { output: 4 } }));
      await using proxy = await proxyTo(server);
      const named = { url: "http://model.example:8080" };
      const { outcome } = await askedNarrowed(repo, agent, named, proxy.env);
      expect(outcome, outcome.message).toMatchObject({ status: "completed", value: { good: 2 } });
      expect(new Set(proxy.asked)).toEqual(new Set(["model.example:8080"]));
    });
  });
});
