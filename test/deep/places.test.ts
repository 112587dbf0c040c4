/** `concurrency.agents` over processes: two okstra commands of one machine, whose agents never work at the same time. */
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configure } from "../rig/attempts.ts";
import { agents, files, finding, initialise, noFindings, scenario } from "../rig/calculator.ts";
import { openRig, type Rig } from "../rig/rig.ts";

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Notes for each agent that comes whether an earlier one was still there, and lets it go once `open` was called. */
async function gate(path: string) {
  const came: { pid: number; still: number[] }[] = [];
  const waiting: Socket[] = [];
  let isOpen = false;
  let first: () => void = () => undefined;
  const arrived = new Promise<void>((settle) => {
    first = settle;
  });
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (line) => {
      const { pid } = JSON.parse(String(line)) as { pid: number };
      came.push({ pid, still: came.map((one) => one.pid).filter(isThere) });
      if (isOpen) socket.write("go\n");
      else waiting.push(socket);
      first();
    });
  });
  await new Promise<void>((settle) => server.listen(path, settle));
  const open = (): void => {
    isOpen = true;
    for (const socket of waiting) socket.write("go\n");
  };
  return {
    came,
    arrived,
    open,
    [Symbol.asyncDispose]: () => new Promise<void>((settle) => server.close(() => settle())),
  };
}

const run = (rig: Rig, task: string): readonly string[] => [
  ...["run", `${rig.folder}/brief.md`, "--task-key", `calc/math/${task}`, "--task-type", "error-analysis"],
  ...["--base-ref", "main", "--agents", agents(rig)],
];

test("one agent at a time on the machine, over two commands", async () => {
  await using rig = openRig(files);
  const path = join(rig.folder, "s");
  await initialise(rig);
  const held = {
    when: { purpose: "blind" },
    do: [{ puppet: path }],
    result: { ...noFindings, findings: [finding("F")] },
  };
  rig.write(`${rig.folder}/scenario.yaml`, scenario([held]));
  configure(rig, { concurrency: { agents: 1 } });
  await using agentsGate = await gate(path);
  const one = rig.launch(run(rig, "one"));
  await agentsGate.arrived;
  const two = rig.launch(run(rig, "two"));
  await new Promise<void>((settle) => {
    two.child.stderr?.on("data", (text) => {
      if (String(text).includes("waits for a free place (concurrency.agents is 1)")) settle();
    });
    void two.done.then(() => settle());
  });
  expect(agentsGate.came).toHaveLength(1);
  agentsGate.open();
  for (const { done } of [one, two]) {
    const ran = await done;
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining("waits for a free place")]);
  }
  expect(agentsGate.came.map(({ still }) => still)).toEqual([[], [], [], []]);
});
