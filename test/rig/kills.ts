/**
 * Kills a command just before one of its effects, lets the next command finish or undo it, and says what is wrong then. Each
 * scene begins from the same kept folder, so a kill costs two commands and no preparation.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type RunRef, readRun } from "../../src/model/index.ts";
import { normalise } from "../normalise.ts";
import { configure } from "./attempts.ts";
import { agents, key } from "./calculator.ts";
import { type Ground, prepareStage } from "./races.ts";
import type { Effect, Ran, Rig } from "./rig.ts";
import { lastEnd, registryOf, runFolderOf, taskManifestOf, wrongsAfterDeletion } from "./world.ts";

export type Scene = {
  readonly name: string;
  /** The effects of the command when nothing kills it. */
  readonly effects: readonly Effect[];
  /**
   * Kills before an effect (its number, or `git.merge:1` for the first of a kind) and goes on; gives the effect that was hit, none
   * when the command came to its end before it, and what is wrong now. `other`: goes on with another command than the story's,
   * after which the result may be another too.
   */
  kill(
    at: number | string,
    other?: Story["next"],
  ): Promise<{ readonly hit: Effect | undefined; readonly wrong: readonly string[] }>;
  /** Kills after this share of the time that the whole command took, wherever it is then, and goes on. */
  killWithin(share: number): Promise<{ readonly killed: boolean; readonly wrong: readonly string[] }>;
};

type Story = {
  readonly name: string;
  readonly ground: "fresh" | "approved";
  /** What comes before the command, after what the ground has. */
  readonly before: (rig: Rig) => Promise<void>;
  readonly command: (rig: Rig) => readonly string[];
  /** The command after the kill; gives what is wrong with how it went. */
  readonly next: (rig: Rig) => Promise<readonly string[]>;
  /** What must come out the same with and without a kill, as text. */
  readonly result: (rig: Rig) => string;
};

/** Runs the story once without a kill, on a ground that may have been used before. */
export async function openScene(story: Story, { rig, restore: clear }: Ground): Promise<Scene> {
  clear();
  await story.before(rig);
  const restore = rig.keep();
  const began = performance.now();
  const whole = await rig.traced(story.command(rig));
  const took = performance.now() - began;
  if (whole.ran.code !== 0) throw new Error(`${story.name}: ${said(whole.ran)}`);
  const expected = story.result(rig);
  const wrong = await wrongsAfterDeletion(rig, key);
  if (wrong.length > 0) throw new Error(`${story.name}, without a kill: ${wrong.join("; ")}`);
  const kill: Scene["kill"] = async (at, other) => {
    restore();
    const { ran, effects } = await rig.traced(story.command(rig), { stopBefore: at });
    if (ran.signal !== "SIGKILL") return { hit: undefined, wrong: ran.code === 0 ? [] : [`no kill: ${said(ran)}`] };
    return { hit: effects.at(-1), wrong: await goneOn(other) };
  };
  const goneOn = async (other?: Story["next"]): Promise<string[]> => {
    const found = [...(await (other ?? story.next)(rig)), ...(await wrongsAfterDeletion(rig, key))];
    const result = story.result(rig);
    if (other === undefined && result !== expected) found.push(`the result differs: ${difference(expected, result)}`);
    return found.map((line) => line.replaceAll(rig.folder, ""));
  };
  const killWithin: Scene["killWithin"] = async (share) => {
    restore();
    const { child, done } = rig.launch(story.command(rig));
    const instant = setTimeout(() => child.kill("SIGKILL"), took * share);
    const ran = await done;
    clearTimeout(instant);
    if (ran.signal === null && ran.code !== 0) return { killed: false, wrong: [`no kill: ${said(ran)}`] };
    return { killed: ran.signal === "SIGKILL", wrong: await goneOn() };
  };
  return { name: story.name, effects: whole.effects, kill, killWithin };
}

/** Each kind of effect that the command has, as a place to kill: before the first of it. */
export const firstOfEachKind = (scene: Scene): readonly string[] =>
  [...new Set(scene.effects.map(({ kind }) => kind))].map((kind) => `${kind}:1`);

/** So many effects by chance; the same for the same seed. */
export function someOf(scene: Scene, count: number, seed: number): readonly number[] {
  const chance = chanceOf(seed);
  return Array.from({ length: count }, () => 1 + Math.floor(chance() * scene.effects.length));
}

/** Numbers from 0 up to 1, the same for the same seed. */
export function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x8000_0000;
  };
}

export type Toll = { readonly kinds: readonly string[]; readonly kills: number; readonly wrong: readonly string[] };

/** Kills so many times at an instant that the seed says, as a share of the command's time. */
export async function killWithin(scene: Scene, times: number, seed: number): Promise<Toll> {
  const chance = chanceOf(seed);
  const wrong: string[] = [];
  let kills = 0;
  for (let time = 0; time < times; time += 1) {
    const share = chance();
    const { killed, wrong: found } = await scene.killWithin(share);
    if (killed) kills += 1;
    wrong.push(...found.map((line) => `${scene.name}, killed at ${(share * 100).toFixed(1)} % of its time: ${line}`));
  }
  return { kinds: [], kills, wrong };
}

