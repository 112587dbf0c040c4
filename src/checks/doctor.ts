/**
 * Whether okstra can work here, and what a killed process left: one row for each thing looked at, in a fixed order. Looks
 * only, unless it is asked to mend; every failed row says what to do. What a platform lacks is a warning by name.
 */
import { join } from "node:path";
import { findConfiner } from "../confinement/index.ts";
import { projectAt, type World } from "../engine/index.ts";
import type { Host, Repository } from "../host/index.ts";
import { homePaths, projectPaths } from "../lifecycle/index.ts";
import { Fault, readTaskKey, shellWord, take } from "../model/index.ts";
import { findProject, readCatalog, readHomeVersion } from "../registry/index.ts";
import { parseConfig, parseProject, resolveSettings } from "../settings/index.ts";
import { agreementRows, mendAll } from "./agreement.ts";
import type { Check, DoctorAnswer, Fix } from "./checks.schema.ts";
import { fixCycleRows } from "./fix-cycles.ts";
import { questionRows } from "./questions.ts";
import { failed, failedAs, listOf, passed, warned } from "./rows.ts";

/** An agent as its driver found it. `needed`: the settings name it for a role. */
export type AgentSeen = {
  readonly name: string;
  readonly present: boolean;
  readonly version: string | null;
  readonly note: string;
  /** False when it is known that nobody is logged in. */
  readonly loggedIn?: boolean | null;
  /** What helps, where installing it does not. */
  readonly remedy?: string;
  readonly needed: boolean;
};

export type DoctorAsk = {
  readonly cwd: string;
  /** What the settings ask of confinement, and where that stands. */
  readonly sandbox: { readonly asked: "auto" | "require" | "off"; readonly source: string };
  readonly network: { readonly asked: "open" | "model"; readonly source: string };
  /** Looks for the agents; called once. */
  readonly agents: () => Promise<readonly AgentSeen[]>;
  /** Mends disagreements among the records where nothing can be lost by it. */
  readonly fix: boolean;
};

const leastNode = [20, 19] as const;
const leastGit = [2, 38] as const;
const mib = 1024 * 1024;
/** Below the first nothing can be written; below the second a worktree may not fit. */
const tooLittle = 100 * mib;
const little = 2048 * mib;

export async function doctor(world: World, ask: DoctorAsk): Promise<DoctorAnswer> {
  const { host, home } = world;
  const mended = ask.fix ? await agreement(world, ask) : undefined;
  const project = await projectRows(host, home, ask.cwd);
  const list = listOf([
    nodeRow(host),
    await gitRow(host),
    ...(await agentRows(ask)),
    ...project.rows,
    ...(await homeRows(host, home)),
    ...environmentRows(host),
    ...(mended ?? (await agreement(world, ask))).checks,
    await diskRow(host, home),
    ...(await hooksRows(host, project.root ?? ask.cwd)),
    await sandboxRow(host, ask.sandbox),
    await networkRow(host, ask),
    ...(await toolRows(host)),
  ]);
  return mended?.fixes === undefined ? list : { ...list, fixes: mended.fixes };
}

/** How the records stand to each other; a project whose settings cannot be read has a row of its own, and none of these. */
async function agreement(world: World, { cwd, fix }: DoctorAsk): Promise<{ checks: Check[]; fixes?: Fix[] }> {
  const git = await world.host.git.version();
  if (git === undefined) return { checks: [] };
  const found = await findProject(world.host, world.home, cwd);
  const project = found.ok && found.value !== undefined ? await projectAt(world, found.value.projectRoot) : undefined;
  const ask = { cwd, project: project?.ok === true ? project.value : undefined };
  return fix ? await mendAll(world, ask) : { checks: await agreementRows(world, ask) };
}

function nodeRow(host: Host): Check {
  const about = { id: "node", where: host.machine.nodePath };
  const version = host.machine.nodeVersion.replace(/^v/, "");
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (reaches([major, minor], leastNode)) return passed(about, `Node ${version}`);
  return failed(about, `Node ${version} is too old`, `Install Node ${leastNode.join(".")} or newer`);
}

