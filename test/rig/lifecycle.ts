/**
 * A whole lifecycle by the commands that a person gives, killed again and again: after each kill the person looks at the status,
 * resumes what was interrupted, and gives the command of the step that is not done yet.
 */
import { type RunRef, readRun } from "../../src/model/index.ts";
import { normalise } from "../normalise.ts";
import { agents, contentOf, key } from "./calculator.ts";
import { chanceOf, difference, isUndone, reportsOf } from "./kills.ts";
import type { Ground } from "./races.ts";
import type { Ran, Rig } from "./rig.ts";
import { clarificationsOf, eventsOf, ledgerOf, registryOf, taskManifestOf, wrongs } from "./world.ts";

/** In effects of the command, or in milliseconds of it. */
export type Clock = "effects" | "milliseconds";

export type Life = { readonly kills: readonly string[]; readonly wrong: readonly string[] };

type Status = {
  readonly task: { readonly next: { readonly taskType: string } | null; readonly stages: readonly { state: string }[] };
  readonly runs: readonly { readonly id: string; readonly taskType: string; readonly outcome: string }[];
  readonly clarifications: readonly { readonly status: string }[];
  readonly interrupted: readonly string[];
};

type Step = {
  readonly command: (rig: Rig) => readonly string[];
  readonly isDone: (status: Status) => boolean;
};

const run = (rig: Rig, taskType: string, ...more: readonly string[]): readonly string[] => [
  ...["run", ...more, "--task-key", key, "--task-type", taskType, "--agents", agents(rig)],
];

const completed =
  (taskType: string) =>
  ({ runs }: Status): boolean =>
    runs.some((one) => one.taskType === taskType && one.outcome === "completed");

const steps: readonly Step[] = [
  {
    command: (rig) => run(rig, "error-analysis", `${rig.folder}/brief.md`, "--base-ref", "main"),
    isDone: completed("error-analysis"),
  },
  {
    command: () => ["answer", key, "C-001", "No."],
    isDone: ({ clarifications }) => clarifications.every(({ status }) => status !== "open"),
  },
  { command: (rig) => run(rig, "implementation-planning"), isDone: completed("implementation-planning") },
  {
    command: (rig) => ["approve", key, "--content", contentOf(rig)],
    isDone: ({ task }) => task.stages.length > 0,
  },
  {
    command: (rig) => ["implement", key, "--stage", "all", "--parallel", "2", "--agents", agents(rig)],
    isDone: ({ task }) => task.stages.every(({ state }) => state === "done"),
  },
  { command: (rig) => run(rig, "final-verification"), isDone: completed("final-verification") },
];

/** Lives from beginning to end until so many kills are done: the gaps between them are chosen before, by the seed. */
export async function killedLives(ground: Ground, kills: number, clock: Clock, seed: number): Promise<Life> {
  const { rig, restore } = ground;
  restore();
  const whole = await live(rig, clock, () => Number.POSITIVE_INFINITY);
  if (whole.wrong.length > 0) throw new Error(`without a kill: ${whole.wrong.join("\n")}`);
  const expected = resultOf(rig);
  const chance = chanceOf(seed);
  const said: string[] = [];
  const wrong: string[] = [];
  while (said.length < kills && wrong.length === 0) {
    restore();
    // The mean is what spreads the kills over the whole life.
    const gap = (): number => (said.length < kills ? 1 + Math.floor((chance() * 2 * whole.length) / kills) : Infinity);
    const life = await live(rig, clock, gap, (kill) => said.push(kill));
    wrong.push(...life.wrong);
    const result = life.wrong.length > 0 ? expected : resultOf(rig);
    if (result !== expected) wrong.push(`the result differs: ${difference(expected, result)}`);
  }
  return { kills: said, wrong: wrong.map((line) => line.replaceAll(rig.folder, "")) };
}

/** Gives how long the life was by its clock, redone work included. */
async function live(rig: Rig, clock: Clock, gap: () => number, onKill: (what: string) => void = () => undefined) {
  let left = gap();
  let length = 0;
  const wrong: string[] = [];
  for (const step of steps) {
    for (let tries = 0; ; tries += 1) {
      const status = await statusOf(rig);
      if (typeof status === "string") return { length, wrong: [status] };
      const command = nextCommand(rig, step, status);
      if (command === undefined) break;
      if (tries > 50) return { length, wrong: [`${command.join(" ")}: never done`] };
      const { ran, took, last } = await clocks[clock](rig, [...command, "--json"], left);
      length += took;
      if (ran.signal === "SIGKILL") {
        onKill(`${command[0]} ${command[0] === "run" ? command.at(command.indexOf("--task-type") + 1) : ""} ${last}`);
        left = gap();
        continue;
      }
      left -= took;
      if (isUndone(ran)) continue;
      if (ran.code !== 0)
        return { length, wrong: [`${command.join(" ")}: exit ${ran.code}: ${ran.stdout}${ran.stderr}`] };
      wrong.push(...(await wrongs(rig, key)));
    }
  }
  wrong.push(...(await unsound(rig)));
  return { length, wrong };
}

