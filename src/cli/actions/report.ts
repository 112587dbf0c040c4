/** A report as Markdown on stdout, or its HTML form in a browser. */
import { findReport } from "../../engine/index.ts";
import { fault, take } from "../../model/index.ts";
import { visible } from "../../report/index.ts";
import type { Answer } from "../command.ts";
import type { ReportOptions } from "../commands/report.ts";
import type { Context } from "../context.ts";
import { keyOf } from "../key-of.ts";

export async function report(context: Context, { subject, open }: ReportOptions): Promise<Answer> {
  const of =
    subject.is === "run"
      ? { key: subject.run.key, run: subject.run }
      : { key: await keyOf(context, subject.task), run: null };
  const found = take(await findReport(context.world, context.cwd, of));
  if (open) await openInBrowser(context, found.html);
  return { json: found, text: () => (open ? found.html : visible(found.text).trimEnd()), exit: 0 };
}

async function openInBrowser({ world, cwd }: Context, path: string): Promise<void> {
  const { machine, processes } = world.host;
  const opener = machine.platform === "darwin" ? "open" : "xdg-open";
  const program = await processes.find(opener, machine.env["PATH"] ?? "");
  if (program === undefined) {
    throw fault(
      "file-system",
      `No program to open a browser with: ${opener} is not on the PATH`,
      `Open it by hand: ${path}`,
      { path },
    );
  }
  const env = Object.entries(machine.env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  await processes.launchDetached({ command: [program, path], cwd, env: Object.fromEntries(env), logPath: "/dev/null" });
}
