/**
 * The demo: the whole lifecycle on the sample repository, by the very commands that a person types. Each is read from its argv and
 * run as the command line would; the demo knows nothing of the engine.
 */
import { join } from "node:path";
import type { RunSummary } from "../../lifecycle/task.schema.ts";
import { Fault, fault, printKey, shellWord } from "../../model/index.ts";
import type { Answer, Command } from "../command.ts";
import { answer } from "../commands/answer.ts";
import { approve } from "../commands/approve.ts";
import type { DemoOptions } from "../commands/demo.ts";
import { handoff } from "../commands/handoff.ts";
import { implement } from "../commands/implement.ts";
import { init } from "../commands/init.ts";
import { report } from "../commands/report.ts";
import { run } from "../commands/run.ts";
import { status } from "../commands/status.ts";
import { type Context, contextFor } from "../context.ts";
import { noPaint } from "../paint.ts";
import type { Bill, Cast } from "./real.ts";
import { chooseFolder, demoEnvironment, makeSample, type Sample } from "./sample.ts";

/** What it plays; the table of all commands names the demo itself, and so is not imported here. */
const played: Readonly<Record<string, Command<unknown>>> = { init, run, answer, approve, implement, handoff };

export async function demo(outer: Context, options: DemoOptions): Promise<Answer> {
  const begun = outer.world.host.clock.monotonic();
  // Without git nothing is begun.
  await outer.world.host.git.repository(outer.cwd);
  // Loaded for real agents only: nobody else needs a model server.
  const real = options.agents === "real" ? await import("./real.ts") : undefined;
  const installed = await real?.installedAgents(outer.world.host);
  const at = await chooseFolder(outer.world.host, outer.cwd, options.dir);
  const env = demoEnvironment(outer.outside.env, at.folder);
  try {
    const sample = await makeSample(outer.outside.hostFor, env, at);
    outer.say(`Sample repository: ${sample.root}`);
    await using cast = await real?.castOf(outer.outside.hostFor(env), installed ?? [], sample);
    const seen = { ...env, ...cast?.keys };
    const context = contextFor(outer.outside, { common: outer.common, env: seen, cwd: sample.root, via: "demo" });
    const runs = await lifecycle(context, sample, cast);
    const bill = (await cast?.bill(runs)) ?? null;
    const graph = await context.world.host.git.plain(sample.root, "log", "--graph", "--oneline", "--all", "--decorate");
    const elapsedMs = Math.round(outer.world.host.clock.monotonic() - begun);
    if (!options.keep) await remove(outer, at);
    const settled = bill === null || real === undefined || real.isSettled(bill);
    const lines = bill === null || real === undefined ? [] : real.billLines(bill);
    return tell({ sample, home: context.world.home, runs, graph, elapsedMs, kept: options.keep, bill, settled, lines });
  } catch (thrown) {
    // What it made is left for a look when something went wrong, and named.
    if (thrown instanceof Fault)
      outer.say(
        `The demo's folder is kept: ${at.folder} (its home: OKSTRA_HOME=${shellWord(env["OKSTRA_HOME"] ?? "")})`,
      );
    throw thrown;
  }
}

/** Every step as a command, shown before it runs; the summaries of all runs in order. */
async function lifecycle(context: Context, sample: Sample, cast: Cast | undefined): Promise<RunSummary[]> {
  const { facts, brief, scenario } = sample;
  const key = printKey({ project: facts.projectId, group: facts.group, task: facts.task });
  const agents = ["--agents", cast?.names.join(",") ?? `scripted:${scenario}`];
  const runs: RunSummary[] = [];
  const keep = (answer: Answer): void => {
    const given =
      "runs" in answer.json ? (answer.json["runs"] as RunSummary[]) : [answer.json as unknown as RunSummary];
    runs.push(...given);
  };
  const phase = (type: string, ...more: string[]) =>
    play(context, "run", "--task-key", key, "--task-type", type, ...more, ...agents);
  await play(context, "init", "--project-id", facts.projectId);
  if (cast !== undefined) await point(context, sample, cast);
  keep(await phase("error-analysis", "--brief", brief, "--title", facts.title, "--base-ref", facts.baseRef));
  await play(context, "answer", key, await questionOf(context, key), facts.answer);
  keep(await phase("implementation-planning"));
  await play(context, "approve", key, "--content", await contentOf(context, key));
  for (const how of await building(context, key, cast)) keep(await play(context, "implement", key, ...how, ...agents));
  keep(await phase("final-verification"));
  // A hand-off has no analysers to choose.
  const writer = cast === undefined ? agents : [];
  keep(await play(context, "handoff", key, "--action", "commit-only", ...writer));
  return runs;
}

