/** What becomes of a run whose agents gave no result: never a silent pass, always named who is missing and why. */
import { type Fault, fault, shellWord } from "../../model/index.ts";
import { stopIfOver } from "../budget.ts";
import type { Answer } from "../dispatch.ts";
import type { Run } from "../run.ts";
import type { Voice } from "./blind.ts";

/**
 * Quorum (verification.md): two or more rostered and fewer than two answered ends the run as `degraded`; as `quota-paused` when it
 * would have been enough but for used up quotas.
 */
export function requireQuorum(run: Run, voices: readonly Voice[], noun: "workers" | "verifiers"): void {
  const least = Math.min(2, voices.length);
  const missing = voices.filter((voice) => voice.answer.value === null);
  const answered = voices.length - missing.length;
  if (answered >= least) return;
  const who = missing.map(({ spec, answer }) => `${spec.worker} (${whyOf(answer)})`);
  const message = `Only ${answered} of ${voices.length} ${noun} answered; missing: ${who.join(", ")}`;
  const paused = missing.filter(({ answer }) => answer.cause === "quota");
  if (answered + paused.length >= least)
    throw quotaPaused(
      run,
      message,
      paused.map(({ answer }) => answer),
    );
  const refused = missing.filter(({ answer }) => answer.cause === "auth").map(({ spec }) => spec.worker);
  const look =
    refused.length > 0
      ? `Look at the login or key of ${refused.join(", ")} (okstra doctor)`
      : `See more with okstra show ${shellWord(run.id)}`;
  const alone = noun === "workers" && answered === 1 ? "; with one worker only: --allow-single" : "";
  throw fault("degraded", message, `${look}, then start the phase again${alone}`, { missing: who });
}

/** Called before results that were held are shown: a run that is gone on with asks who has not answered yet as blind as before. */
export async function requireNoPause(run: Run, voices: readonly Voice[]): Promise<void> {
  await stopIfOver(run);
  if (voices.some(({ answer }) => answer.cause === "quota")) requireQuorum(run, voices, "workers");
}

/** Why the one agent that a step cannot do without gave nothing. `also`: more that a person must know; `goOn`: what to do then. */
export async function gaveNothing(
  run: Run,
  who: string,
  answer: Answer<unknown>,
  of: { kept: string; also: readonly string[]; goOn?: string },
): Promise<Fault> {
  await stopIfOver(run);
  const message = `${who} gave no usable result: ${[answer.reason ?? answer.status, ...of.also].join("; ")}`;
  if (answer.cause === "quota") return quotaPaused(run, message, [answer], of.goOn);
  return fault(
    answer.status === "timeout" ? "agent-timed-out" : "agent-failed",
    message,
    `${of.kept}See okstra show ${shellWord(run.id)}, then ${of.goOn ?? "start the phase again"}`,
    {
      status: answer.status,
      cause: answer.cause,
    },
  );
}

const whyOf = ({ status, reason }: Answer<unknown>): string => (reason === null ? status : `${status}: ${reason}`);

/** The latest of the times that providers gave; none is made up. */
function quotaPaused(run: Run, message: string, answers: readonly Answer<unknown>[], goOn?: string): Fault {
  const times = answers.flatMap(({ resetAt }) => (resetAt === null ? [] : [resetAt])).sort();
  const resetAt = times.at(-1) ?? null;
  const when =
    resetAt === null
      ? "The provider did not say when the quota is there again"
      : `The quota is there again at ${resetAt}`;
  const askAgain = answers.flatMap((answer) => answer.askAgain);
  return fault(
    "quota-paused",
    `${message}. ${when}`,
    `Once it is, ${goOn ?? `go on with okstra resume ${shellWord(run.id)}`}`,
    {
      resetAt,
      askAgain,
    },
  );
}
