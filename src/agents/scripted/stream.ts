/**
 * The stream of the scripted agent: one JSON object a line on stdout (docs/guides/scenario.md lists them). Written by the program,
 * heard by the driver; both from this file, so that they cannot part. Pure.
 */
import type { Line } from "../../host/index.ts";
import type { TokenUse } from "../../model/index.ts";
import { type AgentEvent, type Exit, type FailureKind, failureKinds, type Parser } from "../contract.ts";

export type Said =
  | {
      readonly type: "started";
      readonly session: string;
      readonly model: string;
      readonly family: string;
      readonly scripted: true;
    }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool-call"; readonly id: string; readonly name: string; readonly detail: string }
  | { readonly type: "tool-result"; readonly id: string; readonly exitCode: number }
  | { readonly type: "usage"; readonly usage: TokenUse }
  | { readonly type: "retry"; readonly reason: string }
  | { readonly type: "quota"; readonly resetAt: string | null }
  | { readonly type: "failed"; readonly reason: string; readonly kind: FailureKind }
  | { readonly type: "finished"; readonly text: string };

export const line = (said: Said): string => `${JSON.stringify(said)}\n`;

export const listen = (): Parser => ({ hear, end });

/** Every failure of the scripted agent is an event; its exit code says nothing more. */
const end = (_exit: Exit): readonly AgentEvent[] => [];

function hear(heard: Line): readonly AgentEvent[] {
  if (heard.cut) return [{ type: "unreadable", why: "too-long" }];
  if (heard.text.trim() === "") return [];
  let said: unknown;
  try {
    said = JSON.parse(heard.text);
  } catch {
    return [{ type: "unreadable", why: "not-json" }];
  }
  const event =
    typeof said === "object" && said !== null ? eventOf(said as Readonly<Record<string, unknown>>) : undefined;
  return [event ?? { type: "unreadable", why: "unknown-shape" }];
}

/** The same vocabulary as the common one, but nothing in a line is taken on trust. */
function eventOf(said: Readonly<Record<string, unknown>>): AgentEvent | undefined {
  const text = (key: string): string | undefined => (typeof said[key] === "string" ? said[key] : undefined);
  switch (said["type"]) {
    case "started":
      return {
        type: "started",
        session: text("session") ?? null,
        model: text("model") ?? null,
        family: text("family") ?? null,
      };
    case "text":
    case "finished":
      return { type: said["type"], text: text("text") ?? "" };
    case "tool-call":
      return { type: "tool-call", id: text("id") ?? "", name: text("name") ?? "unnamed" };
    case "tool-result":
      return { type: "tool-result", id: text("id") ?? "" };
    case "usage":
      return usageOf(said["usage"]);
    case "retry":
      return { type: "retry", reason: text("reason") ?? "" };
    case "quota":
      return { type: "quota", resetAt: text("resetAt") ?? null };
    case "failed":
      return { type: "failed", reason: text("reason") ?? "no reason given", kind: kindOf(said["kind"]) };
    default:
      return undefined;
  }
}

function usageOf(usage: unknown): AgentEvent | undefined {
  if (typeof usage !== "object" || usage === null) return undefined;
  const numbers = usage as Readonly<Record<string, unknown>>;
  // What is not a number becomes one that cannot be, and so an unknown use with a remark.
  const count = (key: string): number => (typeof numbers[key] === "number" ? numbers[key] : Number.NaN);
  const { costUsd } = numbers;
  return {
    type: "usage",
    usage: {
      input: count("input"),
      cachedInput: count("cachedInput"),
      cacheWrite: count("cacheWrite"),
      output: count("output"),
      reasoning: count("reasoning"),
      costUsd: typeof costUsd === "number" ? costUsd : null,
    },
  };
}

const kindOf = (kind: unknown): FailureKind => failureKinds.find((known) => known === kind) ?? "unknown";
