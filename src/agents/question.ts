/**
 * One process of an agent, from spawn to the last of its descendants: starts it, hears it, keeps its clocks, ends it. Settles only
 * when nothing of it is left running, what left its group and parents included (the mark in the environment tells).
 */
import { dirname } from "node:path";
import type { Child, Host, Spawned } from "../host/index.ts";
import type { TokenUse } from "../model/index.ts";
import { type ClockLimits, type Clocks, heard, isLong, type RanOut, ranOut, sayLong, wakeAt } from "./clocks.ts";
import type { AgentEvent, Exit, Launch, Parser } from "./contract.ts";
import { type Hearing, note, noteStderr, openHearing } from "./hearing.ts";

export type Question = {
  readonly launch: Launch;
  readonly confine?: (launch: Launch) => Promise<Launch["command"]>;
  readonly parser: Parser;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logPath: string;
  readonly redact: (text: string) => string;
  readonly limits: ClockLimits;
  readonly clocks: Clocks;
  readonly onEvent: (event: AgentEvent) => void;
  /** It takes long; called once in a dispatch. */
  readonly onLong: () => void;
  readonly onEnding: (why: EndedFor) => void;
  /** Why the agent has to stop by what it used in this process, or undefined. */
  readonly over: (use: TokenUse) => string | undefined;
  readonly onSpawned: (process: Spawned) => Promise<void>;
  readonly signal: AbortSignal | undefined;
};

/** Why we end a process. */
export type EndedFor = RanOut | "interrupted" | "budget";

export type Heard = {
  readonly hearing: Hearing;
  readonly clocks: Clocks;
  readonly exit: Exit;
  /** Why we ended it, or null when it exited by itself. */
  readonly ended: EndedFor | null;
  /** With `budget`: the sentence that said so. */
  readonly over: string | null;
  /** How long its clocks let it. */
  readonly limits: ClockLimits;
  /** Processes that outlived it, ended by us. */
  readonly left: number;
};

export async function askOnce(host: Host, question: Question): Promise<Heard> {
  const watch = watchOver(host, question);
  const { launch, cwd, env, logPath, redact, limits } = question;
  for (const file of launch.files) await host.files.replaceFile(file.path, file.text, { mode: 0o600 });
  for (const { from, to } of launch.credentials) await lend(host, from, to);
  const child = await host.processes.supervise({
    // After files and logins are there, since what is not there cannot be opened.
    command: (await question.confine?.(launch)) ?? launch.command,
    cwd,
    env,
    stdin: launch.stdin,
    logPath,
    redact,
    onLine: (line) => watch.take(question.parser.hear(line)),
    onStderr: (text) => noteStderr(watch.hearing, text),
  });
  try {
    watch.arm();
    await question.onSpawned({ pid: child.pid, startTime: child.startTime });
    const ended = await firstOf(child, watch.stopped);
    if (ended !== null) question.onEnding(ended);
    // Also after an exit of its own: this ends whatever of it is left.
    const found = await child.end(limits.graceMs);
    const left = ended === null ? found : 0;
    const exit = await child.exited;
    if (ended === null) watch.take(question.parser.end(exit));
    return { hearing: watch.hearing, clocks: watch.clocks(), exit, ended, over: watch.over(), limits, left };
  } catch (cause) {
    await child.end(limits.graceMs);
    throw cause;
  } finally {
    watch.close();
  }
}

/** A link, not a copy: an agent that renews its login must renew the user's, or the user is logged out. */
async function lend(host: Host, from: string, to: string): Promise<void> {
  if ((await host.files.look(from)) === undefined || (await host.files.look(to)) !== undefined) return;
  await host.files.makeFolder(dirname(to), { mode: 0o700 });
  await host.files.link(from, to);
}

const firstOf = (child: Child, stopped: Promise<EndedFor>): Promise<EndedFor | null> =>
  Promise.race([child.exited.then(() => null), stopped]);

/** The ear and the clocks of one process; `stopped` settles when a clock has run out or a person stopped the run. */
function watchOver(host: Host, question: Question) {
  const { limits, signal } = question;
  const hearing = openHearing();
  let clocks = question.clocks;
  let timer: { readonly at: number; readonly cancel: () => void } | undefined;
  let stopping = false;
  let over: string | null = null;
  let stop: (why: EndedFor) => void = () => {};
  const stopped = new Promise<EndedFor>((resolve) => {
    stop = (why) => {
      stopping ||= why !== "linger";
      resolve(why);
    };
  });
  const interrupt = (): void => stop("interrupted");
  const arm = (): void => {
    const at = wakeAt(clocks, limits);
    if (timer !== undefined && timer.at <= at) return;
    timer?.cancel();
    timer = { at, cancel: host.clock.after(Math.max(0, at - host.clock.monotonic()), tick) };
  };
  const tick = (): void => {
    timer = undefined;
    const now = host.clock.monotonic();
    const why = ranOut(clocks, limits, now);
    if (why !== undefined) {
      stop(why);
      return;
    }
    if (isLong(clocks, limits, now)) {
      clocks = sayLong(clocks);
      question.onLong();
    }
    arm();
  };
  const take = (events: readonly AgentEvent[]): void => {
    for (const event of events) {
      note(hearing, event, stopping);
      clocks = heard(clocks, event, host.clock.monotonic());
      question.onEvent(event);
    }
    // After all that came with it: a result that was paid for counts.
    if (events.some(({ type }) => type === "usage") && hearing.usage !== null && over === null) {
      over = question.over(hearing.usage) ?? null;
      if (over !== null) stop("budget");
    }
    if (timer !== undefined) arm();
  };
  const begin = (): void => {
    signal?.addEventListener("abort", interrupt, { once: true });
    if (signal?.aborted === true) interrupt();
    arm();
  };
  const close = (): void => {
    timer?.cancel();
    signal?.removeEventListener("abort", interrupt);
  };
  return { hearing, clocks: () => clocks, over: () => over, stopped, take, arm: begin, close };
}
