/** What drivers of installed programs share: where the program is, its version and whether somebody is logged in, at no cost. */
import { dirname, join } from "node:path";
import type { Host } from "../../host/index.ts";
import type { AgentConfig, Detection, DriverAsk } from "../contract.ts";
import { isObject } from "./lines.ts";

/** For a model server that asks for no account. */
export const keyOfNoAccount = "dummy-key-of-no-account";

/** The path of a program, from config `command` or by its name on the PATH; links are followed only by `realPath`. */
export const findProgram = (host: Host, config: AgentConfig, name: string): Promise<string | undefined> =>
  host.processes.find(config.command ?? name, config.env?.["PATH"] ?? host.machine.env["PATH"] ?? "");

export type Login = {
  /** Variables of which one is enough. */
  readonly variables: readonly string[];
  /** Files of which one is enough; absolute. */
  readonly files: readonly string[];
  /** Whether a login may also lie where no file shows it (a keychain). */
  readonly elsewhere: boolean;
  /** What to do when there is none. */
  readonly advice: string;
};

/** Looks for a program, its version and a login. Nothing of the user's is written, nothing is asked of a provider. */
export async function detectProgram(host: Host, config: AgentConfig, name: string, login: Login): Promise<Detection> {
  const path = await findProgram(host, config, name);
  if (path === undefined) {
    const note = `${config.command ?? name} is not on the PATH`;
    return { present: false, path: null, version: null, loggedIn: null, note };
  }
  const version = (await packageVersion(host, path)) ?? (await askVersion(host, path));
  const loggedIn = await isLoggedIn(host, config, login);
  const found = { present: true, path, version, loggedIn } as const;
  if (loggedIn === false) return { ...found, note: "not logged in", remedy: login.advice };
  return { ...found, note: loggedIn === null ? "cannot tell whether it is logged in" : "" };
}

async function isLoggedIn(host: Host, config: AgentConfig, login: Login): Promise<boolean | null> {
  const set = (name: string): boolean => (config.env?.[name] ?? host.machine.env[name] ?? "") !== "";
  if (login.variables.some(set)) return true;
  for (const path of login.files) if ((await host.files.look(path)) !== undefined) return true;
  return login.elsewhere ? null : false;
}

/** The version that the npm package around a program tells: a start of the program takes up to two seconds. */
async function packageVersion(host: Host, path: string): Promise<string | undefined> {
  let folder = dirname((await host.files.realPath(path)) ?? path);
  for (let up = 0; up < 5 && folder !== dirname(folder); up += 1) {
    const text = await host.files.readText(join(folder, "package.json"));
    if (text !== undefined) return versionIn(text);
    folder = dirname(folder);
  }
  return undefined;
}

function versionIn(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) && typeof parsed["version"] === "string" ? parsed["version"] : undefined;
  } catch {
    return undefined;
  }
}

/** In a home of its own, since these programs write where they are started, even for this. */
async function askVersion(host: Host, path: string): Promise<string | null> {
  const home = await host.files.makeTemporaryFolder("okstra-detect-");
  try {
    const env = { PATH: host.machine.env["PATH"] ?? "", HOME: home, TMPDIR: home };
    const ran = await host.processes.run({ command: [path, "--version"], cwd: home, env, timeoutMs: 10_000 });
    return /\d+\.\d+\.\d+\S*/.exec(ran.stdout)?.[0] ?? null;
  } finally {
    await host.files.removeTree(home);
  }
}

/** A session id in the form that programs ask for (UUID, version 4), from the 32 hex digits of the dispatch. */
export const uuidOf = ({ session }: Pick<DriverAsk, "session">): string =>
  [
    session.slice(0, 8),
    session.slice(8, 12),
    `4${session.slice(13, 16)}`,
    `8${session.slice(17, 20)}`,
    session.slice(20, 32),
  ].join("-");
