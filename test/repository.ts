/**
 * A git repository in a temporary folder whose name has a space and letters beyond ASCII, with a home for okstra beside it
 * and a real host that sees nothing of the user's git configuration.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Host, Repository } from "../src/host/index.ts";
import { nodeHost } from "../src/host/node/index.ts";

export type TestRepository = Disposable & {
  readonly host: Host;
  /** Everything lies in here. */
  readonly folder: string;
  readonly home: string;
  /** The main worktree. */
  readonly root: string;
  readonly repository: Repository;
  /** Its first commit. */
  readonly start: string;
  /** Runs git as a user would; what it prints, trimmed. Throws unless it exits 0. */
  git(at: string, ...args: string[]): string;
  /** Writes a file below the main worktree (or at an absolute path), making folders. */
  write(path: string, text: string): void;
  /** Writes and commits in a tree; the commit. */
  commit(at: string, files: Readonly<Record<string, string>>, message?: string): string;
  read(path: string): string | undefined;
};

/** One commit on `main`: README.md, src/app.js, and a `.gitignore` with the given lines. `under`: where its folder is made. */
export function testRepository(ignore: readonly string[] = [], under = tmpdir()): TestRepository {
  const folder = realpathSync(mkdtempSync(join(under, "okstra wörk 나무-")));
  const root = join(folder, "the project");
  const userHome = join(folder, "user");
  mkdirSync(root);
  mkdirSync(userHome);
  const env = { PATH: process.env["PATH"], HOME: userHome, GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" };
  const author = {
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: "ada@example.org",
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: "ada@example.org",
  };
  const git = (at: string, ...args: string[]): string =>
    execFileSync("git", args, { cwd: at, env: { ...env, ...author }, encoding: "utf8", stdio: "pipe" }).trim();
  const write = (path: string, text: string): void => {
    const to = path.startsWith("/") ? path : join(root, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, text);
  };
  const commit = (at: string, files: Readonly<Record<string, string>>, message = "change"): string => {
    for (const [path, text] of Object.entries(files)) write(join(at, path), text);
    git(at, "add", "--all", "--", ...Object.keys(files));
    git(at, "commit", "--quiet", "--allow-empty", "-m", message);
    return git(at, "rev-parse", "HEAD");
  };
  git(root, "init", "--quiet", "-b", "main");
  const start = commit(
    root,
    { "README.md": "start\n", "src/app.js": "one\n", ".gitignore": `${ignore.join("\n")}\n` },
    "start",
  );
  const packageRoot = fileURLToPath(new URL("..", import.meta.url));
  return {
    host: nodeHost({ env, packageRoot }),
    folder,
    home: join(folder, "okstra home"),
    root,
    repository: { mainRoot: root, root, commonDir: join(root, ".git"), linked: false },
    start,
    git,
    write,
    commit,
    read: (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
