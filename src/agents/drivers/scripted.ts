/**
 * The scripted agent: plays a scenario file (docs/guides/scenario.md). The demo and the tests use it. Its program is built beside
 * okstra's own and started as a real child, so that all that is true of supervision is true of it.
 */
import { dirname, join } from "node:path";
import type { Host } from "../../host/index.ts";
import { fault } from "../../model/index.ts";
import type { AgentConfig, Detection, Driver, DriverAsk, Launch } from "../contract.ts";
import { handedFile, handedOver, scenarioIn } from "../scripted/read.ts";
import { listen } from "../scripted/stream.ts";

/** Where the build puts the program, below the package's root. */
const scriptedProgram = "dist/scripted-agent.js";

export const scripted: Driver = {
  name: "scripted",
  abilities: {
    session: "chosen",
    quota: "as its scenario says",
    structured: "in the prompt",
    usage: "while it works",
    cost: "none",
    limits: [],
    readOnly: "nothing: it does what its scenario says",
    writing: "nothing: it does what its scenario says",
  },
  canResume: true,
  access: ["read-only", "workspace-write"],
  variables: [],
  hosts: () => [],
  defaultModel: "scripted",
  detect,
  locate: (host) => Promise.resolve(host.machine.nodePath),
  family,
  command: (host, ask) => launch(host, ask, null),
  resume: launch,
  listen: () => listen(),
};

async function detect(host: Host, config: AgentConfig): Promise<Detection> {
  const path = join(host.machine.packageRoot, scriptedProgram);
  const file = await host.files.look(path);
  const present = file !== undefined && config.scenario !== undefined;
  const note =
    file === undefined ? `${path} is missing` : config.scenario === undefined ? "no scenario is set" : config.scenario;
  return { present, path: file === undefined ? null : path, version: "1", loggedIn: present ? true : null, note };
}

/** The vendor that the scenario says a worker stands for. Throws `scenario-invalid`. */
async function family(host: Host, config: AgentConfig, worker: string): Promise<string> {
  const path = scenarioOf(config);
  const text = await host.files.readText(path);
  if (text === undefined)
    throw fault("scenario-invalid", `There is no scenario ${path}`, "Name a scenario file that exists", { path });
  const { families } = await scenarioIn(text, path);
  const found = families[worker];
  if (found !== undefined) return found;
  throw fault(
    "scenario-invalid",
    `${path} gives no family for the worker ${worker}`,
    `Add it under "families" (it has ${Object.keys(families).join(", ") || "none"})`,
    { path, worker },
  );
}

function launch(host: Host, ask: DriverAsk, session: string | null): Launch {
  const { address } = ask;
  const told = {
    scenario: scenarioOf(ask.config),
    role: address.role,
    worker: address.worker,
    "task-type": address.taskType,
    stage: address.stage,
    purpose: address.purpose,
    round: address.round,
    attempt: address.attempt,
    reask: address.reask,
    checked: address.checked === undefined || address.checked === 0 ? null : address.checked,
    access: ask.access,
    model: ask.model,
    session: session ?? ask.session,
  };
  const options = Object.entries(told).flatMap(([name, value]) => (value === null ? [] : [`--${name}`, String(value)]));
  const name = `scripted ${address.worker}`;
  const email = "scripted@okstra.invalid";
  const handed = handedOver(told.scenario);
  return {
    command: [ask.program, join(host.machine.packageRoot, scriptedProgram), ...options],
    env: { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email },
    stdin: ask.prompt,
    files: handed === undefined ? [] : [{ path: join(ask.home, handedFile), text: handed }],
    credentials: [],
    reads: [dirname(scenarioOf(ask.config)), join(host.machine.packageRoot, "dist")],
  };
}

function scenarioOf(config: AgentConfig): string {
  if (config.scenario !== undefined) return config.scenario;
  throw fault(
    "scenario-invalid",
    "The scripted agent has no scenario",
    "Give one: --scenario FILE, or agents.scripted.scenario in the config",
  );
}
