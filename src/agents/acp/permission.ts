/** Which tool calls an agent that asks is allowed: by the kind of the call and the files it names. Pure. */
import { isAbsolute, relative, resolve } from "node:path";
import { isObject, listIn, objectIn, type Said, textIn } from "../drivers/lines.ts";
import { readingKinds } from "./protocol.ts";

export type Rules = {
  readonly access: "read-only" | "workspace-write";
  readonly cwd: string;
  /** Folders besides `cwd` in which it may write; absolute. */
  readonly writable: readonly string[];
};

export type Ruling = { readonly tool: string; readonly allowed: boolean; readonly outcome: Said };

/** The answer to `session/request_permission`. Once, never for always; without a fitting option it is cancelled. */
export function ruling(params: Said, rules: Rules): Ruling {
  const call = objectIn(params, "toolCall");
  const allowed = mayDo(call, rules);
  const wanted = allowed ? "allow_once" : "reject_once";
  const option = listIn(params, "options").find(({ kind }) => kind === wanted);
  const id = option === undefined ? null : textIn(option, "optionId");
  const tool = textIn(call, "title") ?? textIn(call, "kind") ?? "unnamed";
  const outcome = id === null ? { outcome: "cancelled" } : { outcome: "selected", optionId: id };
  return { tool, allowed: allowed && id !== null, outcome };
}

function mayDo(call: Said, { access, cwd, writable }: Rules): boolean {
  const kind = textIn(call, "kind") ?? "other";
  if (readingKinds.has(kind)) return true;
  if (access === "read-only" || kind === "fetch" || kind === "switch_mode") return false;
  return filesOf(call).every((path) => [cwd, ...writable].some((folder) => lies(folder, resolve(cwd, path))));
}

const filesOf = (call: Said): string[] => {
  const places = [...listIn(call, "locations"), ...listIn(call, "content").filter((one) => one["type"] === "diff")];
  return places.filter(isObject).flatMap((place) => textIn(place, "path") ?? []);
};

function lies(folder: string, path: string): boolean {
  const inner = relative(folder, path);
  return inner === "" || (inner !== ".." && !inner.startsWith("../") && !isAbsolute(inner));
}
