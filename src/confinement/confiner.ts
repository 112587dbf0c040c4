/**
 * The program that confines here, if there is one that works: looked for once in a process, by confining something, since a program that
 * is installed may still be refused its namespaces (containers). Every effect through the host.
 */
import type { Finished, Host, Machine } from "../host/index.ts";
import { bubblewrapped, bubblewrapTrial } from "./bubblewrap.ts";
import { type Mount, ordered, type Rule } from "./rules.ts";
import { seatbelted, seatbeltTrial } from "./seatbelt.ts";

export type Command = readonly [string, ...string[]];

export type Confiner = {
  /** As reports name it: `bubblewrap 0.8.0`. */
  readonly name: string;
  /** Where its program is. */
  readonly program: string;
  /**
   * The command, confined by rules whose paths are absolute; those that are not there are left out. `cwd` as well. `alone`: in a
   * network of its own, where `whyNotAlone` has nothing against it.
   */
  wrap(command: Command, cwd: string, rules: readonly Rule[], alone?: boolean): Promise<Command>;
  /** Why it cannot give a process a network of its own here; undefined where it can. Tried once. */
  whyNotAlone(): Promise<string | undefined>;
};

export type Found =
  | { readonly confiner: Confiner }
  | { readonly confiner: null; readonly why: string; readonly remedy: string };

const known = new WeakMap<Machine, Promise<Found>>();

/** What confines on this machine, or why nothing does. */
export function findConfiner(host: Host): Promise<Found> {
  const before = known.get(host.machine);
  const found = before ?? lookForOne(host);
  if (before === undefined) known.set(host.machine, found);
  return found;
}

type Wrapping = {
  readonly program: string;
  readonly mounts: readonly Mount[];
  readonly cwd: string;
  readonly command: Command;
  readonly alone: boolean;
};

type Kind = {
  readonly program: string;
  readonly name: string;
  readonly install: string;
  readonly trial: (program: string, alone: boolean) => Command;
  /** Whether it knows of networks at all. */
  readonly alone: boolean;
  readonly wrap: (of: Wrapping) => Command;
  readonly version: boolean;
};

const kinds: Readonly<Record<string, Kind>> = {
  linux: {
    program: "bwrap",
    name: "bubblewrap",
    install: "Install bubblewrap (apt install bubblewrap, dnf install bubblewrap)",
    trial: bubblewrapTrial,
    alone: true,
    wrap: bubblewrapped,
    version: true,
  },
  darwin: {
    program: "sandbox-exec",
    name: "sandbox-exec",
    install: "sandbox-exec is part of macOS: put /usr/bin on the PATH",
    trial: seatbeltTrial,
    alone: false,
    wrap: seatbelted,
    version: false,
  },
};

async function lookForOne(host: Host): Promise<Found> {
  const { machine, processes } = host;
  const kind = kinds[machine.platform];
  if (kind === undefined)
    return {
      confiner: null,
      why: `nothing is known that confines on ${machine.platform}`,
      remedy: "Use Linux or macOS",
    };
  const program = await processes.find(kind.program, machine.env["PATH"] ?? "");
  if (program === undefined) return { confiner: null, why: `${kind.program} is not on the PATH`, remedy: kind.install };
  const tried = await ask(host, kind.trial(program, false));
  if (tried.exitCode !== 0) {
    const why = `${kind.program} does not work here${reasonIn(tried)}`;
    return { confiner: null, why, remedy: refused };
  }
  const version = kind.version
    ? /\d+(?:\.\d+)+/.exec((await ask(host, [program, "--version"])).stdout)?.[0]
    : undefined;
  const name = version === undefined ? kind.name : `${kind.name} ${version}`;
  const wrap: Confiner["wrap"] = async (command, cwd, rules, alone = false) =>
    kind.wrap({
      alone,
      program,
      mounts: ordered(await placed(host, rules)),
      cwd: (await host.files.realPath(cwd)) ?? cwd,
      command,
    });
  let triedAlone: Promise<string | undefined> | undefined;
  const whyNotAlone = (): Promise<string | undefined> => {
    triedAlone ??= tryAlone(host, kind, program);
    return triedAlone;
  };
  return { confiner: { name, program, wrap, whyNotAlone } };
}

async function tryAlone(host: Host, kind: Kind, program: string): Promise<string | undefined> {
  if (!kind.alone) return `${kind.program} gives no process a network of its own`;
  const tried = await ask(host, kind.trial(program, true));
  return tried.exitCode === 0
    ? undefined
    : `${kind.program} cannot give a process a network of its own here${reasonIn(tried)}`;
}

function reasonIn({ stderr }: Finished): string {
  const said = stderr.trim().split("\n")[0] ?? "";
  return said === "" ? "" : `: ${said.slice(0, 200)}`;
}

const refused =
  "Allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1; in a container, run it with --security-opt seccomp=unconfined)";

const ask = (host: Host, command: Command) =>
  host.processes.run({
    command,
    cwd: "/",
    env: { PATH: host.machine.env["PATH"] ?? "", LC_ALL: "C" },
    timeoutMs: 10_000,
  });

/** The rules whose paths are there, with links resolved: a mount lies on what a link leads to. */
async function placed(host: Host, rules: readonly Rule[]): Promise<readonly Mount[]> {
  const mounts = await Promise.all(
    rules.map(async ({ path, as }): Promise<readonly Mount[]> => {
      const real = await host.files.realPath(path);
      const kind = real === undefined ? undefined : (await host.files.look(real))?.kind;
      if (real === undefined || kind === undefined) return [];
      return [{ path: real, as, kind: kind === "folder" ? "folder" : "file" }];
    }),
  );
  return mounts.flat();
}
