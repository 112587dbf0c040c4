/** Every command there is, in the order of the help. What a command may do lies behind a lazy import in its own file. */
import type { Command } from "../command.ts";
import { accept } from "./accept.ts";
import { answer } from "./answer.ts";
import { approve } from "./approve.ts";
import { cancel } from "./cancel.ts";
import { demo } from "./demo.ts";
import { doctor } from "./doctor.ts";
import { fixcycle } from "./fixcycle.ts";
import { followups } from "./followups.ts";
import { go } from "./go.ts";
import { handoff } from "./handoff.ts";
import { implement } from "./implement.ts";
import { init } from "./init.ts";
import { inspect } from "./inspect.ts";
import { integrate } from "./integrate.ts";
import { list } from "./list.ts";
import { logs } from "./logs.ts";
import { override } from "./override.ts";
import { paths } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { reconcile } from "./reconcile.ts";
import { reindex } from "./reindex.ts";
import { reject } from "./reject.ts";
import { report } from "./report.ts";
import { rerun } from "./rerun.ts";
import { resume } from "./resume.ts";
import { run } from "./run.ts";
import { show } from "./show.ts";
import { status } from "./status.ts";
import { validate } from "./validate.ts";
import { version } from "./version.ts";
import { wait } from "./wait.ts";
import { worktree } from "./worktree.ts";

export const commands: readonly Command<unknown>[] = [
  demo,
  init,
  run,
  go,
  prepare,
  implement,
  followups,
  answer,
  approve,
  reject,
  accept,
  override,
  integrate,
  handoff,
  fixcycle,
  status,
  list,
  show,
  logs,
  inspect,
  worktree,
  report,
  resume,
  cancel,
  wait,
  rerun,
  validate,
  doctor,
  reconcile,
  reindex,
  paths,
  version,
];

/** The command of a name or alias. */
export const commandOf = (name: string): Command<unknown> | undefined =>
  commands.find((command) => command.name === name || command.aliases?.includes(name));
