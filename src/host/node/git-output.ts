/** What git prints, cut into its parts. Names that are not UTF-8 come out with replacement characters. */

export const lines = (bytes: Buffer): string[] =>
  bytes
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");

/** Parts ended by NUL. */
export const parts = (bytes: Buffer): string[] =>
  bytes
    .toString("utf8")
    .split("\0")
    .filter((part) => part !== "");
