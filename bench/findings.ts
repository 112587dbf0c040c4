/** Findings, verdicts and a report of wanted size, the same each time. */
import type { CheckedEvidence } from "../src/convergence/convergence.schema.ts";
import type { Reply, Round, Stated } from "../src/convergence/index.ts";
import type { Finding } from "../src/model/finding.schema.ts";
import { chance } from "./numbers.ts";

const families = ["anthropic", "openai", "google", "anthropic", "openai"];
export const workers = families.map((family, at) => ({
  worker: `worker-${at}`,
  family,
  status: "completed",
  reason: null,
}));
const subjects = "token session price cart invoice refund parser cache lock retry header cookie stage branch".split(
  " ",
);
const faults =
  "is never checked,is dropped on a retry,is rounded twice,outlives its owner,is read before it is written".split(",");
const severities: readonly Finding["severity"][] = ["blocker", "major", "minor", "nit"];
const states: readonly CheckedEvidence["state"][] = ["held", "held", "held", "corrected", "refuted"];

const pick = <T>(from: readonly T[], at: number): T => {
  const found = from[at % from.length];
  if (found === undefined) throw new Error("nothing to pick from");
  return found;
};

/** So many findings of five workers; about a third say of the same place what another says. */
export function findings(count: number): Stated[] {
  const random = chance(11);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  return Array.from({ length: count }, (_, at) => {
    const { worker, family } = pick(workers, at);
    const place = upTo(Math.ceil(count * 0.6));
    const start = 1 + ((place * 37) % 900) + upTo(3);
    const path = `src/${pick(subjects, place)}/${pick(subjects, place * 7)}-${place % 40}.ts`;
    const claim = `The ${pick(subjects, place * 3)} of the ${pick(subjects, place)} ${pick(faults, place)}, so the ${pick(subjects, place * 5)} of line ${start} is wrong`;
    const piece = {
      kind: "file",
      path,
      lines: { start, end: start + 4 },
      quote: `const ${pick(subjects, place)} = read();`,
    } as const;
    const finding: Finding = {
      id: `F${at}`,
      title: `${pick(subjects, place)} ${pick(faults, place)}`,
      claim,
      severity: pick(severities, upTo(4)),
      category: "correctness",
      evidence: [piece],
    };
    return {
      worker,
      family,
      finding,
      evidence: [{ evidence: piece, state: pick(states, upTo(5)), note: "", lines: null }],
    };
  });
}

/** How the workers answer a round. */
export function replies({ round, asked }: Round): Reply[] {
  return Object.entries(asked).map(([worker, items]) => {
    const family = workers.find((one) => one.worker === worker)?.family ?? "";
    const verdicts = items.map((item, at) => {
      const verdict = pick(["AGREE", "DISAGREE", "AGREE", "SUPPLEMENT"] as const, at + round + worker.length);
      return { item, verdict, reason: `round ${round}: looked at the lines`, evidence: [] };
    });
    return { worker, family, status: "completed", verdicts };
  });
}

/** The same in another order. */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const random = chance(seed);
  return values
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
