/** The prompt of a dispatch from typed values. The same values give the same bytes: a resumed run asks the same question. */
import type { Item } from "../convergence/convergence.schema.ts";
import type { Host } from "../host/index.ts";
import type { Clarification } from "../lifecycle/task.schema.ts";
import type { TaskType } from "../model/index.ts";
import { oneLine } from "../report/index.ts";
import type { CommandRun, MechanicalCheck } from "../report/report.schema.ts";
import type { Stage } from "../stages/stage-map.schema.ts";
import { contextCost } from "./context-cost.ts";
import { type Cut, fillPrompt, type Value, type Values } from "./fill.ts";
import { loadPath, loadTemplate, type Role } from "./load.ts";
import {
  asJson,
  carriesText,
  checksText,
  clarificationsText,
  commandsText,
  type DiffRange,
  diffText,
  type Inheritance,
  itemsText,
  named,
  type OpenItem,
  type Sourced,
  setIn,
} from "./material.ts";
import { readSchema, schemaIdOf, schemaText } from "./schema.ts";

/** What every worker of a run is told. */
export type PromptSubject = {
  readonly taskKey: string;
  readonly taskType: TaskType;
  readonly title: string;
  readonly language: "en" | "ko";
  readonly brief: Sourced;
  readonly directive: string | null;
  readonly clarifications: readonly Clarification[];
  /** The one file a worker reads (packet.ts). */
  readonly packetPath: string;
  /** Null where there is no git repository. */
  readonly reviewedCommit: string | null;
};

export type Requirement = { readonly id: string; readonly text: string; readonly stages: readonly number[] };

export type PromptPurpose =
  | {
      readonly purpose: "blind";
      /** Names of the project's QA commands, for evidence of kind `check`. */
      readonly qaNames: readonly string[];
      /** Final verification only, and there always. */
      readonly delivered?: {
        readonly scope: string;
        readonly diff: DiffRange;
        readonly requirements: readonly Requirement[];
        readonly commands: readonly CommandRun[];
      };
      /** A critic only, and there always: what the analysers came to. */
      readonly found?: readonly Item[];
    }
  /** Findings of which code cannot tell whether they are one; who stated them is not said. */
  | { readonly purpose: "group"; readonly pairs: readonly AskedPair[] }
  | {
      readonly purpose: "round";
      readonly round: number;
      /** `plain`: judge by the evidence; `full`: look into the matter anew; `adversarial`: the same, and try to refute it. */
      readonly stance: "plain" | "full" | "adversarial";
      readonly items: readonly Item[];
      readonly qaNames: readonly string[];
      /** Where all items lie when they are too long for the prompt. */
      readonly itemsPath: string | null;
    }
  | {
      readonly purpose: "plan-check";
      readonly planItems: readonly { readonly id: string; readonly text: string }[];
      readonly planPath: string | null;
      readonly qaNames: readonly string[];
    }
  | ({
      readonly purpose: "execute";
      readonly carries: readonly Inheritance[];
      readonly base: string;
      /** Commits that an earlier attempt left on the branch, newest last. */
      readonly earlierCommits: readonly string[];
    } & StageWork)
  | ({
      readonly purpose: "fix";
      readonly round: number;
      readonly head: string;
      readonly openItems: readonly OpenItem[];
    } & StageWork)
  | ({
      readonly purpose: "merge";
      /** Files that do not merge. */
      readonly files: readonly string[];
      readonly taskHead: string;
      readonly stageHead: string;
    } & StageWork)
  | {
      readonly purpose: "verify";
      readonly round: number;
      readonly stage: Stage;
      /** Round 1: the whole stage. Later: what changed since the round before. */
      readonly diff: DiffRange;
      readonly checks: readonly MechanicalCheck[];
      readonly commands: readonly CommandRun[];
      readonly openItems: readonly OpenItem[];
      readonly qaNames: readonly string[];
      /** Review rules of the project, beside those that ship with okstra. */
      readonly extraRules: string | null;
    }
  /** `facts`: everything the writer may use, as JSON of the engine. */
  | { readonly purpose: "write"; readonly facts: Sourced };

export type AskedPair = {
  readonly pair: string;
  readonly choices: readonly string[];
  readonly a: AskedSide;
  readonly b: AskedSide;
};
type AskedSide = { readonly title: string; readonly claim: string; readonly place: string | null };

type StageWork = {
  readonly stage: Stage;
  readonly branch: string;
  /** Folder outside the worktree; `qa-out/` in it takes checks with real IO. */
  readonly scratch: string;
  readonly qaNames: readonly string[];
};

export type PromptAsk = PromptSubject & { readonly worker: string; readonly role: Role } & PromptPurpose;

export type Prompt = {
  readonly text: string;
  /** The template below `prompts/`. */
  readonly template: string;
  readonly schemaId: string;
  /** The schema of the result, as a value, for agents that enforce one. */
  readonly schema: unknown;
  readonly cuts: readonly Cut[];
  readonly tokens: number;
};

