/**
 * The worlds of the simulation: what workers see, invent, quote and say, as chances. Where a published number exists it is named;
 * the rest is assumed, and the worlds vary it.
 *
 *   detects   0.34 to 0.64 for one model on confirmed defects, about 0.5 for most, and more than half of the defects found by
 *             one model only ("A Single LLM Is an Incomplete Code Reviewer", preprint, 2026, doi 10.5281/zenodo.20519585)
 *   across    two models that both err give the same wrong answer about 60 % of the time (Kim et al., "Correlated Errors in
 *             Large Language Models", 2025); errors of three vendors' models correlate by 0.77 in forecasting (Spiro, arXiv
 *             2605.00844, 2026), which the world "shared blind spots" takes
 *   invents   tools review with low precision (SWR-Bench, arXiv 2509.01494, 2025); here a lone worker's is about 0.7
 *   quotes, agrees, refutes, sways   assumed: no measurement is known to us
 */
export type World = {
  readonly name: string;
  readonly what: string;
  /** The family of each worker. */
  readonly families: readonly string[];
  /** Faults in a task, and wrong claims that somebody might make of it. */
  readonly faults: number;
  readonly wrong: number;
  /** Chance that a worker states a given fault, or a given wrong claim. */
  readonly detects: number;
  readonly invents: number;
  /** Correlation of workers of one family and of two, in what they state and in what they say when asked. */
  readonly within: number;
  readonly across: number;
  /** Chance that the evidence of a statement holds. */
  readonly quotes: { readonly fault: number; readonly wrong: number };
  /** Chance that a worker who is asked agrees. */
  readonly agrees: { readonly fault: number; readonly wrong: number };
  /** Chance that a disagreement comes with evidence that holds. */
  readonly refutes: { readonly fault: number; readonly wrong: number };
  /** In a later round: chance that a wrong verdict is mended, and that a right one is given up. */
  readonly sways: { readonly mended: number; readonly spoilt: number };
};

const middle: World = {
  name: "middle",
  what: "three workers of three families, everything in the middle",
  families: ["a", "b", "c"],
  faults: 10,
  wrong: 15,
  detects: 0.5,
  invents: 0.15,
  within: 0.7,
  across: 0.4,
  quotes: { fault: 0.95, wrong: 0.6 },
  agrees: { fault: 0.85, wrong: 0.35 },
  refutes: { fault: 0.15, wrong: 0.6 },
  sways: { mended: 0.3, spoilt: 0.05 },
};

export const worlds: readonly World[] = [
  middle,
  { ...middle, name: "two workers", what: "the default roster: two workers of two families", families: ["a", "b"] },
  { ...middle, name: "five workers", what: "five workers of three families", families: ["a", "a", "b", "b", "c"] },
  { ...middle, name: "one family", what: "three workers of one family", families: ["a", "a", "a"] },
  { ...middle, name: "shared blind spots", what: "families err alike (0.77)", within: 0.85, across: 0.77 },
  { ...middle, name: "independent", what: "families err independently", across: 0 },
  { ...middle, name: "stubborn", what: "nobody changes his mind in a second round", sways: { mended: 0, spoilt: 0 } },
  { ...middle, name: "weak eyes", what: "a worker states a third of the faults", detects: 0.34 },
  {
    ...middle,
    name: "eager to agree",
    what: "verifiers agree with most wrong claims",
    agrees: { fault: 0.95, wrong: 0.75 },
  },
  { ...middle, name: "hard to convince", what: "verifiers doubt many faults", agrees: { fault: 0.55, wrong: 0.2 } },
  {
    ...middle,
    name: "false refutations",
    what: "doubts of real faults often come with a quote that holds",
    agrees: { fault: 0.7, wrong: 0.35 },
    refutes: { fault: 0.6, wrong: 0.6 },
  },
  {
    ...middle,
    name: "careless quotes",
    what: "a third of the quotes of real faults do not stand",
    quotes: { fault: 0.67, wrong: 0.5 },
  },
  {
    ...middle,
    name: "good quotes of wrong claims",
    what: "checking quotes tells nothing",
    quotes: { fault: 0.95, wrong: 0.95 },
  },
];