async function gitRow(host: Host): Promise<Check> {
  const about = { id: "git", where: "git" };
  const seen = await host.git.version();
  if (seen === undefined) return failed(about, "git is not on the PATH", `Install git ${leastGit.join(".")} or newer`);
  if (reaches([seen.major, seen.minor], leastGit)) return passed(about, seen.text);
  return failed(about, `${seen.text} is too old`, `Install git ${leastGit.join(".")} or newer`);
}

const reaches = (
  [major, minor]: readonly [number, number],
  [wantedMajor, wantedMinor]: readonly [number, number],
): boolean => major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);

async function agentRows(ask: DoctorAsk): Promise<Check[]> {
  return (await ask.agents()).map(({ name, present, version, note, needed, loggedIn, remedy: other }) => {
    const about = { id: `agent:${name}`, where: name };
    const shown = [version ?? "version unknown", note].filter((text) => text !== "").join("; ");
    if (present && loggedIn === false) return warned(about, shown, other ?? `Log in to ${name}`);
    if (present) return passed(about, shown);
    const remedy = other ?? `Install ${name}, or set agents.${name}.command to where it is`;
    return needed
      ? failed(about, note || "not installed", remedy)
      : warned(about, note || "not installed", other ?? `${remedy}; or choose workers with --workers`);
  });
}

async function projectRows(
  host: Host,
  home: string,
  cwd: string,
): Promise<{ rows: Check[]; root: string | undefined }> {
  const found = await findProject(host, home, cwd);
  if (!found.ok) return { rows: [failedAs({ id: "project", where: cwd }, found.error)], root: undefined };
  if (found.value === undefined) {
    return {
      rows: [
        warned(
          { id: "project", where: cwd },
          "not in a project that okstra knows",
          "Run okstra init in the project's folder",
        ),
      ],
      root: undefined,
    };
  }
  const { projectId, projectRoot } = found.value;
  const settings = await settingsRow(host, "project", projectPaths(projectRoot).project, parseProject);
  const tasks = await taskRows(host, { home, projectRoot });
  return { rows: [passed({ id: "project", where: projectRoot }, projectId), ...settings, ...tasks], root: projectRoot };
}

async function taskRows(host: Host, at: { home: string; projectRoot: string }): Promise<Check[]> {
  const catalog = await readCatalog(host, at.projectRoot);
  // One that cannot be read is named among the disagreements.
  if (!catalog.ok) return [];
  const rows = catalog.value.tasks.flatMap(({ key }) => {
    const place = { host, ...at, key: readTaskKey(key) };
    return [questionRows(host, place, () => true), fixCycleRows(host, place)];
  });
  return (await Promise.all(rows)).flat();
}

const settingsOf = (layer: string, where: string) => ({ id: `settings:${layer}`, where });

async function settingsRow(
  host: Host,
  layer: "project" | "global",
  path: string,
  read: (text: string, where: string) => ReturnType<typeof parseConfig | typeof parseProject>,
): Promise<Check[]> {
  const text = await host.files.readText(path);
  if (text === undefined) return [];
  const parsed = read(text, path);
  const about = settingsOf(layer, path);
  return [parsed.ok ? passed(about, "readable") : failedAs(about, parsed.error)];
}

/** Only when a variable of okstra's own is wrong. */
function environmentRows(host: Host): Check[] {
  const read = resolveSettings({ global: undefined, project: undefined, env: host.machine.env, flags: {} });
  return read.ok ? [] : [failedAs(settingsOf("environment", "environment"), read.error)];
}

