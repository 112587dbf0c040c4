/**
 * One dispatch is one conversation: a question to an agent, and at most two more in the same conversation when its result does not
 * fit, and at most three to hand over what it asked the engine to look up. It ends in exactly one outcome with a name (outcome.ts). What must stay true:
 * - After the outcome nothing of the agent runs.
 * - A result that came in while we were ending the agent counts, once, if it is whole and fits; nobody is asked again then.
 * - Nothing is tried again here but the form of a result: what to do about a time-out or failure, the engine decides.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Host, Spawned } from "../host/index.ts";
import { Fault, fault, type TokenUse } from "../model/index.ts";
import { type ClockLimits, type Clocks, nextQuestion, startClocks } from "./clocks.ts";
import type { Access, Address, AgentConfig, AgentEvent, Driver, DriverAsk, Launch } from "./contract.ts";
import { childEnvironment, secretsIn } from "./env.ts";
import { type Checked, type DispatchOutcome, type Judged, judge, outcome, overBudget } from "./outcome.ts";
import { askOnce, type EndedFor, type Heard } from "./question.ts";
import { redactor, redactValue } from "./redact.ts";
import { sumUse } from "./token-use.ts";

/** What happens in a dispatch, for progress and audit: the agent's events and ours. */
export type DispatchEvent =
  | AgentEvent
  | { readonly type: "long"; readonly afterMs: number }
  | { readonly type: "asked-again"; readonly reask: number; readonly problems: readonly string[] }
  | { readonly type: "ending"; readonly why: EndedFor };

/** All paths are absolute. */
export type DispatchAsk<T> = {
  readonly driver: Driver;
  readonly config: AgentConfig;
  /** `reask` is filled in here. */
  readonly address: Omit<Address, "reask">;
  /** Unique to this dispatch; in the environment of every process of it (OKSTRA_DISPATCH). */
  readonly mark: string;
  readonly prompt: string;
  readonly cwd: string;
  readonly access: Access;
  readonly extraWritable?: readonly string[];
  /** Outside of `cwd`, what a commit there writes to. */
  readonly gitFolders?: readonly string[];
  /** A resolved model id, or null for the agent's own default. */
  readonly model: string | null;
  /** The vendor expected (`driver.family`); what is served counts more. */
  readonly family: string;
  readonly systemText?: string;
  /** JSON Schema of the result, for agents that enforce one. */
  readonly schema?: unknown;
  readonly limits?: { readonly turns: number | null; readonly usd: number | null };
  /** Why the agent has to stop by what the whole conversation used so far, as a sentence about it; undefined to go on. */
  readonly over?: (use: TokenUse) => string | undefined;
  /** HOME and TMPDIR of the agent, and a folder for files the launch needs; made when missing. */
  readonly home: string;
  readonly temporaryFolder: string;
  readonly scratch: string;
  /** The stream of all questions as it came, appended. */
  readonly logPath: string;
  readonly clocks: ClockLimits;
  /** Values that must not show in what is kept, besides those found in the agent's environment. */
  readonly secrets?: readonly string[];
  /** Whether the parsed result fits. */
  readonly check: (value: unknown) => Checked<T>;
  /** The message that asks again; `reask` is 1 or 2. */
  readonly askAgain: (problems: readonly string[], reask: number) => string;
  /** What there is to say to a result that fits, in the same conversation; undefined where it is the answer. `nth` is 1, 2 or 3. */
  readonly goOn?: (value: T, nth: number) => Promise<string | undefined>;
  readonly onEvent?: (event: DispatchEvent) => void;
  /** Makes of a command one that is confined; without it the agent runs unconfined. */
  readonly confine?: (launch: Launch) => Promise<Launch["command"]>;
  /** Called for each process as soon as it exists; when it fails, the agent is ended and the dispatch fails the same way. */
  readonly onSpawned?: (process: Spawned) => Promise<void>;
  readonly signal?: AbortSignal;
};

const mostReasks = 2;
const mostChecks = 3;

type Turn = {
  readonly reask: number;
  readonly checked: number;
  readonly prompt: string;
  readonly session: string | null;
  /** Of the processes before, as sumUse has it. */
  readonly used: TokenUse | null;
  readonly clocks: Clocks;
};