/** Kills at each of these places, one after the other. */
export async function killAt(scene: Scene, places: readonly (number | string)[]): Promise<Toll> {
  const kinds = new Set<string>();
  const wrong: string[] = [];
  for (const place of places) {
    const { hit, wrong: found } = await scene.kill(place);
    if (hit !== undefined) kinds.add(hit.kind);
    const what = hit === undefined ? `${place}` : `${hit.n} ${hit.kind} ${hit.detail}`;
    wrong.push(...found.map((line) => `${scene.name}, killed before ${what}: ${line}`));
  }
  return { kinds: [...kinds].sort(), kills: places.length, wrong };
}

const said = (ran: Ran): string => `exit ${ran.code ?? ran.signal}: ${ran.stdout}${ran.stderr}`;

/** Gives a command; what is wrong when it fails. */
export const must = async (rig: Rig, ...args: readonly string[]): Promise<string[]> => {
  const ran = await rig.okstra([...args, "--json"]);
  return ran.code === 0 ? [] : [`${args[0]}: ${said(ran)}`];
};

/** Read commands work in any half-state. */
async function readable(rig: Rig): Promise<string[]> {
  const ran = await rig.okstra(["status", key, "--json"]);
  const nothing = ran.code === 2 && ran.json<{ error: { reason: string } }>().error.reason === "not-a-task";
  return ran.code === 0 || nothing ? [] : [`status: ${said(ran)}`];
}

const analysis = (rig: Rig): readonly string[] => [
  ...["prepare", `${rig.folder}/brief.md`, "--task-key", key, "--task-type", "error-analysis"],
  ...["--base-ref", "main", "--agents", agents(rig), "--json"],
];
export const analysisRun = `${key}@error-analysis#001`;
export const stageRun = `${key}@implementation.stage-1#001`;

/** Which runs there are, and where: the same after a killed prepare that was begun again, but for one run more. */
const preparedRuns = (rig: Rig): string =>
  Object.values(registryOf(rig))
    .map((entry) => `${entry.key} ${entry.status}`)
    .join("\n");

export const stories = {
  firstPrepare: {
    name: "prepare of a task's first run",
    ground: "fresh",
    before: async () => undefined,
    command: analysis,
    next: async (rig) => [...(await readable(rig)), ...(await must(rig, ...analysis(rig).slice(0, -1)))],
    result: preparedRuns,
  },
  stagePrepare: {
    name: "prepare of a stage",
    ground: "approved",
    before: async () => undefined,
    command: (rig) => prepareStage(rig),
    next: async (rig) => [...(await readable(rig)), ...(await nextStage(rig))],
    result: () => "",
  },
  provisioning: {
    name: "prepare of a stage whose tree brings much along",
    ground: "approved",
    before: async (rig) => {
      for (const path of ["assets/logo.txt", ".env", "cache/big.txt"]) rig.write(path, path);
      rig.write(".git/info/exclude", "assets\n.env\ncache\n");
      configure(rig, {
        worktreeSyncDirs: ["assets"],
        worktreeCopyFiles: [".env"],
        worktreeCloneDirs: ["cache"],
        worktreeSetup: [`node -e "setTimeout(() => {}, 100)"`, "node -p 1 > made.log"],
      });
    },
    command: (rig) => prepareStage(rig),
    next: async (rig) => [...(await readable(rig)), ...(await nextStage(rig))],
    result: () => "",
  },
  analysisRun: {
    name: "an analysis",
    ground: "fresh",
    before: (rig) => sure(rig, analysis(rig)),
    command: () => ["resume", analysisRun, "--json"],
    next: (rig) => resumed(rig, analysisRun),
    result: (rig) => resultOf(rig, readRun(analysisRun)),
  },
  stageRun: {
    name: "an implementation",
    ground: "approved",
    before: (rig) => sure(rig, prepareStage(rig)),
    command: () => ["resume", stageRun, "--json"],
    next: (rig) => resumed(rig, stageRun),
    result: (rig) => resultOf(rig, readRun(stageRun)),
  },
  merge: {
    name: "the merge of a stage",
    ground: "approved",
    before: async (rig) => {
      configure(rig, { integration: "manual" });
      await sure(rig, ["implement", key, "--stage", "1", "--agents", agents(rig)]);
    },
    command: () => ["integrate", key, "--json"],
    next: async (rig) => {
      const wrong = await readable(rig);
      const { interrupted } = (await rig.okstra(["status", key, "--json"])).json<{ interrupted: string[] }>();
      const open = taskManifestOf(rig, key)?.runs.find((run) => run.outcome === "prepared")?.id ?? interrupted[0];
      // One whose prepare was killed is undone by whoever wants to go on with it.
      const undone = open !== undefined && isUndone(await rig.okstra(["resume", open, "--json"]));
      if (open !== undefined && !undone) wrong.push(...(await resumed(rig, open)));
      return [...wrong, ...(await must(rig, "integrate", key))];
    },
    result: (rig) => {
      const entries = Object.values(registryOf(rig)).map((entry) => `${entry.key} ${entry.status}`);
      return [...entries, rig.git("log", "--all", "--format=%T %s", "--topo-order")].join("\n");
    },
  },
  removal: {
    name: "the removal of a stage's worktree",
    ground: "approved",
    before: (rig) => sure(rig, ["implement", key, "--stage", "1", "--agents", agents(rig)]),
    command: () => ["worktree", "remove", key, "--stage", "1", "--json"],
    // Whether it had begun or not: what is proven done goes.
    next: async (rig) => [...(await readable(rig)), ...(await must(rig, "worktree", "prune", key))],
    result: (rig) => `${preparedRuns(rig)}\n${rig.git("for-each-ref", "--format=%(refname) %(objectname:short)")}`,
  },
} as const satisfies Record<string, Story>;

