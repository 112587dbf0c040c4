/** For tests: findings, evidence, replies, and generators of whole convergence runs. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import type { Finding } from "../model/finding.schema.ts";
import type { CheckedEvidence, ConvergenceConfig, ConvergenceState, Member } from "./convergence.schema.ts";
import { groupFindings, type Stated } from "./group.ts";
import { type Analyser, closeRound, nextRound, openConvergence, type Reply, type Round } from "./rounds.ts";

type State = CheckedEvidence["state"];

export const fileAt = (path: string, start: number, end: number, state: State = "held"): CheckedEvidence => ({
  evidence: { kind: "file", path, lines: { start, end }, quote: "const answer = 42;" },
  state,
  note: "",
  lines: null,
});

export const searchFor = (pattern: string, state: State): CheckedEvidence => ({
  evidence: { kind: "absence", search: { pattern, mode: "fixed", paths: [] } },
  state,
  note: "",
  lines: null,
});

export function statedBy(
  worker: string,
  family: string,
  change: Partial<Finding> & { checked?: CheckedEvidence[] } = {},
): Stated {
  const { checked = [fileAt("src/a.ts", 10, 20)], ...rest } = change;
  const finding: Finding = {
    id: `${worker}-F1`,
    title: "Expired tokens are accepted",
    claim: "isValid compares issuedAt only, so an expired token is accepted",
    severity: "major",
    category: "bug",
    evidence: checked.map((piece) => piece.evidence),
    ...rest,
  };
  return { worker, family, finding, evidence: checked };
}

export const memberOf = ({ worker, family, finding, evidence }: Stated): Member => ({
  worker,
  family,
  finding: finding.id,
  title: finding.title,
  claim: finding.claim,
  severity: finding.severity,
  evidence: [...evidence],
});

export const configOf = (change: Partial<ConvergenceConfig> = {}): ConvergenceConfig => ({
  enabled: true,
  maxRounds: 2,
  verificationMode: "lightweight",
  adversarial: false,
  severityFloor: "minor",
  ...change,
});

export const analyser = (worker: string, family: string, status = "completed"): Analyser => ({
  worker,
  family,
  status,
  reason: status === "completed" ? null : "it died",
});

/** A whole run as data: who is rostered, what was found, and how each worker will answer. */
export type Case = {
  readonly config: ConvergenceConfig;
  readonly workers: readonly Analyser[];
  readonly stated: readonly Stated[];
  /** Chance, made the same by what it is asked about. */
  readonly salt: number;
};

const families = ["anthropic", "openai", "google"];
const evidenceStates: readonly State[] = ["held", "corrected", "refuted", "unpinned", "unchecked"];
const claims = [
  "the cache is never emptied after a write",
  "the parser drops the last line of input",
  "an expired token is accepted as valid",
];

const pieces = fc.oneof(
  fc
    .tuple(fc.constantFrom("src/a.ts", "src/b.ts"), fc.integer({ min: 1, max: 30 }), fc.constantFrom(...evidenceStates))
    .map(([path, start, state]) => fileAt(path, start, start + 5, state)),
  fc
    .tuple(fc.constantFrom("x", "y"), fc.constantFrom(...evidenceStates))
    .map(([pattern, state]) => searchFor(pattern, state)),
);

export const cases = (least = 0): fc.Arbitrary<Case> =>
  fc.array(fc.record({ family: fc.nat(2), dies: fc.nat(5) }), { minLength: least, maxLength: 5 }).chain((roster) => {
    const workers = roster.map(({ family, dies }, at) =>
      analyser(`w${at}`, families[family] ?? "", dies === 0 ? "timeout" : "completed"),
    );
    const answered = workers.filter((one) => one.status === "completed");
    const finding = fc.record({
      at: fc.nat(),
      claim: fc.constantFrom(...claims),
      severity: fc.constantFrom("blocker", "major", "minor", "nit"),
      checked: fc.array(pieces, { maxLength: 3 }),
    });
    const config = fc.record({
      enabled: fc.nat(9).map((n) => n > 0),
      maxRounds: fc.constantFrom(1, 2, 3),
      severityFloor: fc.constantFrom("minor", "nit"),
    });
    return fc.record({
      config: config.map((one) => configOf(one as Partial<ConvergenceConfig>)),
      workers: fc.constant(workers),
      stated: fc.array(finding, { maxLength: answered.length === 0 ? 0 : 12 }).map((all) =>
        all.map(({ at, claim, severity, checked }, index) => {
          const { worker, family } = answered[at % answered.length] ?? analyser("w0", "");
          return statedBy(worker, family, {
            id: `F${index}`,
            title: claim.slice(0, 20),
            claim,
            severity: severity as Finding["severity"],
            checked,
          });
        }),
      ),
      salt: fc.nat(),
    });
  });

const chance = (...of: readonly unknown[]): number =>
  createHash("sha256").update(JSON.stringify(of)).digest().readUInt16BE(0);

/** How the workers of a case answer a round. */
export const repliesOf = ({ workers, salt }: Case, { round, asked }: Round): Reply[] =>
  Object.entries(asked).map(([worker, items]) => {
    const own = workers.find((one) => one.worker === worker);
    const family = own?.family ?? "";
    if (chance(salt, worker, round) % 6 === 0)
      return { worker, family, status: "timeout", verdicts: [], why: "went silent" };
    const verdicts = items
      .filter((item) => chance(salt, worker, round, item, "omitted") % 10 > 0)
      .map((item) => {
        const roll = chance(salt, worker, round, item) % 5;
        const state = evidenceStates[chance(salt, worker, round, item, "state") % 5] ?? "held";
        const evidence = roll % 2 === 0 ? [fileAt("src/c.ts", 1, 2, state)] : [];
        return {
          item,
          verdict: roll < 2 ? ("AGREE" as const) : roll < 4 ? ("DISAGREE" as const) : ("SUPPLEMENT" as const),
          reason: `r${round}`,
          evidence,
        };
      });
    return { worker, family, status: "completed", verdicts };
  });

/** Every state of a case from its opening to its end. */
export function play(
  one: Case,
  replies: (round: Round) => Reply[] = (round) => repliesOf(one, round),
): ConvergenceState[] {
  const states = [openConvergence(one.config, one.workers, groupFindings(one.stated))];
  for (;;) {
    const state = states[states.length - 1];
    const round = state === undefined ? undefined : nextRound(state);
    if (state === undefined || round === undefined) return states;
    states.push(closeRound(state, round, replies(round)));
  }
}
