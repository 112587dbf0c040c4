/**
 * Whether the records agree: registry, ledgers, carries, journals, manifests, catalog, git and the disk. Finding looks only; mending
 * goes on until nothing that can be mended is left, since one thing mended (a registry) shows others (a tree that is gone).
 */
import type { ProjectPlace, World } from "../engine/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import { type Failure, Fault, take } from "../model/index.ts";
import { examineRegistry } from "../registry/index.ts";
import { type Finding, leftAlone } from "./agree/finding.ts";
import { homeFindings } from "./agree/home.ts";
import { apply } from "./agree/mend.ts";
import { projectFindings } from "./agree/task.ts";
import type { Check, Fix } from "./checks.schema.ts";
import { passed } from "./rows.ts";

export type AgreementAsk = {
  readonly cwd: string;
  /** The project around `cwd` with settings that can be read. */
  readonly project: ProjectPlace | undefined;
};

/** A row for the registry and one for each disagreement. */
export const agreementRows = async (world: World, ask: AgreementAsk): Promise<Check[]> => {
  const { findings, entries } = await findAll(world, ask);
  return rowsOf(world, findings, entries);
};

function rowsOf(world: World, findings: readonly Finding[], entries: number): Check[] {
  const rows = findings.map(({ check }) => check);
  if (rows.some(({ id }) => id === "registry")) return rows;
  return [passed({ id: "registry", where: homePaths(world.home).registry }, `${entries} entries`), ...rows];
}

/** Mends what can be mended without losing anything. What it left, and why, is among the fixes too. */
export async function mendAll(world: World, ask: AgreementAsk): Promise<{ checks: Check[]; fixes: Fix[] }> {
  const fixes: Fix[] = [];
  const tried = new Set<string>();
  for (;;) {
    const { findings, entries } = await findAll(world, ask);
    const next = findings.filter((finding) => finding.mend !== null && !tried.has(nameOf(finding)));
    if (next.length === 0) {
      const left = findings.filter(({ mend }) => mend === null);
      return { checks: rowsOf(world, findings, entries), fixes: [...fixes, ...left.map(leftFix)] };
    }
    // One mend may settle several of them, and is done once.
    const done = new Map<string, Promise<Outcome>>();
    for (const finding of next) {
      tried.add(nameOf(finding));
      const mend = JSON.stringify(finding.mend);
      const outcome = done.get(mend) ?? attempt(world, ask, finding);
      done.set(mend, outcome);
      const { id, where, message: found } = finding.check;
      fixes.push({ id, where, found, ...(await outcome) });
    }
  }
}

/** One mend is done once for all that it settles; the same thing found again after it was mended is not tried for ever. */
const nameOf = ({ mend, check }: Finding): string => `${check.id} ${JSON.stringify(mend)}`;

type Outcome = Pick<Fix, "mended" | "did" | "left">;

async function attempt(world: World, { cwd, project }: AgreementAsk, { check, mend }: Finding): Promise<Outcome> {
  if (mend === null) throw new Error(`${check.id} cannot be mended`);
  try {
    return { mended: true, did: await apply(world, { cwd, here: project?.projectRoot }, mend), left: "" };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return { mended: false, did: "", left: thrown.failure.message };
  }
}

const leftFix = ({ check: { id, where, message }, left }: Finding): Fix => ({
  id,
  where,
  found: message,
  mended: false,
  did: "",
  left,
});

type Found = { readonly findings: readonly Finding[]; readonly entries: number };

async function findAll(world: World, { project }: AgreementAsk): Promise<Found> {
  const registry = take(await examineRegistry(world.host, world.home));
  const home = registry.is === "newer" ? [unreadable(world, registry.failure)] : await homeFindings(world, registry);
  // What rests on the registry is looked at once it can be read.
  const own = project === undefined ? [] : await projectFindings(world, project);
  return { findings: [...home, ...own], entries: Object.keys(registry.entries).length };
}

const unreadable = (world: World, { message, remedy }: Failure): Finding =>
  leftAlone(
    { id: "registry", where: homePaths(world.home).registry, severity: "error", message, remedy },
    "a newer okstra wrote it",
  );