/** Scripted, all stages by one command; real programs build one stage each, in turn. */
async function building(context: Context, key: string, cast: Cast | undefined): Promise<string[][]> {
  if (cast === undefined) return [["--stage", "all", "--parallel", "2"]];
  const shown = await status.run(context, status.read([key]).options);
  const { stages } = shown.json["task"] as { readonly stages: readonly { readonly stageNumber: number }[] };
  return stages.map(({ stageNumber }, index) => [
    ...["--stage", `${stageNumber}`],
    ...["--executor", cast.names[index % cast.names.length] ?? ""],
  ]);
}

/** The project's settings send its agents to the server. */
async function point({ world, say }: Context, { root }: Sample, { settings, url }: Cast): Promise<void> {
  const path = join(root, ".okstra", "project.json");
  const now = JSON.parse((await world.host.files.readText(path)) ?? "{}") as Readonly<Record<string, unknown>>;
  await world.host.files.replaceFile(path, `${JSON.stringify({ ...now, agents: settings }, null, 2)}\n`);
  say(
    `The models of ${Object.keys(settings).join(", ")} are a server of our own at ${url} that plays the demo's scenario`,
  );
}

/** Runs a command as if it had been typed in the sample repository. */
async function play(context: Context, name: string, ...argv: string[]): Promise<Answer> {
  const command = played[name];
  if (command === undefined) throw new Error(`the demo plays ${name}, which is no command`);
  if (context.world.signal.aborted) throw fault("interrupted", "The demo was stopped", "Start it again: okstra demo");
  context.say(`$ okstra ${[name, ...argv].map(shellWord).join(" ")}`);
  const answer = await command.run(context, command.read(argv).options);
  if (!context.common.quiet) context.terminal.write("story", `${answer.text(context.terminal.paint("story"))}\n`);
  if (answer.exit !== 0) {
    throw fault(
      "failed",
      `The demo stopped: okstra ${name} ended with exit code ${answer.exit}`,
      "See above, and report it: this should not happen",
      {
        command: [name, ...argv],
      },
    );
  }
  return answer;
}

/** The open question, as `status --json` names it. */
async function questionOf(context: Context, key: string): Promise<string> {
  const shown = await status.run(context, status.read([key]).options);
  const items = (shown.json["clarifications"] ?? []) as { readonly id: string; readonly status: string }[];
  const open = items.find((item) => item.status === "open");
  if (open === undefined)
    throw fault("unknown-clarification", "The demo's analysis asked nothing", "See its report", { key });
  return open.id;
}

/** The content hash, from where a person finds it: the command that the plan's report prints. */
async function contentOf(context: Context, key: string): Promise<string> {
  const { text } = await report.run(context, report.read([key]).options);
  const content = /okstra approve \S+ --content ([0-9a-f]{12})/.exec(text(noPaint))?.[1];
  if (content === undefined)
    throw fault("plan-gate-closed", "The demo's plan may not be approved", "See the planning report", { key });
  return content;
}

async function remove(context: Context, at: { readonly folder: string; readonly own: boolean }): Promise<void> {
  const { files } = context.world.host;
  if (at.own) return await files.removeTree(at.folder);
  for (const entry of await files.list(at.folder)) await files.removeTree(`${at.folder}/${entry.name}`);
}

type Told = {
  readonly sample: Sample;
  readonly home: string;
  readonly runs: readonly RunSummary[];
  readonly graph: string;
  readonly elapsedMs: number;
  readonly kept: boolean;
  /** With real agents alone. */
  readonly bill: Bill | null;
  readonly settled: boolean;
  readonly lines: readonly string[];
};

function tell({ sample, home, runs, graph, elapsedMs, kept, bill, settled, lines }: Told): Answer {
  const { facts } = sample;
  const verdict = runs.findLast((run) => run.taskType === "final-verification")?.verdict ?? null;
  const done = settled && verdict === "accepted" && runs.every((run) => run.outcome === "completed");
  const json = {
    project: sample.root,
    taskKey: printKey({ project: facts.projectId, group: facts.group, task: facts.task }),
    elapsedMs,
    verdict,
    runs,
    ...(bill === null ? {} : { real: bill }),
  };
  return {
    json,
    exit: done ? 0 : 1,
    text: (paint) =>
      [
        `${done ? paint.good("✓") : paint.bad("✗")} ${paint.strong(facts.title)}: ${verdict ?? "no verdict"}`,
        ...runs.map(
          (run) => `  ${run.id}  ${run.outcome ?? "under way"}${run.verdict === null ? "" : ` (${run.verdict})`}`,
        ),
        "",
        graph.trimEnd(),
        "",
        ...(kept
          ? [
              "Reports",
              ...runs.flatMap((run) => (run.report === null ? [] : [`  ${run.report.markdown}`])),
              `Look around: cd ${shellWord(sample.root)}; export OKSTRA_HOME=${shellWord(home)}; okstra status`,
            ]
          : ["All that the demo made is removed; --keep keeps it"]),
        ...lines,
        `${(elapsedMs / 1000).toFixed(1)} s, ${bill === null ? "agents scripted" : "agents real, the model behind them scripted"}: no model was asked`,
      ].join("\n"),
  };
}
