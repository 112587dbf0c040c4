/**
 * Fills a tree whose metadata addTree made: files from git, then what the project brings along, then its set-up commands.
 * Outside the repository lock; a few trees at a time in one process, more only get in each other's way.
 */
import type { Host, Repository } from "../host/index.ts";
import { childEnvironment } from "./environment.ts";
import { gate } from "./gate.ts";
import { applyProvision, type Provisioned } from "./provision.ts";
import { lookForProvision, type Provision } from "./provision-look.ts";
import { planProvision } from "./provision-plan.ts";
import { gitFolderOf, isFilled } from "./remains.ts";
import { type Confine, runSetup } from "./setup.ts";

export type FillAsk = {
  readonly repository: Repository;
  readonly path: string;
  readonly provision: Provision;
  /** Added to a small allow-listed part of okstra's own environment for set-up commands; TMPDIR in it is made. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the output of the set-up commands goes. */
  readonly logPath: string;
  /** For each set-up command; default ten minutes. */
  readonly setupTimeoutMs?: number;
  readonly confine?: Confine;
  /** See SetupAsk. */
  readonly kept?: (command: string) => Promise<string | null>;
};

const twoAtATime = gate(2);

/** Throws `sync-outside-project`, `setup-failed`, and what git and files say (`disk-full`, ...). */
export async function fillTree(host: Host, ask: FillAsk): Promise<Provisioned> {
  await twoAtATime(() => fillFromGit(host, ask));
  const env = childEnvironment(host.machine.env, ask.env);
  const temporary = ask.env["TMPDIR"];
  if (temporary !== undefined) await host.files.makeFolder(temporary, { mode: 0o700 });
  const { places, wanted } = await lookForProvision(host, ask);
  const provisioned = await applyProvision(host, { places, plan: planProvision(places, wanted), env });
  await runSetup(host, {
    commands: ask.provision.setup,
    ready: ask.provision.ready ?? null,
    path: ask.path,
    env,
    logPath: ask.logPath,
    secrets: provisioned.secrets,
    ...(ask.setupTimeoutMs === undefined ? {} : { timeoutMs: ask.setupTimeoutMs }),
    ...(ask.confine === undefined ? {} : { confine: ask.confine }),
    ...(ask.kept === undefined ? {} : { kept: ask.kept }),
  });
  return provisioned;
}

/** A tree that was filled to the end is left alone: filling resets files, and someone may have worked there since. */
async function fillFromGit(host: Host, { repository, path }: FillAsk): Promise<void> {
  const gitFolder = await gitFolderOf(host, repository, path);
  if (gitFolder === undefined || !(await isFilled(host, gitFolder))) await host.git.fillTree(path);
}
