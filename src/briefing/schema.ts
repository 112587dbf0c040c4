/** The JSON Schema of what an agent must return, as published with the package. */
import { join } from "node:path";
import type { Host } from "../host/index.ts";
import { profiles } from "../lifecycle/index.ts";
import type { Which } from "./load.ts";
import { gap } from "./template.ts";

/** The id of the schema that the last message of such a dispatch must fit. */
export function schemaIdOf({ taskType, purpose }: Pick<Which, "taskType" | "purpose">): string {
  switch (purpose) {
    case "blind":
    case "verify":
      return "worker-result";
    case "group":
      return "grouping-result";
    case "round":
      return "round-result";
    case "plan-check":
      return "plan-check-result";
    case "execute":
    case "fix":
    case "merge":
      return "executor-result";
    case "write":
      return profiles[taskType].proseSchema;
  }
}

/** The schema as a value. Throws `prompt-gap` when the package lacks it. */
export async function readSchema(host: Host, packageRoot: string, id: string): Promise<unknown> {
  const file = join(packageRoot, "schemas", `${id}.json`);
  const text = await host.files.readText(file);
  if (text === undefined) throw gap(id, `${file} is missing`, { file });
  return JSON.parse(text) as unknown;
}

export const resultSchema = (
  host: Host,
  packageRoot: string,
  of: Pick<Which, "taskType" | "purpose">,
): Promise<unknown> => readSchema(host, packageRoot, schemaIdOf(of));

/** The schema as short text for a prompt, on one line, without what only tools need. */
export const schemaText = (schema: unknown): string =>
  JSON.stringify(schema, (key, value: unknown) =>
    typeof value === "string" && forTools.includes(key) ? undefined : value,
  );

const forTools = ["$schema", "$id", "title"];
