/**
 * What a confined process may see and change, as rules for paths: the rule of the deepest path holds for all below it, and where
 * there is none the file system is there to be read. Pure; how a rule is enforced, each program's own file knows.
 */
import { basename, dirname, join, relative, sep } from "node:path";

/**
 * - `hidden`: there is nothing (an empty folder, an empty file), and nothing can be put there.
 * - `private`: an empty folder of the process's own, gone with it.
 * - `seen`: as it is, to be read.
 * - `written`: as it is, to be read and written.
 */
export type Treatment = "hidden" | "private" | "seen" | "written";

export type Rule = { readonly path: string; readonly as: Treatment };

/** A rule for a path that is there; links in it resolved. */
export type Mount = Rule & { readonly kind: "file" | "folder" };

/** Of two rules for one path the later of these holds. */
const strength: readonly Treatment[] = ["hidden", "private", "seen", "written"];

/** One rule a path, parents before what lies in them, and none that says what holds there anyway. */
export function ordered(mounts: readonly Mount[]): readonly Mount[] {
  const byPath = new Map<string, Mount>();
  for (const mount of mounts) {
    const other = byPath.get(mount.path);
    if (other === undefined || strength.indexOf(other.as) < strength.indexOf(mount.as)) byPath.set(mount.path, mount);
  }
  const kept: Mount[] = [];
  for (const mount of [...byPath.values()].sort(
    (a, b) => depth(a.path) - depth(b.path) || (a.path < b.path ? -1 : 1),
  )) {
    const around = kept.findLast((one) => isAtOrBelow(one.path, mount.path))?.as ?? "seen";
    // What is hidden holds no room for a private folder.
    const adds = around === "hidden" ? mount.as === "seen" || mount.as === "written" : around !== mount.as;
    if (adds) kept.push(mount);
  }
  return kept;
}

const depth = (path: string): number => path.split("/").filter((part) => part !== "").length;

const isAtOrBelow = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`));
};

export type Around = {
  readonly userHome: string;
  /** okstra's own home. */
  readonly home: string;
  readonly projectRoot: string;
  readonly temporaryFolder: string;
  /** The PATH that the process gets. */
  readonly path: string;
  /** Programs that are started beside those on the PATH; links resolved. */
  readonly programs: readonly string[];
};

/** Where people's own things lie, whoever this process says it is. */
const homes = ["/root", "/home", "/Users"];
/** Sockets of services (docker, ssh-agent, the desktop) are answered whatever the file system allows; /run holds them. */
const sockets = ["/run", "/var/run"];
/** What programs need of it: name resolution; on NixOS all programs. */
const neededOfRun = ["/etc/resolv.conf", "/run/current-system", "/run/wrappers", "/var/run/mDNSResponder"];
const temporary = ["/tmp", "/var/tmp"];

/** Toolchains in a home, and what of them is nobody's business. */
const toolchains = [
  ...[".nvm", ".volta", ".fnm", ".asdf", ".pyenv", ".rbenv", ".sdkman", ".bun", ".deno", ".ghcup", ".opam"],
  ...[".rustup", ".cargo", "go/pkg/mod", ".npm-global", ".nix-profile", "miniconda3"],
  ...[".local/bin", ".local/lib", ".local/share/fnm", ".local/share/mise", ".local/share/pnpm", ".local/share/uv"],
];
const secretsOfToolchains = [".cargo/credentials", ".cargo/credentials.toml", ".nvm/.npmrc"];

/** What every confined process meets: homes, sockets and okstra's own records are hidden, toolchains are seen, /tmp is its own. */
export function surroundings(around: Around): readonly Rule[] {
  const { userHome, home, projectRoot, temporaryFolder, path, programs } = around;
  const hidden = [...homes, userHome, home, join(projectRoot, ".okstra"), ...sockets].filter((one) => one !== "/");
  const own = [...temporary, temporaryFolder].filter((one) => one !== "/");
  const closed = [...hidden, ...own];
  const tools = [
    ...toolFolders(path, userHome),
    ...programs.flatMap(programFolders),
    ...toolchains.map((name) => join(userHome, name)),
    ...neededOfRun,
  ];
  return [
    ...hidden.map((one): Rule => ({ path: one, as: "hidden" })),
    ...own.map((one): Rule => ({ path: one, as: "private" })),
    // What holds a home may not be opened on account of a tool in it.
    ...tools.filter((one) => !closed.some((folder) => isAtOrBelow(one, folder))).map(seen),
    ...secretsOfToolchains.map((name): Rule => ({ path: join(userHome, name), as: "hidden" })),
  ];
}

/** The folders of the PATH; of one that is called `bin` also what lies around it (`lib`, `libexec`), where that is a toolchain's. */
function toolFolders(path: string, userHome: string): readonly string[] {
  const folders = path.split(":").filter((folder) => folder.startsWith("/"));
  const around = folders.filter((folder) => basename(folder) === "bin").map((folder) => dirname(folder));
  return [...folders, ...around.filter((folder) => folder !== "/" && folder !== join(userHome, ".local"))];
}

/** What must be readable for a program to start: itself and, of a package of npm, what it was installed with. */
function programFolders(program: string): readonly string[] {
  const at = program.indexOf("/node_modules/");
  if (at >= 0) return [`${program.slice(0, at)}/node_modules`];
  const folder = dirname(program);
  return basename(folder) === "bin" && dirname(folder) !== "/" ? [program, folder, dirname(folder)] : [program, folder];
}

export const seen = (path: string): Rule => ({ path, as: "seen" });
export const written = (path: string): Rule => ({ path, as: "written" });
