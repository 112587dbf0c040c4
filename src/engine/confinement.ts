/**
 * Who is confined and how: what was asked (flag, else settings), what this machine can, and for each agent and command of a run what it
 * may see and change. Whoever confines (bubblewrap, sandbox-exec) is the room confinement's business.
 */
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import {
  type Command,
  type Confiner,
  findConfiner,
  type Gate,
  type Place as NetworkPlace,
  placeIn,
  type Rule,
  seen,
  surroundings,
  written,
} from "../confinement/index.ts";
import { type Host, namedGitFolder } from "../host/index.ts";
import { homePaths, taskPaths } from "../lifecycle/index.ts";
import { fault, type RunRef, take } from "../model/index.ts";
import type { Network, Sandbox } from "./prepare/request.ts";
import type { ProjectPlace, World } from "./world.ts";

export type Confinement = {
  readonly asked: Sandbox;
  /** What asked for it: `--sandbox`, a variable, a settings file, `built in`. */
  readonly source: string;
  readonly confiner: Confiner | null;
  /** For reports: `bubblewrap 0.8.0`, or `none` with the reason. */
  readonly said: string;
  readonly network: { readonly asked: Network; readonly source: string };
  /** What may be reached beside an agent's own hosts; null where the network is open. */
  readonly allow: readonly NetworkPlace[] | null;
  /** The way out of the engine's own commands; null where the network is open, or none is opened yet. */
  readonly gate: Gate | null;
};

/** What the command line asked. */
export type ConfinementFlags = {
  readonly sandbox?: Sandbox | null | undefined;
  readonly network?: Network | null | undefined;
};

/** Throws `no-confinement` when it is required, or a narrowed network is, and that cannot be had here. */
export async function confinementFor(
  world: World,
  project: ProjectPlace,
  flags: ConfinementFlags,
): Promise<Confinement> {
  const found = await systemOf(world, project, flags.sandbox);
  const asked = flags.network ?? project.settings.network.mode;
  const source = flags.network == null ? project.sourceOf("network.mode") : "--network";
  const network = { asked, source };
  if (asked === "open") return { ...found, network, allow: null, gate: null };
  const { confiner, said } = found;
  const why = confiner === null ? `nothing confines (${said})` : await confiner.whyNotAlone();
  if (confiner === null || why !== undefined) {
    throw fault(
      "no-confinement",
      `The network is to be narrowed (${source}), and ${why}`,
      "See the row sandbox of okstra doctor; or leave the network open: --network open",
      { asked, source, why },
    );
  }
  return {
    ...found,
    said: `${said}; network: model and allowed places only`,
    network,
    allow: project.settings.network.allow.map(allowedPlace),
    gate: null,
  };
}

function allowedPlace(text: string): NetworkPlace {
  const place = placeIn(text, "person");
  if (place !== undefined) return place;
  throw fault(
    "config-unreadable",
    `network.allow has "${text}", which is no place in a network`,
    "Write a host name, *.name for all below it, or an address; of this machine's own with a port: example.org, *.example.org:8443, localhost:5432",
    { text },
  );
}

async function systemOf(
  world: World,
  project: ProjectPlace,
  flag: Sandbox | null | undefined,
): Promise<Pick<Confinement, "asked" | "source" | "confiner" | "said">> {
  const asked = flag ?? project.settings.sandbox;
  const source = flag == null ? project.sourceOf("sandbox") : "--sandbox";
  if (asked === "off") return { asked, source, confiner: null, said: `none: switched off (${source})` };
  const found = take(await findConfiner(world.host));
  if (found.confiner !== null) return { asked, source, confiner: found.confiner, said: found.confiner.name };
  if (asked === "auto") return { asked, source, confiner: null, said: `none: ${found.why}` };
  throw fault(
    "no-confinement",
    `Confinement is required (${source}), and ${found.why}`,
    `${found.remedy}; or go on without: --sandbox auto, which confines where it can`,
    { asked, source, why: found.why },
  );
}

/** The facts that keep what was confined, one for each time that the run was started. */
export const confinedAs = "confined:";

/** What a process of a run works on and where. Paths are absolute. */
export type Confined = {
  readonly ref: RunRef;
  /** Where it works. */
  readonly tree: string;
  /** Whether it may change the tree and commit there. */
  readonly writes: boolean;
  /** Folders of its own: HOME, TMPDIR, scratch. They are there. */
  readonly own: readonly string[];
  /** Files that it is told of, beside the task's instruction set. */
  readonly material: readonly string[];
  /** What a program needs to read beside itself. */
  readonly reads: readonly string[];
  /** Programs that it starts by itself. */
  readonly starts?: readonly string[];
  /** Files outside that it may change: the logins lent to an agent. */
  readonly lent: readonly string[];
  readonly path: string;
  /** Its way out of a network of its own; null where the network is open. */
  readonly gate: Gate | null;
};

type Place = { readonly world: World; readonly project: ProjectPlace };

