/** Findings of five workers grouped, verified in rounds and settled, in a fresh process as an engine would. */
import { createHash } from "node:crypto";
import type { ConvergenceState } from "../../src/convergence/convergence.schema.ts";
import {
  closeRound,
  finish,
  groupFindings,
  nextRound,
  openConvergence,
  type Stated,
} from "../../src/convergence/index.ts";
import { findings, replies, shuffled, workers } from "../findings.ts";

/** `first` milliseconds in a fresh process, `warm` of later times; `same`: the same bytes from every order. */
export type Converged = {
  readonly first: number;
  readonly warm: number;
  readonly same: boolean;
  readonly items: number;
};

const { count } = JSON.parse(process.argv[2] ?? "") as { count: number };
const stated = findings(count);
const config = {
  enabled: true,
  maxRounds: 3,
  verificationMode: "full-reanalysis",
  adversarial: false,
  severityFloor: "minor",
} as const;

const first = timed(stated);
let warm = first;
const sums = new Set([sum(first.state)]);
for (let seed = 1; seed <= 10; seed += 1) {
  warm = timed(shuffled(stated, seed));
  sums.add(sum(warm.state));
}
const items = first.state.items.length;
process.stdout.write(
  JSON.stringify({ first: first.ms, warm: warm.ms, same: sums.size === 1, items } satisfies Converged),
);

function timed(of: readonly Stated[]): { ms: number; state: ConvergenceState } {
  const begun = performance.now();
  let state = openConvergence(config, workers, groupFindings(of));
  for (let round = nextRound(state); round !== undefined; round = nextRound(state)) {
    state = closeRound(state, round, replies(round));
  }
  return { state: finish(state), ms: performance.now() - begun };
}

function sum(state: ConvergenceState): string {
  return createHash("sha256").update(JSON.stringify(state)).digest("hex");
}
