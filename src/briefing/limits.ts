/** How much text of others each hole takes, in characters. What is over is cut, with a note where all of it lies. */
const limits: Readonly<Record<string, number>> = {
  brief: 24_000,
  carries: 16_000,
  checks: 12_000,
  clarifications: 16_000,
  commands: 12_000,
  diff: 16_000,
  directive: 4_000,
  earlierCommits: 8_000,
  expectations: 24_000,
  extraRules: 8_000,
  facts: 200_000,
  files: 16_000,
  items: 80_000,
  known: 32_000,
  openItems: 32_000,
  outcomes: 60_000,
  pairs: 80_000,
  patch: 120_000,
  planItems: 100_000,
  problems: 6_000,
  requirements: 24_000,
  stage: 40_000,
  title: 300,
};

/** A file that a worker reads in parts is where cut text lies whole. */
export const uncut = (hole: string): number => (hasLimit(hole) ? Number.POSITIVE_INFINITY : limitOf(hole));

/** Words and lines without a row of their own are short; blocks need a row. */
export const limitOf = (hole: string): number => limits[hole] ?? 1_000;
export const hasLimit = (hole: string): boolean => Object.hasOwn(limits, hole);
