/** The demo's folder: the sample repository with what git ignores, a home of its own, brief and scenario. */
import { join, resolve } from "node:path";
import type { Host } from "../../host/index.ts";
import { fault, shellWord } from "../../model/index.ts";
import type { Environment } from "../context.ts";

export type Sample = {
  readonly folder: string;
  readonly root: string;
  readonly brief: string;
  readonly scenario: string;
  readonly facts: DemoFacts;
  /** Whether the demo made the folder itself. */
  readonly ownFolder: boolean;
};

/** demo/demo.json; `place` says where each part of demo/ goes in the repository. */
export type DemoFacts = {
  readonly projectId: string;
  readonly group: string;
  readonly task: string;
  readonly title: string;
  readonly baseRef: string;
  readonly answer: string;
  readonly place: Readonly<Record<string, string>>;
};

/** The folder to work in: a new temporary one, or `--dir`, which must be empty or absent. */
export async function chooseFolder(
  host: Host,
  cwd: string,
  dir: string | null,
): Promise<{ folder: string; own: boolean }> {
  if (dir === null) return { folder: await host.files.makeTemporaryFolder("okstra-demo-"), own: true };
  const folder = resolve(cwd, dir);
  const seen = await host.files.look(folder);
  if (seen !== undefined && (seen.kind !== "folder" || (await host.files.list(folder)).length > 0)) {
    const earlier = (await host.files.look(`${folder}/home`)) !== undefined;
    throw fault(
      "usage",
      `${folder} is not an empty folder`,
      earlier
        ? `It seems to hold an earlier demo: cd into its project and use it with OKSTRA_HOME=${shellWord(`${folder}/home`)}, or give --dir another folder`
        : "Give --dir a folder that is empty or not there yet",
      { folder },
    );
  }
  await host.files.makeFolder(folder);
  return { folder: (await host.files.realPath(folder)) ?? folder, own: seen === undefined };
}

/** What the demo's processes see: a home of their own and nothing of the user's git configuration. */
export function demoEnvironment(outside: Environment, folder: string): Environment {
  const kept = Object.fromEntries(["PATH", "TERM", "LANG", "LC_ALL", "NO_COLOR"].map((name) => [name, outside[name]]));
  const rig = Object.fromEntries(Object.entries(outside).filter(([name]) => name.startsWith("OKSTRA_RIG_")));
  return {
    ...kept,
    ...rig,
    HOME: join(folder, "user"),
    USER: "demo",
    OKSTRA_HOME: join(folder, "home"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: join(folder, "user", ".gitconfig"),
    TMPDIR: join(folder, "tmp"),
  };
}

const author = {
  GIT_AUTHOR_NAME: "Sample Author",
  GIT_AUTHOR_EMAIL: "author@example.org",
  GIT_COMMITTER_NAME: "Sample Author",
  GIT_COMMITTER_EMAIL: "author@example.org",
};

/** Copies the sample, commits it on `main`, and puts what git ignores beside it. `hostFor` gives a host with an environment. */
export async function makeSample(
  hostFor: (env: Environment) => Host,
  env: Environment,
  at: { folder: string; own: boolean },
): Promise<Sample> {
  const host = hostFor({ ...env, ...author });
  const source = join(host.machine.packageRoot, "demo");
  const facts = JSON.parse((await host.files.readText(join(source, "demo.json"))) ?? "{}") as DemoFacts;
  const root = join(at.folder, facts.projectId);
  for (const name of ["user", "tmp"]) await host.files.makeFolder(join(at.folder, name), { mode: 0o700 });
  await host.files.makeFolder(root);
  for (const [from, to] of Object.entries(facts.place)) await placePart(host, { source: join(source, from), root, to });
  await host.git.plain(root, "init", "--quiet", "-b", facts.baseRef);
  await host.git.plain(root, "add", "--all");
  await host.git.plain(root, "commit", "--quiet", "-m", "Invoices of the paper shop");
  const brief = join(at.folder, "brief.md");
  const scenario = join(at.folder, "scenario.yaml");
  await host.files.copy(join(source, "brief.md"), brief);
  await host.files.copy(join(source, "scenario.yaml"), scenario);
  return { folder: at.folder, root, brief, scenario, facts, ownFolder: at.own };
}

/** A folder's entries go into the root itself when its place is `.`. */
async function placePart(
  host: Host,
  { source, root, to }: { source: string; root: string; to: string },
): Promise<void> {
  if (to !== ".") return await host.files.copy(source, join(root, to));
  for (const entry of await host.files.list(source))
    await host.files.copy(join(source, entry.name), join(root, entry.name));
}