/** The command as it is confined by `confiner`. */
export async function confined(
  { world, project }: Place,
  confiner: Confiner,
  of: Confined & { readonly command: Command },
): Promise<Command> {
  const { host, home } = world;
  const { userHome, temporaryFolder } = host.machine;
  const { projectRoot } = project;
  const [program] = of.command;
  const { gate } = of;
  const started = [program, ...(of.starts ?? []), ...(gate?.starts ?? [])].filter(isAbsolute);
  const real = await Promise.all(started.map(async (path) => (await host.files.realPath(path)) ?? path));
  const programs = [...started, ...real];
  const around = { userHome, home, projectRoot, temporaryFolder, path: of.path, programs };
  const tree = of.writes ? written(of.tree) : seen(of.tree);
  const rules = [
    ...surroundings(around),
    ...[projectRoot, taskPaths(projectRoot, of.ref.key).instructionSet, ...of.material, ...of.reads].map(seen),
    tree,
    ...(await gitRules(host, of.tree, of.writes)),
    ...[...of.own, ...of.lent].map(written),
    ...(gate?.rules ?? []),
  ];
  return await confiner.wrap(gate?.through(of.command) ?? of.command, of.tree, rules, gate !== null);
}

/**
 * The repository is there to be read. Whoever commits writes objects, the worktree's own git folder and the folder that its branch
 * is in; never what decides what git runs (pointer, config, hooks, info).
 */
async function gitRules(host: Host, tree: string, writes: boolean): Promise<readonly Rule[]> {
  const found = await gitFoldersOf(host, tree);
  if (found === undefined) return [];
  const { own, commonDir, branch } = found;
  const readable = [...around(host, commonDir), commonDir, ...(await borrowed(host, commonDir))].map(seen);
  if (!writes) return readable;
  const closed = [
    join(tree, ".git"),
    ...["config", "config.worktree", "hooks", "info"].map((name) => join(commonDir, name)),
  ];
  const ownClosed =
    own === commonDir ? [] : ["commondir", "gitdir", "config.worktree", "info"].map((name) => join(own, name));
  return [
    ...readable,
    ...[own, join(commonDir, "objects"), join(commonDir, "lfs"), join(commonDir, "reftable")].map(written),
    ...(branch === null ? [] : await branchFolders(host, commonDir, branch)).map(written),
    ...[...closed, ...ownClosed, join(commonDir, "objects", "info")].filter((path) => path !== own).map(seen),
  ];
}

/** Git replaces a ref by renaming, so the folder that it is in has to be writable; one of a packed ref is made. */
async function branchFolders(host: Host, commonDir: string, branch: string): Promise<readonly string[]> {
  const folders = ["refs", "logs/refs"].map((name) => dirname(join(commonDir, name, "heads", branch)));
  for (const folder of folders) await host.files.makeFolder(folder);
  return folders;
}

/** The main worktree, where that is not the user's home (whose dotfiles are kept by git) or holds it. */
function around(host: Host, commonDir: string): readonly string[] {
  const root = dirname(commonDir);
  const holdsHome = `${host.machine.userHome}/`.startsWith(root === "/" ? root : `${root}/`);
  return basename(commonDir) === ".git" && !holdsHome ? [root] : [];
}

type GitFolders = { readonly own: string; readonly commonDir: string; readonly branch: string | null };

/** From git's own files: this is looked at before each process, and calls of git would cost more than confining it. */
async function gitFoldersOf(host: Host, tree: string): Promise<GitFolders | undefined> {
  const { files } = host;
  for (let at = tree; ; at = dirname(at)) {
    const pointer = join(at, ".git");
    const kind = (await files.look(pointer))?.kind;
    if (kind !== undefined) {
      const own = (kind === "file" ? namedGitFolder(at, await files.readText(pointer)) : undefined) ?? pointer;
      const common = (await files.readText(join(own, "commondir")))?.trim();
      const head = (await files.readText(join(own, "HEAD"))) ?? "";
      const branch = /^ref: refs\/heads\/(.+?)\s*$/.exec(head)?.[1] ?? null;
      return { own, commonDir: common === undefined ? own : resolve(own, common), branch };
    }
    if (at === dirname(at)) return undefined;
  }
}

/** Other repositories whose objects this one uses. */
async function borrowed(host: Host, commonDir: string): Promise<readonly string[]> {
  const text = (await host.files.readText(join(commonDir, "objects", "info", "alternates"))) ?? "";
  return text.split("\n").filter((line) => line.startsWith("/"));
}

export type Confine = (command: Command, cwd: string) => Promise<Command>;

/** How the engine's own commands of a run are confined: as the executor is. Undefined where nothing is. */
export function commandConfine(
  place: Place & { readonly confinement: Confinement },
  of: Pick<Confined, "ref" | "own">,
): Confine | undefined {
  const { confiner, gate } = place.confinement;
  if (confiner === null) return undefined;
  const { machine, files } = place.world.host;
  return async (command, tree) => {
    for (const folder of of.own) await files.makeFolder(folder, { mode: 0o700 });
    const { qa } = taskPaths(place.project.projectRoot, of.ref.key);
    const reads = (await files.look(qa)) === undefined ? [] : [qa];
    const nothing = { material: [], reads, lent: [], gate };
    return confined(place, confiner, {
      ...of,
      ...nothing,
      tree,
      writes: true,
      path: machine.env["PATH"] ?? "",
      command,
    });
  };
}

/** The folder that commands of a run have HOME and TMPDIR in. */
export const commandFolder = (world: World, ref: RunRef): string => homePaths(world.home).scratch(ref);
