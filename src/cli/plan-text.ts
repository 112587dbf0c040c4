/** A run that `--dry-run` foresees, for people. Pure. */

import type { RunPlan } from "../engine/index.ts";
import { shellWord } from "../model/index.ts";
import type { Paint } from "./paint.ts";
import { columns, oneLine, shortened } from "./text.ts";

export function planText(plan: RunPlan, paint: Paint): string {
  const { worktree, plan: approved } = plan;
  const { syncDirs, copyFiles, cloneDirs, setup } = plan.provision;
  const brought = worktree.status === "created";
  const facts = [
    ["task", `${plan.taskKey}${plan.newTask ? " (new)" : ""}`],
    ["title", shortened(plan.title, 80)],
    ["worktree", `${worktree.path} (${worktree.status})`],
    ...(worktree.branch === null ? [] : [["branch", worktree.branch]]),
    ...(worktree.baseRef === null ? [] : [["base", `${worktree.baseRef} at ${worktree.baseCommit}`]]),
    ...(approved === null ? [] : [["plan", `${approved.run}, content ${approved.content.slice(0, 12)}`]]),
    ["steps", plan.steps.join(" -> ")],
    ["rounds", String(plan.rounds)],
    ["budget", budgetOf(plan)],
    ["sandbox", sandboxOf(plan)],
    ["network", networkOf(plan)],
    ...(brought && syncDirs.length > 0 ? [["linked", syncDirs.join(", ")]] : []),
    ...(brought && copyFiles.length > 0 ? [["copied", copyFiles.join(", ")]] : []),
    ...(brought && cloneDirs.length > 0 ? [["cloned", cloneDirs.join(", ")]] : []),
    ...(brought ? setup.map((command) => ["set-up", command]) : []),
    ...plan.notes.map((note) => ["note", note]),
  ];
  return [
    `${paint.faint("·")} ${paint.strong(oneLine(plan.id))}: would be prepared; nothing was changed`,
    ...(plan.stage === null ? [] : [`  selected stages: ${plan.stage}`]),
    ...columns(facts.map((row) => row.map(oneLine))).map((line) => `  ${line}`),
    ...plan.agents.flatMap((agent) => agentLines(agent, paint)),
  ].join("\n");
}

const sandboxOf = ({ sandbox: { asked, source, confinedBy } }: RunPlan): string =>
  `${asked} (${source}): ${asked === "off" ? "agents and commands run unconfined" : confinedBy}`;

const networkOf = ({ network: { asked, source, allow } }: RunPlan): string => {
  if (asked === "open") return `open (${source})`;
  const others = allow.length === 0 ? "nothing else" : allow.join(", ");
  return `model (${source}): agents their model's hosts; and ${others}`;
};

function agentLines(agent: RunPlan["agents"][number], paint: Paint): string[] {
  const { worker, role, family, model, purpose, access, cwd, command, environment, projection } = agent;
  const places = agent.mayWrite.length === 0 ? "nothing but folders of this dispatch" : agent.mayWrite.join(", ");
  const rows = [
    ["purpose", `${purpose}, ${access}`],
    ["may write", places],
    ["kept by", agent.keptBy.join("; ")],
    ["model", `${model} (${family})`],
    ["expected", `${expectedOf(projection)}${agent.mayOvershoot ? overshoot : ""}`],
    ["in", cwd],
    ["command", command.map(shellWord).join(" ")],
    ["sees", environment.join(" ")],
  ];
  return [
    "",
    paint.strong(`${oneLine(worker)} as ${role}`),
    ...columns(rows.map((row) => row.map(oneLine))).map((line) => `  ${line}`),
  ];
}

const overshoot = "; says what it used when a turn is over, so one turn may go over the budget";

function expectedOf({ usd, tokens, from }: RunPlan["agents"][number]["projection"]): string {
  const cost = usd === null ? "no price known" : `$${usd.toFixed(2)}`;
  const source = from === 0 ? "default of the role" : `mean of its last ${from}`;
  return `${tokens} tokens, ${cost} (${source})`;
}

/** Each limit, with what is taken of it where that is something. */
function budgetOf({ budgetNow }: RunPlan): string {
  const parts = (["run", "task", "day"] as const).map((scope) => {
    const limits = budgetNow.filter((one) => one.scope === scope).map(limitText);
    return `${scope} ${limits.length === 0 ? "no limit" : limits.join(", ")}`;
  });
  return parts.join("; ");
}

function limitText({ unit, limit, used, held }: RunPlan["budgetNow"][number]): string {
  const amount = (value: number): string => (unit === "usd" ? `$${Number(value.toFixed(2))}` : `${value} tokens`);
  const taken = [...(used > 0 ? [`${amount(used)} used`] : []), ...(held > 0 ? [`${amount(held)} held`] : [])];
  return `${amount(limit)}${taken.length === 0 ? "" : ` (${taken.join(", ")})`}`;
}
