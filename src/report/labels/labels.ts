/** Catalogues by language, and headings: the English keyword always, its translation in parentheses. */
import { en, type HeadingKey, type Labels } from "./en.ts";
import { ko } from "./ko.ts";

export type { HeadingKey, Labels } from "./en.ts";

export const catalogues: Readonly<Record<Labels["language"], Labels>> = { en, ko };

export const headingOf = (labels: Labels, key: HeadingKey): string =>
  labels.language === "en" ? en.headings[key] : `${en.headings[key]} (${labels.headings[key]})`;

/** The translation of a value that may be of a later version; then the word itself. */
export const wordOf = (words: Readonly<Record<string, string>>, key: string): string =>
  Object.hasOwn(words, key) ? (words[key] ?? key) : key;