/**
 * Asks an agent and returns what became of it. Throws `interrupted` when the signal stopped it before a valid result was in, and
 * the host's faults (disk-full and the like); everything that an agent can do is an outcome.
 */
export async function dispatch<T>(host: Host, ask: DispatchAsk<T>): Promise<DispatchOutcome<T>> {
  if (ask.signal?.aborted === true) throw stopped(ask);
  const absent = await absentFrom(host, ask);
  try {
    return await converse(host, ask);
  } finally {
    // Only what is empty goes: what the agent put there is judged like all that it did.
    for (const path of absent) await host.files.removeEmptyFolder(path);
  }
}

/** Folders that the agent's own sandbox may leave in the tree, and that are not there yet. */
async function absentFrom<T>(host: Host, { driver, cwd }: DispatchAsk<T>): Promise<readonly string[]> {
  const paths = (driver.leaves ?? []).map((name) => join(cwd, name));
  const found = await Promise.all(paths.map((path) => host.files.look(path)));
  return paths.filter((_, at) => found[at] === undefined);
}

async function converse<T>(host: Host, ask: DispatchAsk<T>): Promise<DispatchOutcome<T>> {
  for (const folder of [ask.home, ask.temporaryFolder, ask.scratch])
    await host.files.makeFolder(folder, { mode: 0o700 });
  const begun = host.clock.monotonic();
  const setting = settingOf(host, ask);
  const conversation: Heard[] = [];
  const lost: string[] = [];
  const settle = (judged: Judged<T>, more: readonly string[] = []): DispatchOutcome<T> => {
    const notes = [...lost, ...more];
    return outcome(conversation, judged, {
      family: ask.family,
      reasks: turn.reask,
      durationMs: Math.round(host.clock.monotonic() - begun),
      notes,
      redact: setting.redact,
    });
  };
  /** The last result that fitted and was answered with checks: what comes after it can only better it. */
  let fitting: Judged<T> | undefined;
  let turn: Turn = { reask: 0, checked: 0, prompt: ask.prompt, session: null, used: null, clocks: startClocks(begun) };
  for (;;) {
    const heard = await take(host, ask, { setting, turn });
    if (!("hearing" in heard)) return fitting === undefined ? settle(heard) : settle(fitting, [worse(heard)]);
    conversation.push(heard);
    if (turn.session !== null && heard.hearing.session !== null && heard.hearing.session !== turn.session)
      lost.push("its conversation was not found again: it was asked anew, with the whole question");
    const judged = judge(heard, (value) => ask.check(redactValue(value, setting.redact)));
    if (judged.is === "interrupted") throw stopped(ask);
    const session = heard.hearing.session ?? turn.session;
    const resumable = ask.driver.canResume && session !== null && heard.over === null;
    if (judged.ending.status === "completed" && turn.checked < mostChecks && resumable) {
      const prompt = await ask.goOn?.(judged.ending.value, turn.checked + 1);
      if (prompt !== undefined) {
        fitting = judged;
        const used = sumUse(conversation.map(({ hearing }) => hearing.usage));
        const clocks = nextQuestion(heard.clocks, host.clock.monotonic());
        turn = { reask: turn.reask, checked: turn.checked + 1, prompt, session, used, clocks };
        continue;
      }
    }
    if (judged.is === "final" || turn.reask === mostReasks)
      return fitting === undefined || judged.ending.status === "completed"
        ? settle(judged)
        : settle(fitting, [worse(judged)]);
    if (!ask.driver.canResume || session === null)
      return settle(judged, ["its conversation could not be gone on with"]);
    if (heard.over !== null) return settle(overBudget(heard.over, judged.problems));
    if ((await host.files.look(ask.cwd)) === undefined) return settle(treeGone(judged));
    const reask = turn.reask + 1;
    const problems = judged.problems.map(setting.redact);
    ask.onEvent?.({ type: "asked-again", reask, problems });
    const clocks = nextQuestion(heard.clocks, host.clock.monotonic());
    const used = sumUse(conversation.map(({ hearing }) => hearing.usage));
    turn = { reask, checked: turn.checked, prompt: ask.askAgain(problems, reask), session, used, clocks };
  }
}

const worse = ({ message }: Judged<unknown>): string =>
  `given what it asked to be looked up, it ${message}: the result before that counts`;

