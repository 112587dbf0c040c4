/** Brings into a filled tree what planProvision decided: links, clones, copies. */
import { Buffer } from "node:buffer";
import { dirname, join } from "node:path";
import type { Host } from "../host/index.ts";
import type { Places, ProvisionPlan, Step } from "./provision-plan.ts";
import { secretsIn } from "./secrets.ts";

export type Provisioned = {
  readonly notes: readonly string[];
  /** Values in the copied files. */
  readonly secrets: readonly string[];
  /** Folders of the main worktree that the tree links to, with links resolved; agents only read them. */
  readonly linked: readonly string[];
};

type Ask = { readonly places: Places; readonly plan: ProvisionPlan; readonly env: Readonly<Record<string, string>> };

export async function applyProvision(host: Host, { places, plan, env }: Ask): Promise<Provisioned> {
  const notes = [...plan.notes];
  const secrets = new Set<string>();
  const linked: string[] = [];
  for (const step of plan.steps) {
    const to = join(places.tree, step.name);
    await host.files.makeFolder(dirname(to));
    if (step.do === "copy") {
      await host.files.copy(step.from, to);
      for (const secret of await secretsOf(host, step.from)) secrets.add(secret);
      continue;
    }
    const way = step.do === "clone" ? await cloneOr(host, { step, places, to, env }) : step.do;
    if (way === "skip")
      notes.push(
        `${step.name}: this file system cannot clone, skipped; list it in worktreeSyncDirs to link it instead`,
      );
    if (way === "link") await host.files.link(step.from, to);
    if (way === "link-entries") await linkEntries(host, step.from, to);
    if (way === "link" || way === "link-entries") linked.push(step.from);
  }
  return { notes, secrets: [...secrets], linked };
}

/** A real folder with a link for each entry, which ignores itself; see provision-plan.ts. */
async function linkEntries(host: Host, from: string, to: string): Promise<void> {
  await host.files.makeFolder(to);
  await host.files.replaceFile(join(to, ".gitignore"), ignoreAll);
  const entries = (await host.files.list(from)).filter((entry) => entry.name !== ".gitignore");
  for (let at = 0; at < entries.length; at += 64) {
    await Promise.all(entries.slice(at, at + 64).map(({ name }) => host.files.link(join(from, name), join(to, name))));
  }
}

/** What the `.gitignore` of a folder of links says. */
export const ignoreAll = "# okstra: links into the main worktree, never part of a commit\n*\n";

type CloneAsk = { step: Step & { do: "clone" }; places: Places; to: string; env: Readonly<Record<string, string>> };

/** Clones copy-on-write, or says what to do instead where the file system cannot; nothing is ever copied byte by byte. */
async function cloneOr(
  host: Host,
  { step, places, to, env }: CloneAsk,
): Promise<"done" | "link" | "link-entries" | "skip"> {
  const program: [string, ...string[]] =
    host.machine.platform === "darwin" ? ["cp", "-cpR"] : ["cp", "-a", "--reflink=always"];
  const done = await host.processes.run({
    command: [...program, step.from, to],
    cwd: places.tree,
    env,
    timeoutMs: cloneLimitMs,
  });
  if (done.exitCode !== 0) {
    await host.files.removeTree(to);
    return step.otherwise;
  }
  if (!(await host.git.isIgnored(places.tree, step.name)))
    await host.files.replaceFile(join(to, ".gitignore"), ignoreAll);
  return "done";
}

const cloneLimitMs = 10 * 60_000;
/** Beyond this a copied file is no list of settings. */
const largestSettings = 1024 * 1024;

/** Values of a copied file that must not show in what is kept. */
export async function secretsOf(host: Host, path: string): Promise<string[]> {
  const size = (await host.files.look(path))?.size ?? 0;
  if (size > largestSettings) return [];
  return secretsIn(Buffer.from((await host.files.readBytes(path)) ?? new Uint8Array()).toString("utf8"));
}
