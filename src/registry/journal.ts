/**
 * The journal of a run: append-only, hash-chained, the truth from which a run's state is rebuilt. One writer, the process that
 * holds the run's lock. What must stay true: what was appended is never rewritten; a torn end is named by a `repaired` event
 * before anything else is appended; a journal that was cut or changed is never appended to.
 */
import { type Host, isoTime } from "../host/index.ts";
import { homePaths, runPaths } from "../lifecycle/index.ts";
import {
  door,
  type Fault,
  fault,
  type JournalEvent,
  type Listener,
  printRun,
  type Result,
  type RunEvent,
  type RunRef,
} from "../model/index.ts";
import { changeHead, type JournalHead, noLine, readHead } from "./heads.ts";
import { differenceFrom, type JournalScan, nextLine, scanJournal } from "./journal-lines.ts";
import { endLine } from "./jsonl.ts";
import { repairOf, sha256, type Torn } from "./lines.ts";
import type { TaskPlace } from "./place.ts";

export type Journal = {
  readonly run: RunRef;
  /** All events so far, oldest first; grows with each append. */
  readonly events: readonly JournalEvent[];
  /**
   * Writes one event and tells the listeners; gives it as it will be read back. Calls are served in the order they came.
   * `durable`: it also survives a power cut. After a failure (disk full) the next call first repairs what was torn.
   */
  append(event: RunEvent, options?: { readonly durable?: boolean }): Promise<Result<JournalEvent>>;
  /** Line count and hash of the last line. */
  head(): JournalHead;
  /** Makes all lines so far survive a power cut and tells the home where the journal ends. */
  saveHead(marks?: { readonly ended?: boolean; readonly approvalSha256?: string | null }): Promise<Result<void>>;
  /** Calls the listener with each event appended from now on; the returned function stops that. */
  listen(listener: Listener): () => void;
};

/** Starts the journal of a new run with its first event. The caller holds the task lock; a journal must not be there yet. */
export async function createJournal(host: Host, place: TaskPlace, run: RunRef, firstEvent: RunEvent): Promise<Journal> {
  const path = runPaths(place.projectRoot, run).journal;
  if ((await host.files.look(path)) !== undefined) {
    throw fault("journal-broken", `${printRun(run)} has a journal already: ${path}`, restore, { path });
  }
  // A head that a prepare left which was undone would accuse the new journal.
  await host.files.removeFile(homePaths(place.home).head(run));
  const first = nextLine(emptyHead, firstEvent, { run: printRun(run), time: isoTime(host.clock) });
  await host.files.replaceFile(path, `${first.text}\n`, { durable: true });
  const journal = new Writer(host, place, run);
  journal.start([first.event], first.head);
  return journal;
}

/** Opens the journal of a run for writing. The caller holds the run's lock. Throws `journal-broken` with file and line. */
export async function openJournal(host: Host, place: TaskPlace, run: RunRef): Promise<Journal> {
  const journal = new Writer(host, place, run);
  await journal.load();
  return journal;
}

/** The events of a journal that another process may be writing, and where it ends; a torn end is passed over, not repaired. */
export async function readJournal(
  host: Host,
  place: TaskPlace,
  run: RunRef,
): Promise<{ events: readonly JournalEvent[]; head: JournalHead }> {
  const path = runPaths(place.projectRoot, run).journal;
  const scan = scanJournal(await requireBytes(host, path), printRun(run));
  requireWhole(scan, path);
  return { events: scan.rows, head: scan.head };
}

