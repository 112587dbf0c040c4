/** What a runner is given: the engine's world, the folder it works for, and the terminal. */
import { resolve } from "node:path";
import type { World } from "../engine/index.ts";
import type { Host } from "../host/index.ts";
import { homeOf } from "../lifecycle/index.ts";
import { fault, type Listener } from "../model/index.ts";
import type { Common } from "./command.ts";
import { progressListener } from "./progress.ts";
import type { Stream, Terminal } from "./terminal.ts";
import { oneLine, safeJson } from "./text.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the composition root gives: everything real. */
export type Outside = {
  readonly okstraVersion: string;
  readonly env: Environment;
  /** The folder the process was started in. Throws when it is gone. */
  readonly cwd: () => string;
  readonly terminal: Terminal;
  /** Aborted when a person interrupts. */
  readonly signal: AbortSignal;
  /** The host as a process with this environment has it. */
  readonly hostFor: (env: Environment) => Host;
};

export type Context = {
  readonly cwd: string;
  readonly common: Common;
  /** Which face asks, as records name it. */
  readonly via: "cli" | "demo";
  readonly terminal: Terminal;
  readonly world: World;
  readonly outside: Outside;
  /** A line of the story; nothing under --quiet. */
  readonly say: (line: string) => void;
};

export async function openContext(outside: Outside, common: Common): Promise<Context> {
  const env = common.language === undefined ? outside.env : { ...outside.env, OKSTRA_LANGUAGE: common.language };
  const context = contextFor(outside, { common, env, cwd: resolve(startFolder(outside, common), common.cwd ?? ".") });
  if (common.cwd !== undefined) await requireFolder(context);
  return context;
}

type Place = {
  readonly common: Common;
  readonly env: Environment;
  readonly cwd: string;
  readonly via?: Context["via"];
};

/** A context of another environment and folder, such as the demo's own. */
export function contextFor(outside: Outside, { common, env, cwd, via = "cli" }: Place): Context {
  const host = outside.hostFor(env);
  const { say, listen } = common.jsonEvents ? eventLines(outside.terminal) : storyLines(outside.terminal, common.quiet);
  return {
    cwd,
    common,
    via,
    terminal: common.unattended ? { ...outside.terminal, canAsk: () => false } : outside.terminal,
    outside,
    say,
    world: {
      host,
      home: homeOf(env, host.machine.userHome),
      okstraVersion: outside.okstraVersion,
      listen,
      say,
      signal: outside.signal,
    },
  };
}

type Story = { readonly say: (line: string) => void; readonly listen: Listener };

function storyLines(terminal: Terminal, quiet: boolean): Story {
  const to: Stream = "story";
  const say = (line: string): void => {
    if (!quiet) terminal.write(to, `${oneLine(line)}\n`);
  };
  return { say, listen: progressListener(say) };
}

/** Every line is a JSON document: an event of a run, or `{"type": "said", "data": {"text": ...}}`. */
function eventLines(terminal: Terminal): Story {
  const write = (document: unknown): void => terminal.write("story", `${safeJson(document, 0)}\n`);
  return { say: (text) => write({ type: "said", data: { text } }), listen: write };
}

function startFolder(outside: Outside, common: Common): string {
  if (common.cwd?.startsWith("/") === true) return "/";
  try {
    return outside.cwd();
  } catch (cause) {
    throw fault(
      "usage",
      "The folder this was started in is gone",
      "Change to one that exists, or give --cwd DIR",
      {},
      cause,
    );
  }
}

async function requireFolder({ world, cwd }: Context): Promise<void> {
  const real = await world.host.files.realPath(cwd);
  const seen = real === undefined ? undefined : await world.host.files.look(real);
  if (seen?.kind !== "folder") {
    throw fault("usage", `--cwd: there is no folder ${cwd}`, "Give the path of a folder that exists", { cwd });
  }
}
