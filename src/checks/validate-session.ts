/**
 * What the agents of a run really did, by the stream that the run kept of each and by their own session logs, which it kept too:
 * files written, commands run, models served, looked at against what the run allows. Looks only. Which files a command writes is not
 * in its words: confinement and the tree's hash hold that.
 */
import { basename, resolve, sep } from "node:path";
import { type Act, cutMark, type Heard, hearLog } from "../agents/index.ts";
import type { Host } from "../host/index.ts";
import { homePaths, runPaths, segment, worktreePaths } from "../lifecycle/index.ts";
import type { RunManifest } from "../lifecycle/task.schema.ts";
import { type JournalEvent, printRun } from "../model/index.ts";
import { readJournal, readRunManifest } from "../registry/index.ts";
import type { Check, CheckList } from "./checks.schema.ts";
import { counted, failed, failedAs, listOf, passed, warned } from "./rows.ts";
import { forbiddenIn } from "./session/forbidden.ts";
import type { ValidateRunAsk } from "./validate-run.ts";

type Intended = Extract<JournalEvent, { type: "dispatch.intended" }>["data"];
type Done = Extract<JournalEvent, { type: "dispatch.done" }>["data"];

/** Rows for each dispatch of the run; one row where its journal or manifest cannot be read. */
export async function validateSession(host: Host, ask: ValidateRunAsk): Promise<CheckList> {
  const place = { host, home: ask.home, projectRoot: ask.projectRoot, key: ask.run.key };
  const paths = runPaths(ask.projectRoot, ask.run);
  const [journal, manifest] = await Promise.all([
    readJournal(host, place, ask.run),
    readRunManifest(host, place, ask.run),
  ]);
  if (!journal.ok) return listOf([failedAs({ id: "session:journal", where: paths.journal }, journal.error)]);
  if (!manifest.ok) return listOf([failedAs({ id: "session:journal", where: paths.manifest }, manifest.error)]);
  const about = { id: "session:journal", where: paths.journal };
  if (manifest.value === undefined) return listOf([failed(about, "the run has no manifest", "Start the phase again")]);
  const { events } = journal.value;
  const done = new Map(
    events.flatMap((event) => (event.type === "dispatch.done" ? [[event.data.name, event.data]] : [])),
  );
  const intended = new Map(
    events.flatMap((event) => (event.type === "dispatch.intended" ? [[event.data.name, event.data]] : [])),
  );
  if (intended.size === 0) return listOf([passed(about, `${printRun(ask.run)} asked no agent`)]);
  const rows: Check[] = [];
  for (const [name, dispatch] of intended)
    rows.push(...(await dispatchRows(host, { ...ask, manifest: manifest.value, dispatch, done: done.get(name) })));
  return listOf(rows);
}

type Of = ValidateRunAsk & {
  readonly manifest: RunManifest;
  readonly dispatch: Intended;
  readonly done: Done | undefined;
};

async function dispatchRows(host: Host, of: Of): Promise<Check[]> {
  const { dispatch, done } = of;
  const where = streamOf(of);
  const logs = await logsOf(host, of, where);
  const about = (id: string) => ({ id: `session:${id}:${dispatch.name}`, where });
  if (logs.length === 0) {
    // Asked and never started, or not under way long enough to say something.
    if (done === undefined || done.status !== "completed") return [passed(about("log"), "nothing was said")];
    return [failed(about("log"), "no log of what it did is there", "Restore the file from a copy")];
  }
  if (logs.every(({ heard }) => heard.known === 0)) return [unknownRow(about("log"), logs)];
  const allowed = await allowedFor(host, of);
  const foreign = logs.filter(({ heard }) => heard.known === 0).map(({ path }) => basename(path));
  const strange = [...new Set(logs.flatMap(({ heard }) => heard.strange))].sort();
  const unread = logs.reduce((sum, { heard }) => sum + heard.unread, 0);
  const models = [...new Set(logs.flatMap(({ heard }) => heard.models))].sort();
  const acts = onceEach(
    logs.flatMap(({ heard }) =>
      heard.acts.map((act) =>
        act.did === "ran" ? act : { ...act, what: resolve(heard.cwd ?? allowed.cwd, act.what) },
      ),
    ),
  );
  const cut = logs.filter(({ isCut }) => isCut).map(({ path }) => basename(path));
  return [
    unread === 0
      ? passed(about("log"), logs.map(({ path }) => basename(path)).join(", "))
      : warned(about("log"), `${unread} lines cannot be read`, ""),
    ...(cut.length === 0 ? [] : [warned(about("log"), `only the end of ${cut.join(", ")} was kept`, "")]),
    ...(foreign.length === 0
      ? []
      : [warned(about("log"), `nothing could be read of ${foreign.join(", ")}`, lookYourself)]),
    ...(strange.length === 0
      ? []
      : [
          warned(
            about("log"),
            `what was done in calls of these kinds cannot be read: ${strange.join(", ")}`,
            lookYourself,
          ),
        ]),
    modelRow(about("models"), models, done),
    ...rowsOr(
      about("writes"),
      writesOf(acts, of, allowed),
      `${counted(countOf(acts, "wrote"), "file")} written, all allowed`,
    ),
    ...rowsOr(about("commands"), commandsOf(acts), `${counted(countOf(acts, "ran"), "command")} run, none forbidden`),
    ...(dispatch.purpose === "blind"
      ? rowsOr(about("blind"), peeksOf(acts, of), "saw no result of another worker")
      : []),
  ];
}

const lookYourself = "Look at the log; a newer okstra may know its form";

