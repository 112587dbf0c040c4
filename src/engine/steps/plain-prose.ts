/**
 * What stands in a report when nobody writes it (`--no-prose`): the deliverable put together from the run's state. Plainer than a
 * writer's, and no fact is missing. A plan cannot be made so: its stages are a writer's work, and prepare refuses that.
 */
import type { Item, ItemClass } from "../../convergence/convergence.schema.ts";
import { segment } from "../../lifecycle/index.ts";
import type { DiscoveryProse, FollowUp } from "../../report/report.schema.ts";
import type { Run } from "../run.ts";
import type { Prose, WriteAsk } from "./write.ts";

export function plainProse(run: Run, of: WriteAsk): Prose {
  const items = (of.state?.items ?? []).filter(({ class: itemClass }) => !fallen.has(itemClass));
  const common = {
    schemaVersion: 1 as const,
    summary: summaryOf(run, items, of),
    direction: items[0] === undefined ? "" : line(items[0].title),
    followUps: [],
  };
  switch (run.profile.proseSchema) {
    case "analysis-prose":
      return { ...common, ...analysis(items, of) };
    case "discovery-prose":
      return { ...common, ...discovery(run, items, of) };
    case "verification-prose":
      return { ...common, residualRisks: items.map(({ id, title }) => line(`${id} ${title}`)) };
    case "handoff-prose":
      return { ...common, message: run.task.title, body: of.facts ?? "", ...of.plain };
    default:
      return common;
  }
}

const fallen: ReadonlySet<ItemClass> = new Set(["refuted", "unsubstantiated"]);
const likelihood = (itemClass: ItemClass): "high" | "medium" | "low" =>
  itemClass === "full-consensus" ? "high" : itemClass === "partial-consensus" ? "medium" : "low";

/** Fields of one line take so many characters. */
const line = (text: string): string => text.replace(/\s+/g, " ").trim().slice(0, 2_000);

function summaryOf(run: Run, items: readonly Item[], { facts }: WriteAsk): string {
  const counted = `${items.length} item${items.length === 1 ? "" : "s"} stand${items.length === 1 ? "s" : ""}.`;
  const listed = items.map(({ id, severity, title }) => `- ${id} (${severity}) ${title}`);
  const parts = [
    run.profile.proseSchema === "implementation-prose" || items.length + listed.length === 0
      ? []
      : [counted, "", ...listed],
    facts === undefined ? [] : [facts],
  ];
  const text = parts
    .map((lines) => lines.join("\n"))
    .filter((part) => part !== "")
    .join("\n\n");
  return (text === "" ? `${run.task.title}: nothing was found.` : text).slice(0, 50_000);
}

function analysis(items: readonly Item[], { voices }: WriteAsk) {
  const proposals = voices.flatMap(({ answer }) => (answer.value === null ? [] : [answer.value.proposal]));
  return {
    symptoms: items.slice(0, 50).map(({ id, title }) => line(`${id} ${title}`)),
    triggers: [],
    hypotheses: items
      .slice(0, 50)
      .map((item) => ({ text: line(item.claim), items: [item.id], likelihood: likelihood(item.class) })),
    reproduction: "",
    validationPath: proposals
      .filter((text) => text.trim() !== "")
      .join("\n\n")
      .slice(0, 50_000),
  };
}

type Shared = "schemaVersion" | "summary" | "direction" | "followUps";

/** Each item is a candidate of a search for improvements; a request goes the first way that its phase leads to. */
function discovery(run: Run, items: readonly Item[], { voices }: WriteAsk): Omit<DiscoveryProse, Shared> {
  const taskType = run.profile.next[0] ?? "implementation-planning";
  const seen = new Set<string>();
  const candidates = items.slice(0, 50).map((item): FollowUp & { items: string[] } => {
    const id = segment(item.title)
      .slice(0, 40)
      .replace(/[-.]+$/, "");
    const suggestedId = id === "" || seen.has(id) ? item.id.toLowerCase() : id;
    seen.add(suggestedId);
    return { title: item.title.slice(0, 200), taskType, why: line(item.claim), suggestedId, items: [item.id] };
  });
  const asked = voices.flatMap(({ answer }) => (answer.value?.questions ?? []).map(({ question }) => line(question)));
  return {
    category: run.task.category,
    routing: { taskType, why: "the usual next phase: nobody was asked to route (--no-prose)" },
    missingInputs: [...new Set(asked)].slice(0, 100),
    fanOut: run.ref.taskType === "improvement-discovery" ? candidates : [],
  };
}
