/**
 * Okstra commands in a process of their own, which outlives this one and its terminal. Where tmux is there, each runs in a tmux
 * server of its own (so that it has this process' environment, not that of a server started earlier) and one can attach to it;
 * else it has no terminal. What it says is in its log either way.
 *
 *   launched -> (a run is named) its journal says that it was started -> detached
 *                                \-> the process is gone before that -> failed, with the end of its log
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { homePaths, runPaths, segment } from "../lifecycle/index.ts";
import { fault, type JournalEvent, printKey, printRun, type RunRef, sequence, shellWord } from "../model/index.ts";
import type { FoundProject } from "../registry/index.ts";
import { Bell } from "./bell.ts";
import { locate } from "./locate.ts";
import { readRunState } from "./run-state.ts";
import type { TaskKey, World } from "./world.ts";

export type Detached = {
  /** Of the process that executes, where it can be told. */
  readonly pid: number | null;
  /** Of tmux; null without it. */
  readonly sessionName: string | null;
  /** The command that attaches to the session, or else shows what the run does. */
  readonly attach: string;
  readonly log: string;
};

/** Goes on with a prepared run in a detached process; settles when it has begun. */
export async function resumeDetached(
  world: World,
  cwd: string,
  { run, flags }: { readonly run: RunRef; readonly flags: readonly string[] },
): Promise<Detached> {
  const project = await locate(world, cwd, run.key);
  const { projectRoot } = project;
  const stage = run.stage === null ? "" : `-s${run.stage}`;
  const id = printRun(run);
  const name = sessionName(world, `${run.key.task}-${run.taskType}${stage}-${sequence(run.seq)}`, id);
  const spec = {
    name,
    args: ["resume", id, ...flags],
    cwd: projectRoot,
    log: runPaths(projectRoot, run).log("detached"),
  };
  const seen = (await startsOf(world, project, run)).length;
  const launched = await launch(world, spec);
  const pid = await begun(world, { project, run, seen, launched, log: spec.log });
  return { ...told(launched, spec), pid, attach: launched.attach ?? `okstra logs ${shellWord(id)} -f` };
}

/** Any okstra command line about a task, in a detached process. */
export async function commandDetached(
  world: World,
  ask: { readonly cwd: string; readonly key: TaskKey; readonly args: readonly string[] },
): Promise<Detached> {
  const name = sessionName(world, `${ask.args[0]}-${ask.key.task}`, world.host.random.id(8));
  const spec = { name, args: ask.args, cwd: ask.cwd, log: homePaths(world.home).detachedLog(name) };
  const launched = await launch(world, spec);
  return { ...told(launched, spec), attach: launched.attach ?? `okstra status ${shellWord(printKey(ask.key))}` };
}

/** Letters that tmux and file systems take; unique to home and subject. */
function sessionName({ home }: World, text: string, subject: string): string {
  const hash = createHash("sha256").update(`${home}\n${subject}`).digest("hex").slice(0, 8);
  return `okstra-${segment(text)
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .slice(0, 48)}-${hash}`;
}

type Spec = {
  readonly name: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly log: string;
};
type Launched = {
  readonly pid: number | null;
  readonly session: string | null;
  readonly attach: string | null;
  readonly isThere: () => Promise<boolean>;
};

const told = ({ pid, session }: Launched, { log }: Spec): Omit<Detached, "attach"> => ({
  pid,
  sessionName: session,
  log,
});

async function launch(world: World, spec: Spec): Promise<Launched> {
  const { host } = world;
  await host.files.makeFolder(join(spec.log, ".."));
  const tmux = await host.processes.find("tmux", host.machine.env["PATH"] ?? "");
  const launched = tmux === undefined ? undefined : await launchInTmux(world, tmux, spec);
  if (launched !== undefined) return launched;
  const process = await host.processes.launchDetached({
    command: commandOf(world, spec),
    cwd: spec.cwd,
    env: environment(world),
    logPath: spec.log,
  });
  return { pid: process.pid, session: null, attach: null, isThere: async () => host.processes.alive(process) };
}

const commandOf = ({ host: { machine } }: World, { args }: Spec): [string, ...string[]] => [
  machine.nodePath,
  join(machine.packageRoot, "dist", "main.js"),
  ...args,
];

const environment = ({ host: { machine } }: World): Record<string, string> =>
  Object.fromEntries(Object.entries(machine.env).filter((pair): pair is [string, string] => pair[1] !== undefined));

/**
 * What runs in a session: the command, with all that it says also in the log. tmux can copy a pane by itself, and loses the end
 * of what a program says that exits at once. tmux also leaves its server's socket behind.
 */
const script = '"$@" 2>&1 | tee -i -a "$OKSTRA_DETACHED_LOG"; rm -f "$(echo "$TMUX" | cut -d, -f1)"';

/** Undefined when tmux does not start: then it goes without. */
async function launchInTmux(world: World, tmux: string, spec: Spec): Promise<Launched | undefined> {
  const { processes } = world.host;
  const server = [tmux, "-L", spec.name, "-f", "/dev/null"] as const;
  // tmux takes an argument that ends in a semicolon for the end of its own command.
  const command = commandOf(world, spec).map((word) => word.replace(/;$/, "\\;"));
  const session = ["new-session", "-d", "-s", spec.name, "-x", "200", "-y", "50", "-c", spec.cwd];
  const env = { ...environment(world), OKSTRA_DETACHED_LOG: spec.log };
  const run = (args: readonly string[]) =>
    processes.run({ command: [...server, ...args], cwd: spec.cwd, env, timeoutMs: 10_000 });
  const { exitCode, stderr } = await run([...session, "--", "sh", "-c", script, "sh", ...command]);
  if (exitCode !== 0) {
    world.say(`tmux does not start (${stderr.trim()}); the process runs without it`);
    return undefined;
  }
  return {
    pid: null,
    session: spec.name,
    attach: `tmux -L ${spec.name} attach`,
    isThere: async () => (await run(["has-session", "-t", spec.name])).exitCode === 0,
  };
}

type Starting = {
  readonly project: FoundProject;
  readonly run: RunRef;
  readonly seen: number;
  readonly launched: Launched;
  readonly log: string;
};

/** Waits until the run was started once more than before, or the process is gone; the id of the process that started it. */
async function begun(world: World, of: Starting): Promise<number> {
  const bell = new Bell(world, runPaths(of.project.projectRoot, of.run).journal);
  try {
    for (;;) {
      const there = await of.launched.isThere();
      const starts = await startsOf(world, of.project, of.run);
      const last = starts.at(-1);
      if (last !== undefined && starts.length > of.seen) return last.data.pid;
      if (!there) throw await failedToBegin(world, of);
      await bell.rings();
    }
  } finally {
    bell.stop();
  }
}

type Start = Extract<JournalEvent, { type: "run.started" }>;

async function startsOf(world: World, project: FoundProject, run: RunRef): Promise<Start[]> {
  const { events } = await readRunState(world, project, run);
  return events.filter((event): event is Start => event.type === "run.started");
}

async function failedToBegin(world: World, { run, log }: Starting) {
  const tail = Buffer.from((await world.host.files.readTail(log, 2_000)) ?? []).toString("utf8");
  const said = tail.trim().split("\n").slice(-3).join(" ");
  return fault(
    "run-not-executed",
    `The detached process ended before ${printRun(run)} began${said === "" ? "" : `: ${said}`}`,
    `Run it here: okstra resume ${shellWord(printRun(run))}`,
    { run: printRun(run), log },
  );
}
