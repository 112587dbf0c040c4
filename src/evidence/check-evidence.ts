/**
 * The engine's own look at what agents cite, at the reviewed commit, before any other model sees it. Evidence is a claim by
 * an agent: nothing in it can make this fail; what cannot be checked is `unchecked`, and does not hold.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { CheckedEvidence, EvidenceState } from "../convergence/convergence.schema.ts";
import { type Host, isText } from "../host/index.ts";
import type { Evidence } from "../model/finding.schema.ts";
import { Fault } from "../model/index.ts";
import type { CommandRun } from "../report/report.schema.ts";
import { insideProject } from "./cited-path.ts";
import type { KeptVerdicts } from "./kept-verdicts.ts";
import { findQuote, type Lines, leastVisible, type QuoteFound } from "./quotes.ts";
import { runSearch } from "./searches.ts";

export type EvidenceContext = {
  /** A folder of the repository (its tree), null where the project is none: then nothing can be pinned. */
  readonly repository: string | null;
  readonly commit: string | null;
  /** The folder with the documents that the workers were given. */
  readonly instructionSet: string;
  /** The commands that a `qa:<name>` may name. */
  readonly qaCommands: Readonly<Record<string, string>>;
  /** Runs a declared command on a clean tree of the commit; without it such evidence stays unchecked. */
  readonly runQa?: (name: string, command: string) => Promise<CommandRun>;
  /** What was done to the texts of agents before they came here: a quote with a key in it is looked for in texts without keys. */
  readonly redact?: (text: string) => string;
  /** Other folders under which a worker may have seen the project, for absolute paths that it cites. */
  readonly roots?: readonly string[];
  /** Results of this run so far, kept by the caller: the same evidence at the same commit is looked at once. */
  readonly seen?: Map<string, Promise<CheckedEvidence>>;
  /** What earlier runs found at this commit. */
  readonly kept?: KeptVerdicts;
};

type Verdict = { readonly state: EvidenceState; readonly note: string; readonly lines?: CheckedEvidence["lines"] };

/** `pinned`: it follows from the commit and from what was cited, and from nothing else. */
type Pinned = Verdict & { readonly pinned: boolean };
const unpinned = { pinned: false } as const;

async function once(context: EvidenceContext, asked: unknown, look: () => Promise<Pinned>): Promise<Verdict> {
  if (context.kept === undefined) return await look();
  return await context.kept.once(asked, async () => {
    const { state, note, lines, pinned } = await look();
    return { state, note, lines: lines ?? null, pinned };
  });
}

/** Each piece with its state, in the same order. Commands run one after the other. */
export async function checkEvidence(
  host: Host,
  context: EvidenceContext,
  evidence: readonly Evidence[],
): Promise<CheckedEvidence[]> {
  const checked: CheckedEvidence[] = [];
  for (const piece of evidence) checked.push(await remembered(host, context, piece));
  return checked;
}

async function remembered(host: Host, context: EvidenceContext, piece: Evidence): Promise<CheckedEvidence> {
  const key = createHash("sha256")
    .update(JSON.stringify([context.commit, piece]))
    .digest("hex");
  const known = context.seen?.get(key);
  if (known !== undefined) return await known;
  const looking = look(host, context, piece).then(({ state, note, lines }) => ({
    evidence: piece,
    state,
    note,
    lines: lines ?? null,
  }));
  context.seen?.set(key, looking);
  return await looking;
}

async function look(host: Host, context: EvidenceContext, piece: Evidence): Promise<Verdict> {
  switch (piece.kind) {
    case "file":
      return await lookInFile(host, context, piece);
    case "document":
      return await lookInDocument(host, context, piece);
    case "check":
      return await lookAtCommand(context, piece);
    case "search":
      return await lookBySearch(host, context, piece.search, piece.expected);
    case "absence":
      return await lookBySearch(host, context, piece.search, "none");
  }
}

async function lookInFile(
  host: Host,
  context: EvidenceContext,
  piece: Extract<Evidence, { kind: "file" }>,
): Promise<Verdict> {
  const { repository, commit } = context;
  if (repository === null || commit === null)
    return { state: "unpinned", note: "the project is no git repository: there is no commit to look at" };
  const path = insideProject(piece.path, [repository, ...(context.roots ?? [])]);
  if (path === undefined) return { state: "unchecked", note: `${piece.path} is not a path inside the project` };
  return await once(context, ["file", path, piece.lines, piece.quote], async () => {
    const bytes = await readBlob(host, { repository, commit, path });
    if (bytes === "too-large") return { ...unpinned, state: "unchecked", note: `${path} is too large to be looked at` };
    if (bytes === undefined)
      return { ...unpinned, state: "unpinned", note: `${path} is not in commit ${commit.slice(0, 12)}` };
    if (!isText(bytes)) return { ...unpinned, state: "unpinned", note: `${path} is binary` };
    const text = new TextDecoder().decode(bytes);
    return { ...told(quoted(context, text, piece), path), pinned: !needsRedaction(context, text, piece) };
  });
}

