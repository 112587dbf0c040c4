/** How an agent would be started, without starting it: for `--dry-run`. */
import type { Host } from "../host/index.ts";
import type { Access, Address, AgentConfig, Driver } from "./contract.ts";
import { uuidOf } from "./drivers/program.ts";
import { childEnvironment } from "./env.ts";

/** All paths are absolute; nothing of them needs to be there. */
export type PreviewAsk = {
  readonly driver: Driver;
  readonly config: AgentConfig;
  readonly address: Omit<Address, "reask">;
  readonly cwd: string;
  readonly access: Access;
  readonly extraWritable: readonly string[];
  readonly model: string | null;
  readonly schema: unknown;
  /** Whether the agent is told what it may cost at most. */
  readonly bounded: boolean;
  /** HOME and TMPDIR of the agent, and the folder for files of the launch. */
  readonly home: string;
  readonly temporaryFolder: string;
  readonly scratch: string;
  readonly confined: boolean;
};

export type Preview = {
  /** With `<prompt>`, `<session>`, `<git folders>` and `<budget left>` for what only a dispatch knows, and `<schema>` for a schema. */
  readonly command: readonly string[];
  /** Names of the variables that the agent would see, sorted; values are nobody's business. */
  readonly environment: readonly string[];
};

/** A session id of the right form that no dispatch ever gets. */
const noSession = "0".repeat(32);
/** The same as programs write it that want it in another form. */
const noUuid = uuidOf({ session: noSession });
/** An amount that is no budget. */
const noAmount = 1.000_000_007;

export async function previewLaunch(host: Host, ask: PreviewAsk): Promise<Preview> {
  const { driver, config, address, cwd, access, model, scratch, home, temporaryFolder, schema } = ask;
  const launch = driver.command(host, {
    address: { ...address, reask: 0 },
    prompt: "<prompt>",
    first: null,
    cwd,
    extraWritable: ask.extraWritable,
    gitFolders: access === "workspace-write" ? ["<git folders>"] : [],
    access,
    model,
    session: noSession,
    systemText: null,
    schema,
    limits: { turns: null, usd: ask.bounded ? noAmount : null },
    scratch,
    home,
    used: null,
    confined: ask.confined,
    program: (await driver.locate(host, config)) ?? config.command ?? driver.name,
    config,
  });
  const around = { from: host.machine.env, home, temporaryFolder, mark: "", config, driver };
  const shown = (word: string): string =>
    isSchema(word) ? "<schema>" : word.replaceAll(noSession, "<session>").replaceAll(noUuid, "<session>");
  return {
    command: launch.command.map((word) => (word === String(noAmount) ? "<budget left>" : shown(word))),
    environment: Object.keys(childEnvironment(around, launch.env)),
  };
}

/** Schemas fill pages, and are those of the package. */
const isSchema = (word: string): boolean => word.startsWith("{") && word.includes('"properties"');
