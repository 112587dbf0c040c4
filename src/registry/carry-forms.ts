/**
 * The carry files of a task, whoever wrote them. okstra's own are told by their schema; of those of other origin (another program's,
 * hand-made) the forms that worktrees.md names are read. These count only after a person says so.
 */
import { join } from "node:path";
import { checkCarry } from "../generated/registry.check.js";
import type { Host } from "../host/index.ts";
import { taskPaths } from "../lifecycle/index.ts";
import { parseLine, sha256 } from "./lines.ts";
import type { TaskPlace } from "./place.ts";
import type { Carry } from "./registry.schema.ts";

/** What a carry says whoever wrote it: the stage's last commit, as it is written there; or why it cannot be taken. */
export type CarryForm =
  | { readonly stage: number; readonly head: string; readonly base: string | null; readonly run: string | null }
  | { readonly stage: number; readonly problem: string };

export type SeenCarry = {
  readonly stage: number;
  readonly path: string;
  readonly sha256: string;
  /** Null when it is not of okstra's form. */
  readonly own: Carry | null;
  readonly form: CarryForm;
};

/** Those in the carry folder itself, by stage; those of earlier plans lie in folders of theirs and do not count. */
export async function listCarries(host: Host, place: TaskPlace): Promise<SeenCarry[]> {
  const { carryFolder } = taskPaths(place.projectRoot, place.key);
  const found: SeenCarry[] = [];
  for (const { name, kind } of await host.files.list(carryFolder)) {
    const bytes =
      kind === "file" && name.endsWith(".json") ? await host.files.readBytes(join(carryFolder, name)) : undefined;
    const seen = bytes === undefined ? undefined : readForm(name, parseLine(bytes));
    if (bytes !== undefined && seen !== undefined)
      found.push({ ...seen, path: join(carryFolder, name), sha256: sha256(bytes) });
  }
  return found.sort((a, b) => a.stage - b.stage);
}

/** Undefined when not even the file's name tells of which stage it is. */
function readForm(name: string, input: unknown): Pick<SeenCarry, "stage" | "own" | "form"> | undefined {
  const named = Number(/stage[-_]?0*([1-9]\d*)\.json$/i.exec(name)?.[1] ?? Number.NaN);
  if (checkCarry(input) && (Number.isNaN(named) || input.stage === named)) {
    const { head, base } = input.stageCommitRange;
    return { stage: input.stage, own: input, form: { stage: input.stage, head, base, run: input.run } };
  }
  const fields = typeof input === "object" && input !== null && !Array.isArray(input) ? (input as Fields) : undefined;
  const stage = [fields?.["stage"], fields?.["stageNumber"]].map(wholeNumber).find((one) => one !== undefined);
  const of = stage ?? (Number.isNaN(named) ? undefined : named);
  if (of === undefined) return undefined;
  const form = fields === undefined ? { stage: of, problem: "it is not a JSON object" } : formOf(of, fields);
  const misnamed = stage !== undefined && !Number.isNaN(named) && stage !== named;
  const problem = { stage: named, problem: `its name says stage ${named}, it itself stage ${stage}` };
  return { stage: misnamed ? named : of, own: null, form: misnamed ? problem : form };
}

type Fields = Readonly<Record<string, unknown>>;

const refused: ReadonlySet<string> = new Set(["fail", "failed", "blocked", "error", "aborted"]);

function formOf(stage: number, fields: Fields): CarryForm {
  const status = fields["status"];
  if (typeof status === "string" && refused.has(status.trim().toLowerCase()))
    return { stage, problem: `its status is ${status}` };
  const range = objectIn(fields["stageCommitRange"]);
  const commits = Array.isArray(fields["commits"]) ? (fields["commits"] as readonly unknown[]) : [];
  const last = commits.at(-1);
  const named = [
    range["head"],
    fields["head_sha"],
    fields["head_commit"],
    fields["head"],
    typeof last === "string" ? last : objectIn(last)["sha"],
  ];
  const head = named.map(commitName).find((one) => one !== undefined);
  if (head === undefined) return { stage, problem: "it names no commit" };
  const run = fields["run"];
  const base = commitName(range["base"]) ?? commitName(fields["base_sha"]) ?? commitName(fields["base_commit"]) ?? null;
  return { stage, head, base, run: typeof run === "string" && run !== "" ? run : null };
}

const objectIn = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const commitName = (value: unknown): string | undefined =>
  typeof value === "string" && /^[0-9a-f]{7,64}$/i.test(value) ? value.toLowerCase() : undefined;

const wholeNumber = (value: unknown): number | undefined => {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 1 ? number : undefined;
};
