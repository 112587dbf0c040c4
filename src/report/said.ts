/**
 * What the engine says in a report's data, in the report's language. The data says it in English whatever the language is, so that
 * programs and hashes do not depend on it; only what is shown is translated. Workers' own words stay as they are.
 */
import { koreanSaid } from "./labels/ko-said.ts";
import type { Report } from "./report.schema.ts";

/** The report as its reader sees it. */
export function inItsLanguage(report: Report): Report {
  if (report.language === "en") return report;
  const common = {
    sandbox: report.sandbox.split("; then ").map(said).join("; "),
    roster: report.roster.map((one) => ({ ...one, reason: one.reason === null ? null : afterCode(one.reason) })),
    timeline: report.timeline.map((one) => ({ ...one, outcome: afterCode(one.outcome) })),
    verdictCard: {
      ...report.verdictCard,
      finalConclusion: said(report.verdictCard.finalConclusion),
      nextStep: said(report.verdictCard.nextStep),
    },
    // Where nobody wrote it, each line is the engine's.
    summary: report.author === "okstra" ? report.summary.split("\n").map(said).join("\n") : said(report.summary),
    clarifications: report.clarifications.map((one) => ({
      ...one,
      question: said(one.question),
      why: said(one.why),
      expectedForm: said(one.expectedForm),
    })),
    evidence: report.evidence.map((one) => ({ ...one, checked: { ...one.checked, note: said(one.checked.note) } })),
    convergence: { ...report.convergence, skippedWorkers: whys(report.convergence.skippedWorkers) },
    limits: report.limits.map(said),
  };
  switch (report.taskType) {
    case "requirements-discovery":
    case "improvement-discovery": {
      const { discovery } = report;
      if (discovery === null) return { ...report, ...common };
      const routing = { ...discovery.routing, why: said(discovery.routing.why) };
      return { ...report, ...common, discovery: { ...discovery, routing } };
    }
    case "implementation-planning": {
      const { planBodyVerification: body } = report;
      const planBodyVerification = body === null ? null : { ...body, skippedWorkers: whys(body.skippedWorkers) };
      return { ...report, ...common, planBodyVerification };
    }
    case "implementation":
      return {
        ...report,
        ...common,
        tddEvidence: report.tddEvidence.map((one) => ({ ...one, note: said(one.note) })),
        checks: report.checks.map((one) => ({ ...one, message: said(one.message) })),
        discrepancies: report.discrepancies.map(said),
        integration: { ...report.integration, note: said(report.integration.note) },
      };
    case "final-verification":
      return {
        ...report,
        ...common,
        acceptanceBlockers: report.acceptanceBlockers.map(said),
        residualRisks: report.residualRisks.map(said),
      };
    case "release-handoff":
      return { ...report, ...common, action: said(report.action), conflictProbe: said(report.conflictProbe) };
    default:
      return { ...report, ...common };
  }
}

/** A sentence, or several with semicolons between them; what no pattern fits stays. */
export function said(text: string): string {
  const parts = text.split("; ");
  const each = parts.map(translated);
  if (each.every((part) => part !== undefined)) return each.join("; ");
  return translated(text) ?? parts.map((part, at) => each[at] ?? part).join("; ");
}

const whys = <T extends { readonly why: string }>(all: readonly T[]): T[] =>
  all.map((one) => ({ ...one, why: afterCode(one.why) }));

/** `idle: showed no progress ...`: the word before the colon is translated where it is shown. */
function afterCode(text: string): string {
  const [, code = "", rest = text] = /^([a-z-]+: )([\s\S]+)$/.exec(text) ?? [];
  return translated(text) ?? code + said(rest);
}

/** `own`: how many letters of it are no hole's. */
type Pattern = {
  readonly begins: string;
  readonly form: RegExp;
  readonly holes: readonly string[];
  readonly korean: string;
  readonly own: number;
};

let patterns: readonly Pattern[] | undefined;

/** Made when the first report needs them. Those that say most themselves come first. */
function patternsOf(): readonly Pattern[] {
  patterns ??= koreanSaid
    .map(([english, korean]) => {
      const words = english.split(/\{\w+\}/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      const holes = [...english.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
      const form = words.map((word, at) => word + (at < holes.length ? formOf(holes[at] ?? "") : "")).join("");
      return {
        begins: english.split("{")[0] ?? "",
        form: new RegExp(`^${form}$`),
        holes,
        korean,
        own: words.join("").length,
      };
    })
    .sort((a, b) => b.own - a.own);
  return patterns;
}

const formOf = (hole: string): string => (numbers.has(hole) ? "(\\d+)" : "([\\s\\S]+?)");
const numbers: ReadonlySet<string> = new Set(["count", "start", "end", "stage", "commits", "files"]);

function translated(text: string): string | undefined {
  for (const { begins, form, holes, korean } of patternsOf()) {
    if (!text.startsWith(begins)) continue;
    const found = form.exec(text);
    if (found === null) continue;
    const given = new Map(holes.map((name, at) => [name, found[at + 1] ?? ""]));
    // What stands in a hole may itself be something that the engine says.
    return korean.replace(/\{(\w+)\}/g, (_, name: string) => told(name, given.get(name) ?? ""));
  }
  return undefined;
}

/** Names of people, places and things stay. */
const told = (name: string, text: string): string =>
  name === "why" || name === "note" || name === "what" || name === "message" ? said(text) : text;
