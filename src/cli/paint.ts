/** Colours for people. Off, every function gives its text back unchanged. */
export type Paint = {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
};

const plain = (text: string): string => text;
const coded =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`;

export const noPaint: Paint = { strong: plain, faint: plain, good: plain, bad: plain, warn: plain };

export const ansiPaint: Paint = {
  strong: coded(1, 22),
  faint: coded(2, 22),
  good: coded(32, 39),
  bad: coded(31, 39),
  warn: coded(33, 39),
};
