/** A run as every command prints it: a fold over its manifest and journal. */

import { runPaths } from "../lifecycle/index.ts";
import type { RunManifest, RunSummary, Usage } from "../lifecycle/task.schema.ts";
import { type EventData, type JournalEvent, readRun, type TokenUse } from "../model/index.ts";

export const noUsage: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  totalTokens: 0,
  costUsd: null,
  unknown: 0,
};

/** Sums what is known; a dispatch without usage counts under `unknown` and in no sum. */
export function addUsage(sum: Usage, use: TokenUse | null): Usage {
  if (use === null) return { ...sum, costUsd: null, unknown: sum.unknown + 1 };
  const all = use.input + use.cachedInput + use.cacheWrite + use.output + use.reasoning;
  return {
    inputTokens: sum.inputTokens + use.input,
    cachedInputTokens: sum.cachedInputTokens + use.cachedInput,
    cacheWriteTokens: sum.cacheWriteTokens + use.cacheWrite,
    outputTokens: sum.outputTokens + use.output,
    reasoningTokens: sum.reasoningTokens + use.reasoning,
    totalTokens: sum.totalTokens + all,
    costUsd: sum === noUsage ? use.costUsd : costOf(sum.costUsd, use.costUsd),
    unknown: sum.unknown,
  };
}

/** Where one part is not known the sum is not: half a bill shown as the whole would be a lie. */
const costOf = (sum: number | null, more: number | null): number | null =>
  sum === null || more === null ? null : sum + more;

const usageOf = (events: readonly JournalEvent[]): Usage =>
  events.reduce((sum, event) => (event.type === "dispatch.done" ? addUsage(sum, event.data.usage) : sum), noUsage);

function failureOf(ended: EventData["run.ended"] | undefined): Pick<RunSummary, "failure"> {
  if (ended === undefined || ended.outcome === "completed") return {};
  return { failure: { message: ended.message, remedy: ended.remedy ?? "" } };
}

/** `head` is the SHA-256 of the journal's last line that this reflects. */
export function summarise(
  projectRoot: string,
  manifest: RunManifest,
  events: readonly JournalEvent[],
  head: string,
): RunSummary {
  const paths = runPaths(projectRoot, readRun(manifest.id));
  // One that was taken up again after its end is under way.
  const ended = events.findLast((event) => event.type === "run.ended" || event.type === "run.started");
  const started = events.find((event) => event.type === "run.started");
  const last = ended?.type === "run.ended" ? ended : undefined;
  const wrote = last?.data.artifacts.some((artifact) => artifact.path.endsWith(".data.json")) ?? false;
  return {
    id: manifest.id,
    taskKey: manifest.taskKey,
    taskType: manifest.taskType,
    stage: manifest.stage,
    scope: manifest.scope,
    seq: manifest.seq,
    ...(manifest.cycle === 0 ? {} : { cycle: manifest.cycle }),
    outcome: last?.data.outcome ?? (started === undefined ? "prepared" : null),
    reason: last?.data.reason ?? null,
    verdict: last?.data.verdict ?? null,
    ...failureOf(last?.data),
    runDir: paths.folder,
    report: wrote ? { data: paths.reportData, markdown: paths.reportMarkdown, html: paths.reportHtml } : null,
    worktree: manifest.worktree,
    startedAt: started?.time ?? manifest.createdAt,
    endedAt: last?.time ?? null,
    usage: usageOf(events),
    journalHead: head,
  };
}