/** Builds the prompt. Throws `prompt-gap` when template, values and package do not fit. */
export async function promptFor(host: Host, packageRoot: string, ask: PromptAsk): Promise<Prompt> {
  const template = await loadTemplate(host, packageRoot, ask);
  const schemaId = schemaIdOf(ask);
  const schema = await readSchema(host, packageRoot, schemaId);
  const stance = ask.purpose === "round" ? await stanceText(host, packageRoot, ask.stance) : {};
  const common = { ...subjectValues(ask), worker: word(ask.worker), schema: own(schemaText(schema)) };
  const { text, cuts } = fillPrompt(template, { ...common, ...stance, ...purposeValues(ask) });
  return { text, template: template.path, schemaId, schema, cuts, tokens: contextCost(text) };
}

export const own = (text: string): Value => ({ own: text });
const word = (text: string): Value => ({ word: text });
/** Text of others, or "None." */
export const data = (text: string, whole: string | null): Value =>
  text.trim() === "" ? own("None.") : { data: text, whole };

const languages = { en: "English", ko: "Korean" } as const;

/** The holes of prompts/shared/task.md, which every prompt begins with. */
export const subjectValues = (subject: PromptSubject) =>
  ({
    taskKey: word(subject.taskKey),
    taskType: own(subject.taskType),
    title: { quoted: subject.title.trim() === "" ? subject.taskKey : subject.title },
    language: own(languages[subject.language]),
    brief: data(subject.brief.text, subject.brief.path),
    directive: data(subject.directive ?? "", subject.packetPath),
    clarifications: data(clarificationsText(subject.clarifications), subject.packetPath),
    packet: word(subject.packetPath),
    reviewedCommit: own(subject.reviewedCommit ?? "none, this is not a git repository"),
  }) satisfies Values;

async function stanceText(host: Host, packageRoot: string, stance: string): Promise<Values> {
  const { text } = await loadPath(host, packageRoot, `shared/stance-${stance}`);
  return { stance: own(text.trim()) };
}

const qaText = (names: readonly string[]): Value =>
  own(names.length === 0 ? "none is configured" : names.map((name) => `\`${name}\``).join(", "));

function purposeValues(ask: PromptAsk): Values {
  switch (ask.purpose) {
    case "blind":
      return {
        qaNames: qaText(ask.qaNames),
        ...(ask.delivered === undefined ? {} : deliveredValues(ask.delivered, ask.packetPath)),
        ...(ask.found === undefined ? {} : { items: data(itemsText(ask.found), null) }),
      };
    case "group":
      return { pairs: data(asJson(ask.pairs), null) };
    case "round":
      return {
        round: own(String(ask.round)),
        items: data(itemsText(ask.items), ask.itemsPath),
        qaNames: qaText(ask.qaNames),
      };
    case "plan-check":
      return { planItems: data(asJson(ask.planItems), ask.planPath), qaNames: qaText(ask.qaNames) };
    case "execute":
      return {
        ...stageValues(ask, ask.packetPath),
        base: own(ask.base),
        carries: data(ask.carries.length === 0 ? "" : carriesText(ask.carries), null),
        earlierCommits: data(ask.earlierCommits.map(oneLine).join("\n"), null),
      };
    case "fix":
      return {
        ...stageValues(ask, ask.packetPath),
        round: own(String(ask.round)),
        head: own(ask.head),
        openItems: data(asJson(ask.openItems), null),
      };
    case "merge":
      return {
        ...stageValues(ask, ask.packetPath),
        files: data(ask.files.map(named).join("\n"), null),
        taskHead: own(ask.taskHead),
        stageHead: own(ask.stageHead),
      };
    case "verify":
      return {
        stage: data(asJson(ask.stage), ask.packetPath),
        round: own(String(ask.round)),
        ...diffValues(ask.diff),
        checks: data(checksText(ask.checks), null),
        commands: data(commandsText(ask.commands), null),
        openItems: data(ask.openItems.length === 0 ? "" : asJson(ask.openItems), null),
        qaNames: qaText(ask.qaNames),
        extraRules: data(ask.extraRules ?? "", null),
      };
    case "write":
      return { facts: data(ask.facts.text, ask.facts.path) };
  }
}

const stageValues = ({ stage, branch, scratch, qaNames }: StageWork, whole: string): Values => ({
  stage: data(asJson(stage), whole),
  branch: word(branch),
  scratch: word(scratch),
  qaNames: qaText(qaNames),
});

const diffValues = (diff: DiffRange): Values => ({
  diff: data(diffText(diff), null),
  patch: data(diff.patch?.text ?? "", diff.patch?.path ?? null),
});

type Delivered = NonNullable<Extract<PromptPurpose, { purpose: "blind" }>["delivered"]>;

const deliveredValues = ({ scope, diff, requirements, commands }: Delivered, whole: string): Values => ({
  scope: word(scope),
  ...diffValues(diff),
  requirements: data(
    requirements
      .map(({ id, text, stages }) => `${oneLine(id)} (stages ${stages.join(", ") || "none"}): ${setIn(text)}`)
      .join("\n"),
    whole,
  ),
  commands: data(commandsText(commands), null),
});
