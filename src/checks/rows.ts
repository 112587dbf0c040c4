/** Rows of checks: how they are made and what they come to. */
import { type Failure, schemaVersion } from "../model/index.ts";
import type { Check, CheckList } from "./checks.schema.ts";

type About = { readonly id: string; readonly where: string };

export const passed = (about: About, message: string): Check => ({
  ...about,
  severity: "info",
  ok: true,
  message,
  remedy: "",
});

export const failed = (about: About, message: string, remedy: string): Check => ({
  ...about,
  severity: "error",
  ok: false,
  message,
  remedy,
});

export const warned = (about: About, message: string, remedy: string): Check => ({
  ...about,
  severity: "warning",
  ok: false,
  message,
  remedy,
});

/** The row of a check that could not be made because something else failed. */
export const failedAs = (about: About, failure: Failure): Check => failed(about, failure.message, failure.remedy);

export const listOf = (checks: readonly Check[]): CheckList => ({
  schemaVersion,
  ok: checks.every((check) => check.ok || check.severity !== "error"),
  checks: [...checks],
});

/** `result: OK`, or `result: N problems`; only errors are problems. */
export function resultLine({ checks }: Pick<CheckList, "checks">): string {
  const problems = checks.filter((check) => !check.ok && check.severity === "error").length;
  return problems === 0 ? "result: OK" : `result: ${problems} problem${problems === 1 ? "" : "s"}`;
}

/** `1 file`, `2 files`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
