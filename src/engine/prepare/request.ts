/** What a caller may ask of prepare. Every face (terminal, wizard, MCP, dashboard) fills this and nothing else. */
import type { HandoffChoice, IntegrateChoice } from "../../lifecycle/task.schema.ts";
import type { Category, TaskKey, TaskType } from "../../model/index.ts";
import type { Settings } from "../../settings/index.ts";

export type Sandbox = Settings["sandbox"];
export type Network = Settings["network"]["mode"];

export type RunRequest = {
  /** Where the caller stands; the project is found from here unless the key names another registered one. */
  readonly cwd: string;
  readonly key: TaskKey;
  readonly taskType: TaskType;
  /** Path of the brief, relative to cwd; null reuses the task's. */
  readonly brief: string | null;
  readonly title: string | null;
  readonly category: Category | null;
  readonly branch: string | null;
  readonly baseRef: string | null;
  readonly stage: number | "auto" | null;
  readonly workers: readonly string[] | null;
  readonly executor: string | null;
  /** `scripted:FILE` makes every role play from that scenario. */
  readonly agents: string | null;
  /** Looks for what nobody reported, or argues against acceptance; null is what the settings say. */
  readonly critic: string | null;
  readonly directive: string | null;
  readonly maxRounds: number | null;
  readonly allowSingle: boolean;
  /** No report writer is asked: the report is put together from the run's state. */
  readonly noProse: boolean;
  /** `yes`: in a fix cycle, which is opened where none is open, for the reason that the directive gives; `no`: in none. */
  readonly fixCycle: "yes" | "no" | null;
  /** Model by worker or role, passed through unchecked where the value starts with "=". */
  readonly models: Readonly<Record<string, string>>;
  /** How agents and commands are confined; null: as the settings say. */
  readonly sandbox: Sandbox | null;
  readonly network: Network | null;
  /** What a person chose for the hand-off; null for every other task type. */
  readonly handoff: HandoffChoice | null;
  /** Path of a file with a person's answers, relative to cwd. */
  readonly clarificationResponse: string | null;
  /** Limits of this run instead of what the settings say; null where they hold. */
  readonly budget: { readonly usd: number | null; readonly tokens: number | null };
  /** Set where a done stage is to be merged, not built. */
  readonly integrate: IntegrateChoice | null;
  /** The face that asks: `cli`, `demo`, `mcp` ... */
  readonly via: string;
};

export const plainRequest = (cwd: string, key: TaskKey, taskType: TaskType): RunRequest => ({
  cwd,
  key,
  taskType,
  brief: null,
  title: null,
  category: null,
  branch: null,
  baseRef: null,
  stage: null,
  workers: null,
  executor: null,
  agents: null,
  critic: null,
  directive: null,
  maxRounds: null,
  allowSingle: false,
  noProse: false,
  fixCycle: null,
  models: {},
  sandbox: null,
  network: null,
  handoff: null,
  clarificationResponse: null,
  budget: { usd: null, tokens: null },
  integrate: null,
  via: "cli",
});
