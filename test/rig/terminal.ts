/** The command line in a real pseudo-terminal, made by script(1) of util-linux: typed to, made smaller, and read as it draws. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { main, type Rig } from "./rig.ts";

/** Why there is none here; undefined where there is. */
export const noTerminal: string | undefined = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes(
  "util-linux",
)
  ? undefined
  : "script(1) of util-linux is not here";

export type Size = { readonly columns: number; readonly rows: number };

export type InTerminal = {
  /** All that was written so far. */
  output(): string;
  /** Settles when something like this was written after what earlier calls waited for; rejects when the command ends before. */
  shows(what: RegExp): Promise<void>;
  type(keys: string): void;
  resize(size: Size): void;
  /** The exit code. */
  readonly done: Promise<number | null>;
};

export function inTerminal(
  rig: Rig,
  args: readonly string[],
  size: Size & { readonly env?: Readonly<Record<string, string>> },
): InTerminal {
  const device = join(rig.folder, "terminal.txt");
  const script = `tty > "$DEVICE"; stty cols ${size.columns} rows ${size.rows}; exec "$NODE" "$MAIN" ${args.map(quoted).join(" ")}`;
  const env = {
    ...rig.env,
    NO_COLOR: "",
    TERM: "xterm-256color",
    SHELL: "/bin/sh",
    DEVICE: device,
    NODE: process.execPath,
    MAIN: main,
  };
  const child = spawn("script", ["--quiet", "--return", "--flush", "--command", script, "/dev/null"], {
    cwd: rig.root,
    env: { ...env, ...size.env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  let heard = 0;
  let over = false;
  let wake = (): void => undefined;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    wake();
  });
  const done = new Promise<number | null>((settle, fail) => {
    child.on("error", fail);
    child.on("close", (code) => {
      over = true;
      wake();
      settle(code);
    });
  });
  return {
    output: () => text,
    async shows(what) {
      for (;;) {
        const found = what.exec(text.slice(heard));
        if (found !== null) {
          heard += found.index + found[0].length;
          return;
        }
        if (over) throw new Error(`the command ended and never showed ${what}:\n${text}`);
        await new Promise<void>((settle) => {
          wake = settle;
        });
      }
    },
    type: (keys) => void child.stdin.write(keys),
    resize({ columns, rows }) {
      const path = readFileSync(device, "utf8").trim();
      execFileSync("stty", ["-F", path, "cols", String(columns), "rows", String(rows)]);
    },
    done,
  };
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
