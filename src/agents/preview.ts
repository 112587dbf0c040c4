/** How an agent would be started, without starting it: for `--dry-run`. */
import type { Host } from "../host/index.ts";
import type { Access, Address, AgentConfig, Driver } from "./contract.ts";
import { childEnvironment } from "./env.ts";

/** All paths are absolute; nothing of them needs to be there. */
export type PreviewAsk = {
  readonly driver: Driver;
  readonly config: AgentConfig;
  readonly address: Omit<Address, "reask">;
  readonly cwd: string;
  readonly access: Access;
  readonly model: string | null;
  /** HOME and TMPDIR of the agent, and the folder for files of the launch. */
  readonly home: string;
  readonly temporaryFolder: string;
  readonly scratch: string;
  readonly confined: boolean;
};

export type Preview = {
  /** With `<prompt>`, `<session>` and `<git folders>` for what only a dispatch knows. */
  readonly command: readonly string[];
  /** Names of the variables that the agent would see, sorted; values are nobody's business. */
  readonly environment: readonly string[];
};

/** A session id of the right form that no dispatch ever gets. */
const noSession = "0".repeat(32);

export function previewLaunch(host: Host, ask: PreviewAsk): Preview {
  const { driver, config, address, cwd, access, model, scratch, home, temporaryFolder } = ask;
  const launch = driver.command(host, {
    address: { ...address, reask: 0 },
    prompt: "<prompt>",
    cwd,
    extraWritable: [],
    gitFolders: access === "workspace-write" ? ["<git folders>"] : [],
    access,
    model,
    session: noSession,
    systemText: null,
    schema: undefined,
    limits: { turns: null, usd: null },
    scratch,
    home,
    used: null,
    confined: ask.confined,
    program: driver.name === "scripted" ? host.machine.nodePath : (config.command ?? driver.name),
    config,
  });
  const around = { from: host.machine.env, home, temporaryFolder, mark: "", config, driver };
  return {
    command: launch.command.map((word) => word.replaceAll(noSession, "<session>")),
    environment: Object.keys(childEnvironment(around, launch.env)),
  };
}
