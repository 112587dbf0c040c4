/** Prompts as they lie in the package: `prompts/<task-type>/<role>.md` and `prompts/shared/`. */
import { join } from "node:path";
import type { Host } from "../host/index.ts";
import type { TaskType } from "../model/index.ts";
import { gap, includesOf, type Template, template, withParts } from "./template.ts";

export type Role = "analyser" | "executor" | "verifier" | "critic" | "report-writer" | "assistant";
export type Purpose = "blind" | "group" | "round" | "plan-check" | "execute" | "fix" | "merge" | "verify" | "write";
export type Which = { readonly taskType: TaskType; readonly role: Role; readonly purpose: Purpose };

/** The prompt for a role and purpose. Throws `prompt-gap` when there is none or a file of it is missing. */
export async function loadTemplate(host: Host, packageRoot: string, which: Which): Promise<Template> {
  return loadPath(host, packageRoot, templatePath(which));
}

/** The template of that path below `prompts/`, without `.md`. */
export async function loadPath(host: Host, packageRoot: string, path: string): Promise<Template> {
  return template(path, await resolved(host, packageRoot, [path]));
}

/** The file that asks this; a round and a critic's pass are asked alike in every task type. */
function templatePath({ taskType, role, purpose }: Which): string {
  switch (purpose) {
    case "blind":
      if (role === "analyser" && !without.includes(taskType)) return `${taskType}/analyser`;
      if (role === "critic" && !without.includes(taskType))
        return taskType === "final-verification" ? `${taskType}/critic` : "shared/critic";
      break;
    case "group":
      return "shared/grouping";
    case "round":
      return "shared/round";
    case "plan-check":
      return "implementation-planning/plan-check";
    case "execute":
      return "implementation/executor";
    case "fix":
      return "implementation/executor-fix";
    case "merge":
      return "implementation/executor-merge";
    case "verify":
      return "implementation/verifier";
    case "write":
      return `${taskType}/report-writer`;
  }
  throw gap(`${taskType}/${role}`, `no ${role} is asked for "${purpose}" in ${taskType}`);
}

/** Task types without a blind pass. */
const without: readonly TaskType[] = ["implementation", "release-handoff"];

/** The text of the last path with its includes, theirs too. `trail` ends with it and starts with the prompt. */
async function resolved(host: Host, packageRoot: string, trail: readonly string[]): Promise<string> {
  const path = trail.at(-1) ?? "";
  const prompt = trail[0] ?? path;
  if (trail.indexOf(path) < trail.length - 1) throw gap(prompt, `${trail.join(" includes ")}, for ever`);
  const file = join(packageRoot, "prompts", `${path}.md`);
  const text = await host.files.readText(file);
  if (text === undefined) throw gap(prompt, `${file} is missing`, { file });
  const parts = new Map<string, string>();
  for (const part of includesOf(text)) parts.set(part, (await resolved(host, packageRoot, [...trail, part])).trimEnd());
  return withParts(text, parts);
}