/** What is not in the text as it is may be in it without the keys of this run. */
const needsRedaction = ({ redact }: EvidenceContext, text: string, piece: Quoted): boolean =>
  findQuote(text, piece.quote, piece.lines).state === "refuted" && redact !== undefined && redact(text) !== text;

type Quoted = { readonly quote: string; readonly lines?: Lines };

async function lookInDocument(
  host: Host,
  context: EvidenceContext,
  piece: Extract<Evidence, { kind: "document" }>,
): Promise<Verdict> {
  const path = insideProject(piece.file.replace(/^(?:\.okstra\/tasks\/[^/]+\/[^/]+\/)?instruction-set\//, ""), [
    context.instructionSet,
  ]);
  if (path === undefined) return { state: "unchecked", note: `${piece.file} is no document of the instruction set` };
  const full = join(context.instructionSet, path);
  // A link could lead out of the instruction set; a document is a plain file in it.
  const seen = await host.files.look(full);
  const text = seen?.kind === "file" ? await host.files.readText(full) : undefined;
  if (text === undefined) return { state: "refuted", note: `the instruction set has no document ${path}` };
  return told(quoted(context, text, piece), path);
}

/** In the text as it is, else as its keys are taken out. */
function quoted({ redact }: EvidenceContext, text: string, { quote, lines }: Quoted): QuoteFound {
  const found = findQuote(text, quote, lines);
  return found.state === "refuted" && redact !== undefined ? findQuote(redact(text), quote, lines) : found;
}

function told(found: QuoteFound, path: string): Verdict {
  switch (found.state) {
    case "held":
      return { state: "held", note: "", lines: found.lines };
    case "corrected":
      return {
        state: "corrected",
        note: `the quote stands at lines ${found.lines.start} to ${found.lines.end} of ${path}`,
        lines: found.lines,
      };
    case "refuted":
      return { state: "refuted", note: `the quote does not stand in ${path}` };
    case "unchecked":
      return { state: "unchecked", note: `a quote with fewer than ${leastVisible} visible characters proves nothing` };
  }
}

async function lookAtCommand(context: EvidenceContext, piece: Extract<Evidence, { kind: "check" }>): Promise<Verdict> {
  const name = piece.qa.replace(/^qa:/, "");
  const command = Object.hasOwn(context.qaCommands, name) ? context.qaCommands[name] : undefined;
  if (command === undefined) return { state: "unchecked", note: `no QA command is called "${name}"` };
  const { runQa } = context;
  if (runQa === undefined || context.commit === null)
    return { state: "unchecked", note: `qa:${name} could not be run here` };
  const run = await expected(() => runQa(name, command));
  if (typeof run === "string") return { state: "unchecked", note: `qa:${name} could not be run: ${run}` };
  if (run.outcome === "did-not-run") return { state: "unchecked", note: `qa:${name} did not run (see ${run.log})` };
  if (run.outcome === "no-work") return { state: "unchecked", note: `qa:${name} ran no test (see ${run.log})` };
  const note = `qa:${name} exited ${run.exitCode} (expected ${piece.expected.exitCode})`;
  return { state: run.exitCode === piece.expected.exitCode ? "held" : "refuted", note };
}

async function lookBySearch(
  host: Host,
  context: EvidenceContext,
  search: Extract<Evidence, { kind: "absence" }>["search"],
  wanted: "some" | "none",
): Promise<Verdict> {
  const { repository, commit } = context;
  if (repository === null || commit === null)
    return { state: "unchecked", note: "the project is no git repository: there is nothing to search" };
  const roots = [repository, ...(context.roots ?? [])];
  const paths = search.paths.map((path) => insideProject(path, roots) ?? path);
  return await once(context, ["search", wanted, search.mode, search.pattern, paths], async () => {
    const seen = await runSearch(host, { repository, commit, roots }, search);
    if (!seen.ran) return { ...unpinned, state: "unchecked", note: seen.why };
    const [first] = seen.hits;
    if (first === undefined)
      return { pinned: true, state: wanted === "none" ? "held" : "refuted", note: "nothing was found" };
    const note = `found at ${first.path}:${first.line}`;
    return { pinned: true, state: wanted === "some" ? "held" : "refuted", note };
  });
}

async function readBlob(
  host: Host,
  at: { repository: string; commit: string; path: string },
): Promise<Uint8Array | undefined | "too-large"> {
  try {
    return await host.git.blob(at.repository, at.commit, at.path);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.failure.reason === "git-failed") return "too-large";
    throw thrown;
  }
}

/** The value, or in words why it could not be had. What stops the whole run (an interrupt, a full disk) passes on. */
async function expected<T>(body: () => Promise<T>): Promise<T | string> {
  try {
    return await body();
  } catch (thrown) {
    if (thrown instanceof Fault && couldNotRun.has(thrown.failure.reason)) return thrown.failure.message;
    throw thrown;
  }
}

const couldNotRun: ReadonlySet<string> = new Set(["setup-failed", "git-failed", "not-a-repository", "path-taken"]);
