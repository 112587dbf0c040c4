/**
 * A command line in this process instead of one of its own: the same argv, environment, host and exit code, without what a start
 * costs. For commands that are refused; what executes agents is a process.
 */

import { runCli } from "../../src/cli/index.ts";
import { noPaint } from "../../src/cli/paint.ts";
import { nodeHost } from "../../src/host/node/index.ts";
import { packageRoot, type Rig } from "./rig.ts";

export type Said = { readonly code: number; readonly answer: string; readonly story: string };

export async function inside(rig: Rig, args: readonly string[], cwd = rig.root): Promise<Said> {
  const said = { answer: "", story: "" };
  const code = await runCli(args, {
    okstraVersion: "0.0.0-test",
    env: rig.env,
    cwd: () => cwd,
    signal: new AbortController().signal,
    hostFor: (env) => nodeHost({ env, packageRoot }),
    terminal: {
      write: (to, text) => {
        said[to] += text;
      },
      paint: () => noPaint,
      canAsk: () => false,
      ask: () => Promise.reject(new Error("nobody is there")),
      readInput: () => Promise.resolve(""),
      canvas: () => undefined,
    },
  });
  return { code, ...said };
}
