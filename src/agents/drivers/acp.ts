/**
 * Any agent that speaks the Agent Client Protocol, by the settings: `agents."acp:<name>"` with `command` and `args`. The conversation
 * takes requests both ways, so a client program of okstra's own stands between (../acp/main.ts), one for each question; to the
 * supervision it is an agent like any other. What the protocol gives and what it does not:
 * - No session id of ours, no limits, no schema; a model can be asked for only where the agent offers that (an unstable part).
 * - The abilities to read and write files and to run commands for the agent are not announced: it uses its own tools.
 * - It asks before tools that it holds for dangerous, and is answered by access and place. What it does without asking, only
 *   a sandbox and the comparison of the worktree catch.
 * - Going on in a new process needs `loadSession`; it then tells the whole conversation again, which is passed over. Where there is
 *   none, or the agent does not find the conversation (Gemini CLI 0.61.0 within the minute in which it began: it writes a new
 *   one over it), the question is asked anew with the whole of what was asked before.
 * - `permissions` in the settings is a mode of the agent's own (`session/set_mode`).
 */
import { isAbsolute, join } from "node:path";
import type { Host } from "../../host/index.ts";
import { fault, shellWord } from "../../model/index.ts";
import type { AgentConfig, Detection, Driver, DriverAsk, Launch } from "../contract.ts";
import { familyOfModel } from "../models.ts";
import { listen } from "./acp-stream.ts";
import { isObject, type Said, textIn } from "./lines.ts";
import { findProgram } from "./program.ts";

/** Where the build puts the client, below the package's root. */
const client = "dist/acp-client.js";

/** How the names of such agents begin. */
export const acpPrefix = "acp:";

export const acp: Driver = {
  name: "acp",
  abilities: {
    session: "told",
    again: "yes, in a new process; what it does not find again is asked anew as a whole",
    quota: "no: the protocol has no word for it",
    structured: "in the prompt",
    usage: "not reliably",
    cost: "none",
    limits: [],
    readOnly: "refused where it asks; without asking by nothing",
    writing: "places outside are refused where it asks; without asking by nothing",
  },
  canResume: true,
  access: ["read-only", "workspace-write"],
  variables: [],
  // Nobody knows; its settings name them.
  hosts: () => [],
  defaultModel: "default",
  detect,
  probe,
  locate: (host, config) => (config.command === undefined ? Promise.resolve(undefined) : findProgram(host, config, "")),
  family: (_host, config) => Promise.resolve(config.family ?? familyOfModel(config.model ?? "") ?? "unknown"),
  command: (host, ask) => launch(host, ask, []),
  resume,
  listen,
};

async function detect(host: Host, config: AgentConfig): Promise<Detection> {
  const absent = { present: false, path: null, version: null, loggedIn: null } as const;
  if (config.command === undefined)
    return { ...absent, note: "its command is not set", remedy: 'Set agents."acp:<name>".command in the settings' };
  const path = await findProgram(host, config, "");
  if (path === undefined) return { ...absent, note: `${config.command} is not on the PATH` };
  return {
    present: true,
    path,
    version: null,
    loggedIn: null,
    note: "cannot tell its version or whether it is logged in",
  };
}

/** So long it may take to answer the first request. */
const probeMs = 20_000;

/** Its first answer, which tells that it speaks the protocol, and by what name; in a home of its own, without keys. */
async function probe(host: Host, config: AgentConfig): Promise<Detection> {
  const found = await detect(host, config);
  if (found.path === null || config.command === undefined) return found;
  const home = await host.files.makeTemporaryFolder("okstra-detect-");
  try {
    const program = [host.machine.nodePath, join(host.machine.packageRoot, client), "--probe"] as const;
    const { stdout, timedOut } = await host.processes.run({
      command: [...program, "--", found.path, ...(config.args ?? [])],
      cwd: home,
      env: { PATH: host.machine.env["PATH"] ?? "", HOME: home, TMPDIR: home },
      timeoutMs: probeMs,
    });
    const said = stdout.split("\n").flatMap(objectsIn);
    const probed = said.find(({ okstra }) => okstra === "probed");
    const login = "cannot tell whether it is logged in";
    if (probed !== undefined) {
      const name = textIn(probed, "name");
      return {
        ...found,
        version: textIn(probed, "version"),
        note: `${name === null ? "" : `${name}, `}speaks the protocol; ${login}`,
      };
    }
    const failed = said.find(({ okstra }) => okstra === "failed");
    const why = timedOut ? `said nothing in ${probeMs / 1000} s` : (textIn(failed ?? {}, "reason") ?? "did not answer");
    const command = [config.command, ...(config.args ?? [])].map(shellWord).join(" ");
    const remedy = `See whether it speaks the Agent Client Protocol, and with which arguments: ${command}`;
    return { ...found, present: false, note: `it was started and ${why}`, remedy };
  } finally {
    await host.files.removeTree(home);
  }
}

function objectsIn(line: string): readonly Said[] {
  try {
    const parsed: unknown = JSON.parse(line);
    return isObject(parsed) ? [parsed] : [];
  } catch {
    return []; // what the agent says besides is its own
  }
}

/** With what the conversation began with, for agents that cannot find it again. */
function resume(host: Host, ask: DriverAsk, session: string): Launch {
  const path = join(ask.scratch, "acp-first.txt");
  const { first } = ask;
  if (first === null) return launch(host, ask, ["--session", session]);
  const launched = launch(host, ask, ["--session", session, "--first", path]);
  return { ...launched, files: [{ path, text: first }] };
}

function launch(host: Host, ask: DriverAsk, session: readonly string[]): Launch {
  const { config, model } = ask;
  const writable = ask.access === "workspace-write" ? [...ask.extraWritable, ...ask.gitFolders] : [];
  const options = [
    ...["--access", ask.access],
    ...session,
    ...(config.permissions === undefined ? [] : ["--mode", config.permissions]),
    ...(model === null || model === acp.defaultModel ? [] : ["--model", model]),
    ...writable.flatMap((folder) => ["--writable", folder]),
  ];
  if (config.command === undefined)
    throw fault("agent-missing", "Its command is not set", 'Set agents."acp:<name>".command in the settings');
  return {
    command: [
      host.machine.nodePath,
      join(host.machine.packageRoot, client),
      ...options,
      "--",
      ask.program,
      ...(config.args ?? []),
    ],
    env: {},
    stdin: ask.systemText === null ? ask.prompt : `${ask.systemText}\n\n${ask.prompt}`,
    files: [],
    credentials: [],
    reads: [join(host.machine.packageRoot, "dist")],
    starts: [ask.program, ...(config.args ?? [])].filter(isAbsolute),
  };
}