function nextCommand(rig: Rig, step: Step, status: Status | undefined): readonly string[] | undefined {
  if (status === undefined) return step.command(rig);
  const open = status.interrupted[0] ?? status.runs.find(({ outcome }) => outcome === "prepared")?.id;
  if (open !== undefined) return ["resume", open];
  return step.isDone(status) ? undefined : step.command(rig);
}

/** Undefined when there is no task yet, a sentence when the command fails. */
async function statusOf(rig: Rig): Promise<Status | undefined | string> {
  const ran = await rig.okstra(["status", key, "--json"]);
  if (ran.code === 0) return ran.json<Status>();
  const none = ran.code === 2 && ran.json<{ error: { reason: string } }>().error.reason === "not-a-task";
  return none ? undefined : `status: exit ${ran.code}: ${ran.stdout}${ran.stderr}`;
}

type Ticked = { readonly ran: Ran; readonly took: number; readonly last: string };

/** Runs a command that is killed when the clock has ticked so often. */
const clocks: Readonly<Record<Clock, (rig: Rig, args: readonly string[], left: number) => Promise<Ticked>>> = {
  effects: async (rig, args, left) => {
    const { ran, effects } = await rig.traced(args, Number.isFinite(left) ? { stopBefore: left } : {});
    const last = effects.at(-1);
    return { ran, took: effects.length, last: `before effect ${last?.n ?? 0}, ${last?.kind} ${last?.detail}` };
  },
  milliseconds: async (rig, args, left) => {
    const begun = performance.now();
    const { child, done } = rig.launch(args);
    const timer = Number.isFinite(left) ? setTimeout(() => child.kill("SIGKILL"), left) : undefined;
    const ran = await done;
    clearTimeout(timer);
    const took = Math.ceil(performance.now() - begun);
    return { ran, took, last: `after ${took} ms` };
  },
};

/** What the product itself finds, and conversations that were paid twice though their result was there. */
async function unsound(rig: Rig): Promise<string[]> {
  const wrong: string[] = [];
  for (const kind of ["run", "plan"]) {
    const ran = await rig.okstra(["validate", kind, "--all"]);
    if (ran.code !== 0 || !ran.stdout.includes("result: OK"))
      wrong.push(`validate ${kind}: ${ran.stdout}${ran.stderr}`);
  }
  for (const { id } of taskManifestOf(rig, key)?.runs ?? []) {
    const done = eventsOf(rig, readRun(id)).filter((event) => event.type === "dispatch.done");
    const names = done.map((event) => String(event.data["name"]));
    wrong.push(...names.filter((name, at) => names.indexOf(name) < at).map((name) => `${id}: ${name} was done twice`));
  }
  return wrong;
}

/** What a person has at the end; which of two stages was merged first is left to chance, and what follows from it is left out. */
function resultOf(rig: Rig): string {
  const runs = (taskManifestOf(rig, key)?.runs ?? [])
    .map((one) => `${one.id} ${one.outcome} ${one.verdict ?? ""}`)
    .sort();
  const entries = Object.values(registryOf(rig)).map((entry) => `${entry.key} ${entry.status} ${entry.branch}`);
  const ledger = new Map(ledgerOf(rig, key).map((row) => [row.stage, row.status]));
  const subjects = rig.git("log", "--all", "--exclude=refs/okstra/*", "--format=%s").split("\n");
  const tree = rig.git("rev-parse", "fix-add^{tree}");
  const said = clarificationsOf(rig, key).map((item) => JSON.stringify(item));
  const studies: RunRef[] = ["error-analysis", "implementation-planning"].map((type) => readRun(`${key}@${type}#001`));
  const reports = studies.flatMap((study) => reportsOf(rig, study));
  const lines = [
    ...runs,
    ...entries.sort(),
    ...[...ledger].sort().map(String),
    ...subjects.sort(),
    tree,
    ...said,
    ...reports,
  ];
  return normalise(withoutHashes(lines.join("\n")), { paths: [rig.folder] });
}

/** A hash of a whole report has its times in it. */
function withoutHashes(text: string): string {
  const hashes = [...new Set(text.match(/\b[0-9a-f]{64}\b/g))];
  return hashes.reduce((was, hash) => was.replaceAll(hash, "<hash>").replaceAll(hash.slice(0, 12), "<hash>"), text);
}