/** What cannot be read is no log of an agent that did nothing. */
function unknownRow(about: { id: string; where: string }, logs: readonly Log[]): Check {
  const lines = logs.reduce((sum, { heard }) => sum + heard.unknown + heard.unread, 0);
  const message = `none of its ${lines} lines is of a form that okstra knows: what the agent did was not looked at`;
  return failed(about, message, lookYourself);
}

const streamOf = ({ projectRoot, run, dispatch: { worker, role, round, attempt } }: Of): string =>
  runPaths(projectRoot, run).stream({ worker, role, attempt, ...(round === null ? {} : { round }) });

/** The stream and the agent's own log tell of the same acts. */
const onceEach = (acts: readonly Act[]): Act[] => [
  ...new Map(acts.map((act) => [`${act.did} ${act.refused} ${act.what}`, act])).values(),
];

type Log = { readonly path: string; readonly heard: Heard; readonly isCut: boolean };

async function logsOf(host: Host, { projectRoot, run, dispatch }: Of, stream: string): Promise<Log[]> {
  const paths = runPaths(projectRoot, run);
  const { worker, role, round, attempt } = dispatch;
  const name = { worker, role, attempt, ...(round === null ? {} : { round }) };
  const logs: Log[] = [];
  for (let n = 0; ; n++) {
    const path = n === 0 ? stream : paths.sessionLog(name, n);
    const text = await host.files.readText(path);
    if (text !== undefined) logs.push({ path, heard: hearLog(text), isCut: n > 0 && text.startsWith(`{"${cutMark}"`) });
    else if (n > 0) return logs;
  }
}

function modelRow(about: { id: string; where: string }, models: readonly string[], done: Done | undefined): Check {
  const recorded = done?.modelServed ?? null;
  if (models.length === 0) return passed(about, "the log names no model");
  if (recorded === null || models.includes(recorded)) return passed(about, models.join(", "));
  return warned(
    about,
    `the run recorded ${recorded}, the log names ${models.join(", ")}`,
    "The log counts; ask the agent's vendor what it serves",
  );
}

type Allowed = { readonly cwd: string; readonly writable: readonly string[] };

/** Writing to them changes no file. /dev/shm holds files like any other folder. */
const devices = [
  "/dev/null",
  "/dev/zero",
  "/dev/full",
  "/dev/tty",
  "/dev/stdout",
  "/dev/stderr",
  "/dev/fd",
  "/dev/pts",
];

/** Folders that the dispatch may write to. Their real paths too: an agent may name a file by either. */
async function allowedFor(host: Host, { home, run, manifest, dispatch }: Of): Promise<Allowed> {
  const own = homePaths(home);
  const trees = dispatch.writes ? [manifest.worktree.path, worktreePaths(home, run.key).throwaways] : [];
  const folders = [own.scratch(run), ...trees, ...devices];
  const real = await Promise.all(folders.map((folder) => host.files.realPath(folder)));
  return { cwd: manifest.worktree.path, writable: [...folders, ...real.flatMap((path) => path ?? [])] };
}

const inside = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

type Finding = { readonly message: string; readonly tried: boolean };

const countOf = (acts: readonly Act[], did: Act["did"]): number =>
  acts.filter((act) => act.did === did && !act.refused).length;

function writesOf(acts: readonly Act[], { dispatch }: Of, { writable }: Allowed): Finding[] {
  const what = dispatch.writes ? "outside its worktree and scratch folder" : "although it may only read";
  return acts
    .filter(({ did, what: path }) => did === "wrote" && !writable.some((folder) => inside(path, folder)))
    .map(({ what: path, refused }) => ({ message: `wrote ${path}, ${what}`, tried: refused }));
}

const commandsOf = (acts: readonly Act[]): Finding[] =>
  acts.flatMap(({ did, what, refused }) => {
    const wrong = did === "ran" ? forbiddenIn(what) : undefined;
    return wrong === undefined ? [] : [{ message: `${wrong}: ${what.slice(0, 300)}`, tried: refused }];
  });

/** In a blind pass no worker sees what another found: not in the run's folder, not where results are held back. */
function peeksOf(acts: readonly Act[], { dispatch, manifest, home, run }: Of): Finding[] {
  const own = segment(dispatch.worker);
  const others = manifest.roster.map(({ worker }) => segment(worker)).filter((name) => name !== own);
  const tail = `${run.taskType}-${String(run.seq).padStart(3, "0")}`;
  const files = others.map((name) => new RegExp(`(?:worker-results|prompts)/${escaped(name)}-[^/\\s'"]*${tail}`));
  const held = homePaths(home).holding(run);
  const isPeek = ({ did, what }: Act): boolean =>
    did !== "wrote" && (what.includes(held) || files.some((file) => file.test(what)));
  return acts.filter(isPeek).map(({ did, what, refused }) => ({
    message: `${did === "ran" ? "ran" : "read"} ${what.slice(0, 300)} in a blind pass`,
    tried: refused,
  }));
}

const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** An act that was refused is worth a warning only. */
function rowsOr(about: { id: string; where: string }, findings: readonly Finding[], fine: string): Check[] {
  const remedy = "Look at the log; what the agent changed is not to be trusted: okstra run ... starts the phase again";
  const done = findings.filter(({ tried }) => !tried).map(({ message }) => failed(about, message, remedy));
  const tried = findings
    .filter((one) => one.tried)
    .map(({ message }) => warned(about, `tried, and was refused: ${message}`, ""));
  return done.length + tried.length > 0 ? [...done, ...tried] : [passed(about, fine)];
}