async function homeRows(host: Host, home: string): Promise<Check[]> {
  const about = { id: "home", where: home };
  const seen = await host.files.look((await host.files.realPath(home)) ?? home);
  if (seen === undefined) return [passed(about, "will be made by the first run"), lockRow(host, home, undefined)];
  if (seen.kind !== "folder") return [failed(about, "is not a folder", "Choose another with OKSTRA_HOME")];
  const open = (seen.mode & 0o077) !== 0;
  const version = await readHomeVersion(host, home);
  return [
    await writableRow(host, home, about),
    ...(open
      ? [
          warned(
            { id: "home:mode", where: home },
            `others may look into it (mode ${(seen.mode & 0o777).toString(8)})`,
            `chmod 700 ${home}`,
          ),
        ]
      : []),
    version.ok
      ? lockRow(host, home, version.value?.lockKind)
      : failedAs({ id: "locks", where: homePaths(home).version }, version.error),
    ...(await settingsRow(host, "global", homePaths(home).config, parseConfig)),
  ];
}

async function writableRow(host: Host, home: string, about: { id: string; where: string }): Promise<Check> {
  const path = join(home, `.doctor-${host.random.id(6)}`);
  try {
    await host.files.createFile(path, "");
    await host.files.removeFile(path);
    return passed(about, "writable");
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return thrown.failure.reason === "no-permission"
      ? failed(about, "cannot be written to", `Give yourself the right: chmod u+rwx ${shellWord(home)}`)
      : failedAs(about, thrown.failure);
  }
}

function lockRow(host: Host, home: string, homeUses: "flock" | "link" | undefined): Check {
  const about = { id: "locks", where: homePaths(home).locks.folder };
  const { kind } = host.locks;
  if (homeUses !== undefined && homeUses !== kind) {
    return failed(
      about,
      `the home uses ${homeUses} locks, this process ${kind}: they would not keep each other out`,
      "Install okstra with its optional dependencies, or use another home (OKSTRA_HOME)",
    );
  }
  if (kind === "flock") return passed(about, "kernel locks (flock)");
  return warned(
    about,
    "link locks, since the kernel lock could not be loaded: slower, safe",
    "npm install -g okstra --include=optional",
  );
}

async function diskRow(host: Host, home: string): Promise<Check> {
  const about = { id: "disk", where: home };
  const free = await host.files.freeBytes(home);
  const shown = free < 1024 * mib ? `${Math.floor(free / mib)} MiB free` : `${(free / mib / 1024).toFixed(1)} GiB free`;
  const remedy = "Free space on the disk; okstra worktree list shows what okstra holds";
  if (free < tooLittle) return failed(about, shown, remedy);
  return free < little ? warned(about, shown, remedy) : passed(about, shown);
}

/** None without git, of which there is a row already. */
async function hooksRows(host: Host, folder: string): Promise<Check[]> {
  try {
    return await repositoryRows(host, folder);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return thrown.failure.reason === "git-missing" ? [] : [failedAs({ id: "hooks", where: folder }, thrown.failure)];
  }
}

async function repositoryRows(host: Host, folder: string): Promise<Check[]> {
  const repository = await host.git.repository(folder);
  if (repository === undefined) {
    const about = { id: "hooks", where: folder };
    const remedy = "Run git init and commit, when stages are to be built";
    return [warned(about, "no git repository: implementation is not possible", remedy)];
  }
  return [await hooksRow(host, repository), ...(await identityRows(host, repository))];
}

/** Only where git knows nobody: then merges and commits of okstra's own bear its name. */
async function identityRows(host: Host, { root }: Repository): Promise<Check[]> {
  const { own, name, email } = await host.git.identity(root);
  if (own) return [];
  const message = `git knows no user.name and user.email here: what okstra commits bears ${name} <${email}>`;
  const remedy = 'git config user.name "Your Name" && git config user.email you@example.org';
  return [warned({ id: "identity", where: root }, message, remedy)];
}

