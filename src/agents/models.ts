/**
 * Model names that people use, and what they stood for on the day below. Aliases move at the vendors; resolving them at prepare
 * writes into the manifest what was meant. An id that is not here is refused unless it is passed through unchecked as custom.
 */
import { didYouMean, fault } from "../model/index.ts";

/** The day on which the table was checked. */
export const modelsAsOf = "2026-11-20";

type Row = {
  readonly agent: string;
  readonly family: string;
  readonly id: string;
  readonly aliases: readonly string[];
};

const rows: readonly Row[] = [
  { agent: "claude", family: "anthropic", id: "claude-opus-5-5", aliases: ["opus"] },
  { agent: "claude", family: "anthropic", id: "claude-sonnet-5-5", aliases: ["sonnet"] },
  { agent: "claude", family: "anthropic", id: "claude-haiku-5-5", aliases: ["haiku"] },
  { agent: "codex", family: "openai", id: "gpt-5.5", aliases: ["gpt"] },
  { agent: "acp", family: "unknown", id: "default", aliases: [] },
  // Words of Gemini CLI itself: it chooses the model behind them, and says in its stream which one served.
  { agent: "gemini", family: "google", id: "auto", aliases: [] },
  { agent: "gemini", family: "google", id: "pro", aliases: [] },
  { agent: "gemini", family: "google", id: "flash", aliases: [] },
  { agent: "gemini", family: "google", id: "flash-lite", aliases: [] },
];

/** Aliases and ids of an agent's models. */
export const modelsOf = (agent: string): readonly string[] =>
  rows.filter((row) => row.agent === agent).flatMap(({ id, aliases }) => [...aliases, id]);

export type ModelChoice = {
  /** As the user wrote it. */
  readonly requested: string;
  readonly id: string;
  /** Null for a custom id whose vendor cannot be told. */
  readonly family: string | null;
  /** Passed through unchecked. */
  readonly custom: boolean;
};

/**
 * What an alias or id means for an agent. `custom` passes any id through. The scripted agent has no models of its own and takes
 * every name. Throws `unknown-model` with the near ones.
 */
export function resolveModel(agent: string, requested: string, custom = false): ModelChoice {
  const own = rows.filter((row) => row.agent === agent);
  const row = own.find(({ id, aliases }) => id === requested || aliases.includes(requested));
  if (row !== undefined) return { requested, id: row.id, family: row.family, custom: false };
  if (custom || agent === "scripted") return { requested, id: requested, family: familyOfModel(requested), custom };
  const known = own.flatMap(({ id, aliases }) => [...aliases, id]);
  throw fault(
    "unknown-model",
    `No model of ${agent} is called "${requested}"${didYouMean(requested, known)}`,
    known.length === 0
      ? `To pass the id through unchecked: --model <worker>=${requested}`
      : `Known as of ${modelsAsOf}: ${known.join(", ")}. To pass another id through unchecked: --model <worker>=${requested}`,
    { agent, requested, known },
  );
}

const vendors: readonly (readonly [beginning: RegExp, family: string])[] = [
  [/^(?:anthropic[./])?claude\b/i, "anthropic"],
  [/^(?:openai[./])?(?:gpt|o\d|codex)\b/i, "openai"],
  [/^(?:google[./]|models\/)?(?:gemini|gemma)\b/i, "google"],
  [/^(?:mistralai[./])?(?:mistral|codestral|devstral)/i, "mistral"],
  [/^(?:deepseek-ai[./])?deepseek/i, "deepseek"],
  [/^(?:qwen[./])?qwen/i, "alibaba"],
  [/^(?:x-ai[./]|xai[./])?grok/i, "xai"],
];

/** The vendor that a model id tells of, or null. */
export const familyOfModel = (id: string): string | null =>
  rows.find((row) => row.id === id)?.family ?? vendors.find(([beginning]) => beginning.test(id))?.[1] ?? null;
