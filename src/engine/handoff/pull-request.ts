/** Opens the pull request with `gh` where that is there and logged in; else gives the exact command for a person. */
import { shellWord } from "../../model/index.ts";
import type { CommandRun } from "../../report/report.schema.ts";
import type { Run } from "../run.ts";
import { nowOf } from "../world.ts";
import type { Target } from "./remote.ts";

export type Wanted = {
  readonly target: Target;
  readonly title: string;
  readonly bodyPath: string;
  readonly commit: string;
};
/** `url`: that of the pull request; null when a person has to run `command`. */
export type Opened = { readonly url: string | null; readonly command: CommandRun; readonly note: string };

const limitMs = 120_000;

export async function openPullRequest(run: Run, wanted: Wanted): Promise<Opened> {
  const { processes } = run.world.host;
  const env = environment(run);
  const create = createCommand(wanted);
  const left = (note: string, exitCode: number | null = null): Opened => ({
    url: null,
    command: ran(run, wanted, { command: create, exitCode, outcome: exitCode === null ? "did-not-run" : "failed" }),
    note,
  });
  if ((await processes.find("gh", env["PATH"] ?? "")) === undefined) return left("gh is not installed");
  const call = (args: readonly string[]) =>
    processes.run({ command: ["gh", ...args], cwd: run.manifest.worktree.path, env, timeoutMs: limitMs });
  const isLoggedIn = async (...host: readonly string[]): Promise<boolean> =>
    (await call(["auth", "status", ...host])).exitCode === 0;
  const host = await hostOf(run, wanted.target);
  // Of all hosts, gh fails for one that it cannot log in to; an alias of ssh's is a host that it does not know.
  if (!((host !== null && (await isLoggedIn("--hostname", host))) || (await isLoggedIn())))
    return left("gh is not logged in");
  const began = run.world.host.clock.now();
  // A hand-off that is made again finds the one that it opened before.
  const before = addressIn((await call(["pr", "view", wanted.target.branch, "--json", "url", "--jq", ".url"])).stdout);
  if (before !== null)
    return {
      url: before,
      command: ran(run, wanted, { command: create, exitCode: null, outcome: "did-not-run" }),
      note: "it was open already",
    };
  const made = await call(create.slice(1));
  const url = addressIn(made.stdout);
  if (made.exitCode !== 0 || url === null) return left(`gh said: ${lastLine(made.stderr)}`, made.exitCode ?? 1);
  const durationMs = run.world.host.clock.now() - began;
  return { url, command: ran(run, wanted, { command: create, exitCode: 0, outcome: "passed", durationMs }), note: "" };
}

/** The host of the remote's address; null for a folder. */
async function hostOf(run: Run, { remote }: Target): Promise<string | null> {
  const url = (await run.world.host.git.plain(run.manifest.worktree.path, "remote", "get-url", remote)).trim();
  return (
    /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([\w.-]+)/.exec(url)?.[1] ?? /^(?:[^@/:]+@)?([\w.-]+):/.exec(url)?.[1] ?? null
  );
}

const createCommand = ({ target, title, bodyPath }: Omit<Wanted, "commit">): readonly string[] => [
  ...["gh", "pr", "create", "--base", target.base, "--head", target.branch, "--title", title, "--body-file", bodyPath],
];

type Ran = Pick<CommandRun, "exitCode" | "outcome"> & {
  readonly command: readonly string[];
  readonly durationMs?: number;
};

const ran = (run: Run, { commit }: Wanted, { command, durationMs = 0, ...end }: Ran): CommandRun => ({
  name: "pull-request",
  command: command.map(shellWord).join(" "),
  at: nowOf(run.world),
  commit,
  durationMs,
  log: "",
  sandbox: "off",
  ...end,
});

/** gh is the person's own program, with their login; it never asks on a terminal. */
function environment(run: Run): Readonly<Record<string, string>> {
  const own = Object.entries(run.world.host.machine.env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  return { ...Object.fromEntries(own), GH_PROMPT_DISABLED: "1", GH_NO_UPDATE_NOTIFIER: "1", NO_COLOR: "1" };
}

const addressIn = (text: string): string | null => /https:\/\/[^\s"]+/.exec(text)?.[0] ?? null;

const lastLine = (text: string): string => (text.trim().split("\n").at(-1) ?? "").slice(0, 500);
