/**
 * The terminal, for real: stdout is the answer, stderr the story. Both are written straight to their file descriptors, which
 * spares a start the loading of the stream machinery and keeps what was said before a kill. A reader that went away
 * (EPIPE) is no failure: what it does not want to hear is dropped. A terminal that is stopped (Ctrl-S) holds up nothing but the
 * story itself.
 */
import { fstatSync, statSync, writeSync } from "node:fs";
import { devNull } from "node:os";
import { fault } from "../model/index.ts";
import type { Paint } from "./paint.ts";
import { ansiPaint, noPaint } from "./paint.ts";
import { Patient } from "./patient.ts";

export type Stream = "answer" | "story";

export type Terminal = {
  write(to: Stream, text: string): void;
  /** Colours of a stream: off unless it is a terminal that may show them. */
  paint(of: Stream): Paint;
  /** Whether a person is there to be asked: stdin and stderr are terminals. */
  canAsk(): boolean;
  /** Asks on stderr, waits for one line; rejects when the signal is aborted. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  /** All of stdin as text. */
  readInput(): Promise<string>;
  /** The terminal that the story goes to, to draw on; undefined when it may get plain lines only. */
  canvas(): Canvas | undefined;
};

/** A terminal that obeys cursor movements. */
export type Canvas = {
  size(): Size;
  put(text: string): void;
  /** Whether what was put is not shown yet, since somebody stopped the terminal: a frame more would only come later. */
  isBehind(): boolean;
  /** Calls when the size has changed, just before Ctrl-Z stops the process, and when it goes on after a stop that it did not hear of. */
  onChange(call: (what: "resized" | "stopping" | "continued") => void): () => void;
  /**
   * While something is drawn: `lift` is called before anything else is written and takes the drawing away, what it returns
   * puts it back. Undefined: nothing is drawn any more.
   */
  cover(lift: (() => () => void) | undefined): void;
};

export type Size = { readonly columns: number; readonly rows: number };

const descriptors: Readonly<Record<Stream, number>> = { answer: 1, story: 2 };

export function nodeTerminal(env: Readonly<Record<string, string | undefined>>): Terminal {
  const colourless = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;
  return {
    write: writeAside,
    paint: (of) => (!colourless && isTerminal(descriptors[of]) ? ansiPaint : noPaint),
    canAsk,
    ask,
    async readInput() {
      let text = "";
      for await (const chunk of process.stdin.setEncoding("utf8")) text += String(chunk);
      return text;
    },
    canvas: () => (mayDraw(env) && isTerminal(descriptors.story) ? storyCanvas : undefined),
  };
}

/** Logs of continuous integration are no place to draw, even when they call themselves a terminal. */
export const mayDraw = (env: Readonly<Record<string, string | undefined>>): boolean =>
  (env["NO_COLOR"] ?? "") === "" &&
  !["", "dumb"].includes(env["TERM"] ?? "") &&
  ["", "0", "false"].includes(env["CI"] ?? "");

let lift: (() => () => void) | undefined;

const storyCanvas: Canvas = {
  size() {
    const { columns, rows } = process.stderr;
    return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
  },
  put: (text) => write("story", text),
  isBehind: () => patient?.isBehind ?? false,
  onChange(call) {
    const resized = (): void => call("resized");
    let told = false;
    const continued = (): void => {
      if (!told) call("continued");
      told = false;
    };
    const stopping = (): void => {
      call("stopping");
      told = true;
      // Sent again to nobody's ear: the kernel stops the process here, or does not where nobody could let it go on.
      process.off("SIGTSTP", stopping);
      process.kill(process.pid, "SIGTSTP");
      process.on("SIGTSTP", stopping);
    };
    process.stderr.on("resize", resized);
    process.on("SIGCONT", continued);
    process.on("SIGTSTP", stopping);
    return () => {
      process.stderr.off("resize", resized);
      process.off("SIGCONT", continued);
      process.off("SIGTSTP", stopping);
    };
  },
  cover(by) {
    lift = by;
  },
};

/** What is drawn makes room for a line and comes back below it. */
function writeAside(to: Stream, text: string): void {
  const lower = lift?.();
  write(to, text);
  lower?.();
}

/** Ctrl-C is left to the process (no raw mode), Ctrl-D is an empty answer. */
async function ask(question: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const lower = lift?.();
  patient?.flush();
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    const closed = new Promise<string>((settle) => lines.once("close", () => settle("")));
    return await Promise.race([lines.question(question, { signal }), closed]);
  } catch (thrown) {
    if (signal.aborted) throw fault("interrupted", "Stopped before an answer was given", "Run the command again");
    throw thrown;
  } finally {
    lines.close();
    lower?.();
  }
}

/** Once a stream could not take more at once, the rest goes through Node's own queue, in order. */
const queued = new Set<Stream>();
const gone = new Set<Stream>();

/** For a story that goes to a terminal; null where it does not, or the terminal cannot be opened once more. */
let patient: Patient | null | undefined;

function write(to: Stream, text: string): void {
  if (gone.has(to)) return;
  if (queued.has(to)) {
    streamOf(to).write(text);
    return;
  }
  const bytes = Buffer.from(text);
  let written = 0;
  try {
    if (to === "story") {
      if (patient === undefined)
        patient = (isTerminal(descriptors.story) ? Patient.on(descriptors.story) : undefined) ?? null;
      if (patient !== null) {
        patient.write(bytes);
        return;
      }
    } else patient?.flush(); // the answer is the end, and comes below the story
    while (written < bytes.length) written += writeSync(descriptors[to], bytes, written);
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : "";
    if (code === "EAGAIN") {
      queued.add(to);
      streamOf(to).write(bytes.subarray(written));
      return;
    }
    // A story that nobody can keep ends no run: what happened stands in the run's files.
    if (to === "answer" && code !== "EPIPE" && code !== "EBADF") throw unwritable(thrown);
    gone.add(to);
  }
}

/** The failure for an answer that stdout does not take; bugs come back as they are. */
export function unwritable(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !("code" in thrown) || typeof thrown.code !== "string") return thrown;
  const { code, message } = thrown;
  const again = "what the command did is done; run it again to see the answer";
  return code === "ENOSPC" || code === "EDQUOT"
    ? fault(
        "disk-full",
        "The answer cannot be written to stdout: no space left",
        `Free space where stdout goes; ${again}`,
        { code },
        thrown,
      )
    : fault(
        "file-system",
        `The answer cannot be written to stdout: ${message}`,
        `Send stdout elsewhere; ${again}`,
        { code },
        thrown,
      );
}

function streamOf(to: Stream): NodeJS.WriteStream {
  const stream = to === "answer" ? process.stdout : process.stderr;
  if (stream.listenerCount("error") === 0) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      gone.add(to);
      if (error.code !== "EPIPE") throw error;
    });
  }
  return stream;
}

/** Asked of the file first: only a device can be a terminal, and only then is Node's tty module loaded. */
const nullDevice = (): number | undefined => statSync(devNull, { throwIfNoEntry: false })?.rdev;

function isTerminal(descriptor: number): boolean {
  try {
    const seen = fstatSync(descriptor);
    // The null device is one too; Node's streams, which know for sure, cost a quick command a tenth of its time.
    if (!seen.isCharacterDevice() || seen.rdev === nullDevice()) return false;
  } catch {
    return false; // closed
  }
  return (descriptor === 1 ? process.stdout : process.stderr).isTTY === true;
}
