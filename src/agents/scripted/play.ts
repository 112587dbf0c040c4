/**
 * Plays one entry: its acts in order, then its usage and its last message. Playing an entry again in a tree where it was played
 * before gives the same tree (what is done already is skipped), since a dispatch may be done again after a kill.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { TokenUse } from "../../model/index.ts";
import { git, gitSays } from "./git.ts";
import { misbehave } from "./misbehave.ts";
import { ActFailed, type Part, type Turn } from "./part.ts";
import { puppet } from "./puppet.ts";
import type { Act, Entry } from "./scenario.schema.ts";
import { hang, pause, say } from "./voice.ts";

type Playing = Part & { readonly commits: string[]; calls: number };

/** Plays to the end and returns the exit code. */
export async function play(part: Part): Promise<number> {
  const { entry } = part;
  const playing: Playing = { ...part, commits: [], calls: 0 };
  const acts = entry.do ?? [];
  let after: "hang" | "exit-1" | undefined;
  if (!staysSilent(acts[0])) await start(part);
  for (const act of acts) {
    const turn = await perform(playing, act);
    if (turn === undefined) continue;
    if ("exit" in turn) return turn.exit;
    after = turn.after;
  }
  if (entry.usage != null) await say({ type: "usage", usage: use(entry.usage) });
  if (entry.result !== undefined) await say({ type: "finished", text: message(playing, entry.result) });
  if (after === "hang") return hang();
  return after === "exit-1" ? 1 : (entry.exit ?? 0);
}

const use = (given: NonNullable<Entry["usage"]>): TokenUse => ({
  input: given.input,
  cachedInput: given.cachedInput ?? 0,
  cacheWrite: given.cacheWrite ?? 0,
  output: given.output,
  reasoning: given.reasoning ?? 0,
  costUsd: given.costUsd ?? null,
});

const start = ({ session, model, family }: Part): Promise<void> =>
  say({ type: "started", session, model, family, scripted: true });

const staysSilent = (first: Act | undefined): boolean =>
  first !== undefined &&
  "misbehave" in first &&
  (first.misbehave === "never-speak" || first.misbehave === "exit-0-silent");

async function perform(playing: Playing, act: Act): Promise<Turn> {
  const { cwd, folder } = playing;
  if ("misbehave" in act) return misbehave(playing, act);
  if ("puppet" in act) return puppet(resolve(folder, act.puppet), playing.address);
  if ("say" in act) await say({ type: "text", text: act.say });
  else if ("used" in act) await say({ type: "usage", usage: use(act.used) });
  else if ("delayMs" in act) await pause(act.delayMs);
  else if ("tool" in act) await call(playing, { name: act.tool, detail: "" }, async () => pause(act.ms ?? 0));
  else if ("write" in act)
    await call(playing, { name: "write", detail: Object.keys(act.write).join(" ") }, () => write(cwd, act.write));
  else if ("replace" in act)
    await call(playing, { name: "edit", detail: act.replace.path }, () => replace(cwd, act.replace));
  else if ("copy" in act)
    await call(playing, { name: "write", detail: act.copy.to }, () =>
      copy(join(folder, act.copy.from), resolve(cwd, act.copy.to)),
    );
  else if ("run" in act) await call(playing, { name: "shell", detail: act.run }, () => run(cwd, act));
  else await call(playing, { name: "git", detail: "commit" }, () => playing.commits.push(commit(cwd, act)));
  return undefined;
}

/** One tool call in the stream; its body may give the exit code to report. */
async function call(playing: Playing, tool: { name: string; detail: string }, body: () => unknown): Promise<void> {
  playing.calls += 1;
  const id = `call-${playing.calls}`;
  await say({ type: "tool-call", id, ...tool });
  const done = await body();
  await say({ type: "tool-result", id, exitCode: tool.name === "shell" && typeof done === "number" ? done : 0 });
}

function write(cwd: string, files: Readonly<Record<string, string | null>>): void {
  for (const [path, content] of Object.entries(files)) {
    const target = resolve(cwd, path);
    if (content === null) {
      rmSync(target, { recursive: true, force: true });
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
}

function replace(cwd: string, change: { path: string; old: string; new: string }): void {
  const target = resolve(cwd, change.path);
  const before = readIfThere(target);
  if (before === undefined) throw new ActFailed(`replace: there is no file ${change.path}`);
  const at = before.indexOf(change.old);
  if (at >= 0) writeFileSync(target, before.slice(0, at) + change.new + before.slice(at + change.old.length));
  else if (!before.includes(change.new))
    throw new ActFailed(`replace: ${change.path} does not hold ${JSON.stringify(change.old)}`);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw cause;
  }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true });
}

/** Its output goes to stderr: stdout is the stream. */
function run(cwd: string, act: { run: string; ignoreExit?: boolean | undefined }): number {
  const done = spawnSync("sh", ["-c", act.run], { cwd, stdio: ["ignore", 2, 2] });
  if (done.error !== undefined) throw done.error;
  const exitCode = done.status ?? 128;
  if (exitCode !== 0 && act.ignoreExit !== true)
    throw new ActFailed(`run: "${act.run}" exited with ${done.status ?? done.signal}`);
  return exitCode;
}

/** The new commit; where there is nothing to commit, the newest one with the same message, else the head. */
function commit(cwd: string, act: { commit: string; paths?: string[] | undefined }): string {
  git(cwd, "add", "--all", "--", ...(act.paths ?? ["."]));
  const nothing = gitSays(cwd, "diff", "--cached", "--quiet");
  if (!nothing) {
    git(cwd, "commit", "--quiet", "--message", act.commit);
    return git(cwd, "rev-parse", "HEAD");
  }
  const subject = act.commit.split("\n")[0] ?? "";
  const earlier = git(cwd, "log", "-1", "--format=%H", "--fixed-strings", `--grep=${subject}`);
  return earlier === "" ? git(cwd, "rev-parse", "HEAD") : earlier;
}

/** The last message, with `{{head}}` and `{{commit.N}}` (the nth commit of this play, 1 first) filled in. */
function message(playing: Playing, result: NonNullable<Entry["result"]>): string {
  const text = typeof result === "string" ? result : JSON.stringify(result);
  return text.replaceAll(/\{\{(?:head|commit\.(\d+))\}\}/g, (hole: string, index: string | undefined) => {
    if (index === undefined) return git(playing.cwd, "rev-parse", "HEAD");
    const found = playing.commits[Number(index) - 1];
    if (found === undefined)
      throw new ActFailed(`result: ${hole}, but only ${playing.commits.length} commits were made`);
    return found;
  });
}