type Setting = {
  readonly env: (own: Readonly<Record<string, string>>) => Record<string, string>;
  readonly redact: (text: string) => string;
};

function settingOf<T>(host: Host, ask: DispatchAsk<T>): Setting {
  const { home, temporaryFolder, mark, config, driver } = ask;
  const around = { from: host.machine.env, home, temporaryFolder, mark, config, driver };
  const env = (own: Readonly<Record<string, string>>): Record<string, string> => childEnvironment(around, own);
  return { env, redact: redactor([...(ask.secrets ?? []), ...secretsIn(env({}))]) };
}

/** One question of the conversation; a program that is not there is an outcome of its own. */
async function take<T>(
  host: Host,
  ask: DispatchAsk<T>,
  at: { setting: Setting; turn: Turn },
): Promise<Heard | Judged<never>> {
  const { setting, turn } = at;
  const program = await ask.driver.locate(host, ask.config);
  if (program === undefined) return missing(`its program ${ask.config.command ?? ask.driver.name} is not on the PATH`);
  const question = driverAsk(ask, turn, program);
  const hindrance = await ask.driver.hindrance?.(host, question);
  if (hindrance !== undefined) return hindered(hindrance);
  const { session } = turn;
  const launch = session === null ? ask.driver.command(host, question) : ask.driver.resume(host, question, session);
  try {
    return await askOnce(host, {
      launch,
      ...(ask.confine === undefined ? {} : { confine: ask.confine }),
      parser: ask.driver.listen(question),
      cwd: ask.cwd,
      env: setting.env(launch.env),
      logPath: ask.logPath,
      redact: setting.redact,
      limits: ask.clocks,
      clocks: turn.clocks,
      onEvent: (event) => ask.onEvent?.(event),
      onLong: () => ask.onEvent?.({ type: "long", afterMs: ask.clocks.softMs }),
      onEnding: (why) => ask.onEvent?.({ type: "ending", why }),
      onSpawned: async (process) => ask.onSpawned?.(process),
      over: (use) => ask.over?.(turn.used === null ? use : (sumUse([turn.used, use]) ?? use)),
      signal: ask.signal,
    });
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.failure.reason !== "agent-missing") throw thrown;
    return missing(thrown.failure.message);
  }
}

const driverAsk = <T>(ask: DispatchAsk<T>, turn: Turn, program: string): DriverAsk => ({
  address: { ...ask.address, reask: turn.reask, checked: turn.checked },
  prompt: turn.prompt,
  first: turn.session === null ? null : ask.prompt,
  cwd: ask.cwd,
  extraWritable: ask.extraWritable ?? [],
  gitFolders: ask.gitFolders ?? [],
  access: ask.access,
  model: ask.model,
  session: createHash("sha256").update(ask.mark).digest("hex").slice(0, 32),
  systemText: ask.systemText ?? null,
  schema: ask.schema,
  limits: ask.limits ?? { turns: null, usd: null },
  scratch: ask.scratch,
  home: ask.home,
  used: turn.used,
  program,
  confined: ask.confine !== undefined,
  config: ask.config,
});

const missing = (message: string): Judged<never> => ({
  is: "final",
  ending: { status: "not-run", reason: "agent-missing", value: null, resultText: null },
  note: null,
  message,
  failure: { kind: "deterministic", message },
  problems: [],
  resetAt: null,
});

const hindered = (message: string): Judged<never> => ({
  is: "final",
  ending: { status: "error", reason: "agent-failed", value: null, resultText: null },
  note: null,
  message,
  failure: { kind: "deterministic", message },
  problems: [],
  resetAt: null,
});

function treeGone(judged: Judged<unknown>): Judged<never> {
  const message = "gave a result that does not fit, and the folder it worked in is gone";
  const ending = { status: "error", reason: "tree-gone", value: null, resultText: judged.ending.resultText } as const;
  return { ...judged, is: "final", ending, message, failure: { kind: "deterministic", message } };
}

const stopped = <T>({ address }: DispatchAsk<T>): Fault =>
  fault(
    "interrupted",
    `${address.worker} (${address.role}) was stopped`,
    "Run okstra resume with the run's id to go on",
    {
      worker: address.worker,
      role: address.role,
    },
  );