/** Hooks run when agents and the engine commit: whoever wonders why a commit fails looks here. */
async function hooksRow(host: Host, repository: Repository): Promise<Check> {
  const configured = (
    await host.git.plain(repository.root, "config", "--default", "", "--get", "core.hooksPath")
  ).trim();
  const path = (
    await host.git.plain(repository.root, "rev-parse", "--path-format=absolute", "--git-path", "hooks")
  ).trim();
  const about = { id: "hooks", where: path };
  if (configured !== "" && (await host.files.look(path)) === undefined) {
    return warned(
      about,
      `core.hooksPath is ${configured}, and there is no such folder: no hook runs`,
      "git config --unset core.hooksPath, or install the hooks again",
    );
  }
  const active: string[] = [];
  for (const { name, kind } of await host.files.list(path)) {
    if (kind === "folder" || name.endsWith(".sample")) continue;
    const real = (await host.files.realPath(join(path, name))) ?? join(path, name);
    if (((await host.files.look(real))?.mode ?? 0) & 0o111) active.push(name);
  }
  return passed(about, active.length === 0 ? "no hooks" : `hooks that run: ${active.join(", ")}`);
}

/** Tried, not only looked for: in many containers the program is there and refused its namespaces. */
async function sandboxRow(host: Host, { asked, source }: DoctorAsk["sandbox"]): Promise<Check> {
  const found = take(await findConfiner(host));
  const setting = `sandbox: ${asked} (${source})`;
  if (found.confiner !== null) {
    const about = { id: "sandbox", where: found.confiner.program };
    if (asked !== "off") return passed(about, `${found.confiner.name} confines agents and commands; ${setting}`);
    return warned(
      about,
      `agents and commands are not confined; ${setting}`,
      `Set sandbox to auto: ${found.confiner.name} works here`,
    );
  }
  const about = { id: "sandbox", where: host.machine.platform };
  if (asked === "require") return failed(about, `${found.why}, and nothing is started; ${setting}`, found.remedy);
  return warned(about, `${found.why}: agents and commands are not confined; ${setting}`, found.remedy);
}

/** Tried only where it is asked for. */
async function networkRow(host: Host, { sandbox, network: { asked, source } }: DoctorAsk): Promise<Check> {
  const about = { id: "network", where: host.machine.platform };
  const setting = `network.mode: ${asked} (${source})`;
  if (asked === "open") return passed(about, `confined agents and commands reach everything; ${setting}`);
  const { confiner, why } = await aloneRow(host, sandbox);
  if (why === undefined && confiner !== null)
    return passed(about, `${confiner} gives each a network of its own, with one way out; ${setting}`);
  return failed(
    about,
    `${why}, and nothing is started; ${setting}`,
    "Leave the network open (network.mode in the settings, OKSTRA_NETWORK); or make confinement work (see the row sandbox)",
  );
}

async function aloneRow(
  host: Host,
  { asked, source }: DoctorAsk["sandbox"],
): Promise<{ confiner: string | null; why: string | undefined }> {
  if (asked === "off") return { confiner: null, why: `confinement is switched off (${source})` };
  const found = take(await findConfiner(host));
  if (found.confiner === null) return { confiner: null, why: found.why };
  return { confiner: found.confiner.name, why: await found.confiner.whyNotAlone() };
}

type Tool = {
  readonly id: string;
  readonly program: string;
  readonly platforms: readonly string[];
  readonly without: string;
  readonly remedy: string;
};

const tools: readonly Tool[] = [
  {
    id: "gh",
    program: "gh",
    platforms: ["linux", "darwin"],
    without: "pull requests are not opened; the commands for it are printed",
    remedy: "Install the GitHub CLI, when okstra is to open pull requests",
  },
];

async function toolRows(host: Host): Promise<Check[]> {
  const path = host.machine.env["PATH"] ?? "";
  const rows: Check[] = [];
  for (const { id, program, platforms, without, remedy } of tools) {
    if (!platforms.includes(host.machine.platform)) continue;
    const found = await host.processes.find(program, path);
    rows.push(
      found === undefined
        ? warned({ id, where: program }, `${program} is not there: ${without}`, remedy)
        : passed({ id, where: found }, program),
    );
  }
  return rows;
}