async function sure(rig: Rig, args: readonly string[]): Promise<void> {
  const ran = await rig.okstra(args);
  if (ran.code !== 0) throw new Error(`${args.join(" ")}: ${said(ran)}`);
}

/** Prepares again; the killed one counts when it came so far that it is listed, else its stage is free again. */
async function nextStage(rig: Rig): Promise<string[]> {
  const listed = (taskManifestOf(rig, key)?.runs ?? []).some((run) => run.id === stageRun);
  if (listed && registryOf(rig)[`${key}#stage-1`]?.status === "pending") {
    // A person who sees it may want to resume it.
    const refused = await rig.okstra(["resume", stageRun, "--json"]);
    if (!isUndone(refused)) return [`resume: ${said(refused)}`];
  }
  const ran = await rig.okstra(prepareStage(rig));
  if (ran.code !== 0) return [`prepare: ${said(ran)}`];
  const runs = (taskManifestOf(rig, key)?.runs ?? [])
    .filter((run) => run.taskType === "implementation")
    .map((run) => run.id);
  const first = runs.length === 1 && runs[0] === stageRun;
  const second = runs.length === 2 && runs.includes(stageRun) && runs.includes(stageRun.replace("stage-1", "stage-2"));
  return first || second ? [] : [`prepared: ${runs.join(", ")}`];
}

/** The run was listed when its prepare was killed, and is undone by whoever goes on with it. */
export const isUndone = (ran: Ran): boolean =>
  ran.code === 2 && ran.json<{ error: { message: string } }>().error.message.includes("never came to be");

/** Goes on with a run; one that had ended before the kill says so, and is settled by that. */
async function resumed(rig: Rig, run: string): Promise<string[]> {
  const had = lastEnd(rig, readRun(run));
  const wrong = await readable(rig);
  const ran = await rig.okstra(["resume", run, "--json"]);
  const ended = ran.code === 1 && ran.json<{ error?: { reason: string } }>().error?.reason === "run-ended";
  if (ran.code !== 0 && !(ended && had !== undefined)) wrong.push(`resume: ${said(ran)}`);
  return wrong;
}

/** Outcome, report, ledger, commits, files: what a user has of a run. */
function resultOf(rig: Rig, run: RunRef): string {
  const log = rig.git("log", "--all", "--exclude=refs/okstra/*", "--format=%T %s", "--topo-order");
  const entries = Object.values(registryOf(rig)).map((entry) => `${entry.key} ${entry.status} ${entry.branch}`);
  const path = ".okstra/tasks/math/add/clarifications.jsonl";
  const clarifications = existsSync(join(rig.root, path)) ? rig.read(path) : "no clarification";
  return normalise([lastEnd(rig, run), ...entries, log, clarifications, ...reportsOf(rig, run)].join("\n"), {
    paths: [rig.folder],
  });
}

/** The files of a run's report, each with its name; drawn times are as long as they took. */
export function reportsOf(rig: Rig, run: RunRef): string[] {
  const folder = join(runFolderOf(rig, run), "reports");
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).sort();
  const bar = /x="\d+" y="0" width="\d+" height="10"/g;
  return names.map((name) => `${name}\n${readFileSync(join(folder, name), "utf8").replaceAll(bar, "<bar>")}`);
}

/** The first line in which two texts differ. */
export function difference(expected: string, found: string): string {
  const [a, b] = [expected.split("\n"), found.split("\n")];
  const at = a.findIndex((line, index) => line !== b[index]);
  return `line ${at + 1}:\n  ${a.slice(at, at + 3).join("\n  ")}\n instead of\n  ${b.slice(at, at + 3).join("\n  ")}`;
}