class Writer implements Journal {
  readonly run: RunRef;
  readonly #host: Host;
  readonly #place: TaskPlace;
  readonly #path: string;
  readonly #id: string;
  readonly #events: JournalEvent[] = [];
  readonly #listeners = new Set<Listener>();
  #head: JournalHead = emptyHead;
  /** Whether the disk is known to hold every line. */
  #synced = false;
  /** Whether an append failed, so that the file may end torn. */
  #doubtful = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(host: Host, place: TaskPlace, run: RunRef) {
    this.#host = host;
    this.#place = place;
    this.run = run;
    this.#id = printRun(run);
    this.#path = runPaths(place.projectRoot, run).journal;
  }

  get events(): readonly JournalEvent[] {
    return this.#events;
  }

  head(): JournalHead {
    return this.#head;
  }

  append(event: RunEvent, options: { readonly durable?: boolean } = {}): Promise<Result<JournalEvent>> {
    return this.#inTurn(async () => {
      if (this.#doubtful) await this.load();
      return await this.#write(event, options.durable ?? false);
    });
  }

  saveHead(marks: { readonly ended?: boolean; readonly approvalSha256?: string | null } = {}): Promise<Result<void>> {
    return this.#inTurn(async () => {
      if (!this.#synced) await this.#host.files.sync(this.#path);
      this.#synced = true;
      await changeHead(this.#host, this.#place.home, { of: this.run, ended: false, ...marks, ...this.#head });
    });
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(events: readonly JournalEvent[], head: JournalHead): void {
    this.#events.push(...events);
    this.#head = head;
    this.#synced = true;
  }

  /** Reads what the disk holds, repairs a torn end, and tells listeners of events that they do not know yet. */
  async load(): Promise<void> {
    const scan = scanJournal(await requireBytes(this.#host, this.#path), this.#id);
    requireWhole(scan, this.#path);
    const known = await readHead(this.#host, this.#place.home, this.run);
    const difference = known === undefined ? undefined : differenceFrom(known, scan);
    if (difference !== undefined) throw broken(this.#path, difference.line, difference.why);
    this.#synced = false;
    this.#head = scan.head;
    for (const event of scan.rows.slice(this.#events.length)) this.#tell(event);
    if (scan.torn !== null) await this.#repair(scan, scan.torn);
    this.#doubtful = false;
  }

  async #repair(scan: JournalScan, torn: Torn): Promise<void> {
    await endLine(this.#host, this.#path, torn);
    const last = torn.bytes.subarray(torn.bytes.lastIndexOf(0x0a) + 1);
    this.#head = { lines: scan.lines.length + (torn.ended ? 0 : 1), sha256: sha256(last) };
    await this.#write({ type: "repaired", data: repairOf(torn) }, false);
  }

  async #write(event: RunEvent, durable: boolean): Promise<JournalEvent> {
    const next = nextLine(this.#head, event, { run: this.#id, time: isoTime(this.#host.clock) });
    this.#doubtful = true;
    await this.#host.files.appendLine(this.#path, next.text, { durable });
    this.#doubtful = false;
    this.#head = next.head;
    this.#synced = durable;
    this.#tell(next.event);
    return next.event;
  }

  #tell(event: JournalEvent): void {
    this.#events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** One at a time, in order; a failure is its caller's alone. */
  #inTurn<T>(body: () => Promise<T>): Promise<Result<T>> {
    const mine = this.#turn.then(door(body));
    this.#turn = mine.then(undefined, () => undefined);
    return mine;
  }
}

const emptyHead: JournalHead = { lines: 0, sha256: noLine };

const restore = "Restore the file from a copy, or start a new run of the task";

async function requireBytes(host: Host, path: string): Promise<Uint8Array> {
  const bytes = await host.files.readBytes(path);
  if (bytes === undefined)
    throw fault("journal-broken", `${path} is missing`, restore, { path, line: 0, why: "missing" });
  return bytes;
}

/** Throws unless every line before a torn end is good and there is at least one. */
function requireWhole(scan: JournalScan, path: string): void {
  const bad = scan.bad[0];
  if (bad !== undefined) throw broken(path, bad.line, bad.why);
  if (scan.rows.length === 0) throw broken(path, 1, "no whole line is left");
}

const broken = (path: string, line: number, why: string): Fault =>
  fault("journal-broken", `${path}:${line}: the journal was cut or changed: ${why}`, restore, { path, line, why });
