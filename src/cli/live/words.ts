/** Short words of the live view: what somebody does, how long, how much. Pure. */
import { oneLine } from "../text.ts";
import type { LiveRun, Use, Worker } from "./state.ts";

const purposes: Readonly<Record<string, string>> = {
  blind: "examining",
  group: "sorting findings",
  "plan-check": "checking the plan",
  execute: "writing code",
  verify: "verifying",
  write: "writing the report",
};

/** What a worker is asked now. */
export function taskOf({ purpose, round }: NonNullable<Worker["open"]>): string {
  if (purpose === "round") return round === null ? "weighing findings" : `weighing findings, round ${round}`;
  if (purpose === "merge") return "settling the merge";
  if (purpose === "fix") return round === null ? "mending" : `mending, round ${round}`;
  const words = purposes[purpose] ?? oneLine(purpose);
  return purpose === "verify" && round !== null && round > 0 ? `${words}, round ${round}` : words;
}

const steps: Readonly<Record<string, string>> = {
  "": "starting",
  intake: "reading the brief",
  prompts: "preparing the prompts",
  dispatch: "asking the workers",
  collect: "collecting results",
  converge: "weighing findings",
  critique: "looking for gaps",
  write: "writing the report",
  check: "checking",
  record: "recording",
};

/** What okstra itself does in a run, where nobody is asked. */
export function stepOf({ step, stage, merging }: LiveRun): string {
  if (merging) return "merging";
  if (stage !== null && (step === "collect" || step === "converge")) return "checking the work";
  return steps[step] ?? oneLine(step);
}

/** `0:07`, `12:30`, `1:02:03`; clocks that went back count as zero. */
export function elapsedOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number): string => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `950`, `12.3k`, `4.0M`; nothing for none. */
export function tokensOf({ tokens }: Use): string {
  if (tokens === 0) return "";
  if (tokens < 1_000) return String(tokens);
  return tokens < 999_950 ? `${(tokens / 1_000).toFixed(1)}k` : `${(tokens / 1_000_000).toFixed(1)}M`;
}

export const costOf = ({ costUsd }: Use): string => (costUsd === null ? "" : `$${costUsd.toFixed(2)}`);
